"""Starts ``jiaoying`` in processes forked from one that has imported everything already.

Importing is most of what a start costs, and a new file gets its tables as elsewhere in the tests
(``tests.schema_once``). Each is a process of its own all the same, with its own
exit code, folder and output, and can be killed; what a start itself needs is tested by processes
that begin from nothing (``bench.process``).
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from bench.process import settings_of
from bot import cli
from data import schema
from tests.schema_once import statements_file, upgrade_from
from tests.waiting import PATIENCE

Prepare = Callable[[], None] | None
"""Done in the process before it starts; can be pickled."""

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.forked_imports"])


class ForkedProcess:
    """One of them; as far as tests need it, what ``subprocess.Popen`` would be."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()

    def terminate(self) -> None:
        """As whoever stops a service does."""
        self._process.terminate()

    def wait(self, timeout: float = PATIENCE) -> int:
        """Its exit code.

        :raises subprocess.TimeoutExpired: when it goes on.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("jiaoying", timeout)
        return self._process.exitcode


def forked_command(
    arguments: list[str],
    environment: dict[str, str],
    *,
    folder: Path | None = None,
    out: str = os.devnull,
    err: str = os.devnull,
    prepare: Prepare = None,
) -> ForkedProcess:
    """``jiaoying`` with these arguments; ``out`` and ``err`` are files for what it prints.

    :param prepare: what is done in it first (of ``tests.failpoints``).
    """
    folder = folder or Path.cwd()
    process = _FORKS.Process(
        target=_run,
        args=(arguments, environment, str(folder), out, err, statements_file(), prepare),
        daemon=True,
    )
    process.start()
    return ForkedProcess(process)


def forked_bot(
    database: Path | str, url: str, *arguments: str, prepare: Prepare = None, **environ: str
) -> ForkedProcess:
    """As ``bench.process.bot_process``."""
    environment = {**os.environ, **settings_of(database, url), **environ}
    return forked_command(["run", *arguments], environment, prepare=prepare)


def _run(
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    out: str,
    err: str,
    tables: Path,
    prepare: Prepare,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), stream)
    for text in (sys.stdout, sys.stderr):
        text.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    if prepare is not None:
        prepare()
    with patch.object(schema, "_alembic_upgrade", partial(upgrade_from, tables)):
        sys.exit(cli.main(arguments))
