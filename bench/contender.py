"""Runs one side of a comparison in a fresh process, so that nothing left in memory counts."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import warnings
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from typing import Any


def alone(work: Callable[..., Awaitable[Any]], *arguments: Any, seconds: float = 600) -> Any:
    """What ``work`` (a coroutine function of a module) returns, run in a new process.

    :raises RuntimeError: when the process ended without an answer.
    """
    spawn = multiprocessing.get_context("spawn")
    receiving, sending = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_run, args=(sending, work, arguments), daemon=True)
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            raise RuntimeError(f"{work.__name__} takes too long")
        return receiving.recv()
    except EOFError:
        raise RuntimeError(f"{work.__name__} died") from None
    finally:
        receiving.close()
        process.kill()
        process.join()


def _run(sending: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    warnings.simplefilter("ignore")
    gc.collect()
    sending.send(asyncio.run(work(*arguments)))
    sending.close()
