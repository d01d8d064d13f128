"""Starts the bot in processes forked from one that has imported everything already.

Importing is most of what a start costs. Each is a process of its own all the same, and can be
killed; what a start itself needs is tested by processes that begin from nothing
(``bench.process``).
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess

from bench.process import settings_of
from bot import cli

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.forked_imports"])


class ForkedBot:
    """One of them; as far as tests need it, what ``subprocess.Popen`` would be."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()

    def wait(self, timeout: float) -> int:
        """Its exit code.

        :raises TimeoutError: when it goes on.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError("it does not end")
        return self._process.exitcode


def forked_bot(database: str, url: str, *arguments: str, **environ: str) -> ForkedBot:
    """As ``bench.process.bot_process``."""
    environment = {**os.environ, **settings_of(database, url), **environ}
    process = _FORKS.Process(target=_run, args=(["run", *arguments], environment), daemon=True)
    process.start()
    return ForkedBot(process)


def _run(arguments: list[str], environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.exit(cli.main(arguments))
