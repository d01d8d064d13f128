"""Runs the real command line in a folder of its own: in a process of its own, or in this one."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from unittest.mock import patch

from bot import cli
from bot.telegram.failures import RedactTokens
from tests.forked import forked_command

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """What ``--json`` printed."""
        facts: dict[str, Any] = json.loads(self.out)
        return facts


class CommandLine:
    """``jiaoying`` on one database. A process takes a second to begin, so most tests call it here.

    :param folder: where it is run; the database is ``story.db`` in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("JIAOYING_")
        } | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "JIAOYING_DATABASE__URL": f"sqlite:///{folder / 'story.db'}",
            "JIAOYING_DATABASE__SYNCHRONOUS": "normal",
        }

    def run_process(self, *arguments: str | Path) -> CommandResult:
        """Run it in a process of its own and wait."""
        with (
            NamedTemporaryFile("r", encoding="utf-8") as out,
            NamedTemporaryFile("r", encoding="utf-8") as err,
        ):
            process = forked_command(
                [*map(str, arguments)],
                self.environment,
                folder=self.folder,
                out=out.name,
                err=err.name,
            )
            return CommandResult(process.wait(), out.read(), err.read())

    def run(self, *arguments: str | Path) -> CommandResult:
        """Run it in this process: the same words, output, exit code; a database of its own."""
        out, err = io.StringIO(), io.StringIO()
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            with (
                patch.dict(os.environ, self.environment, clear=True),
                patch.object(cli, "_log_to_stderr"),
                logged_to(err),
                redirect_stdout(out),
                redirect_stderr(err),
            ):
                code = cli.main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        finally:
            os.chdir(before)
        return CommandResult(code, out.getvalue(), err.getvalue())

    async def __call__(self, *arguments: str | Path) -> CommandResult:
        """``run``, beside a running bot."""
        return await asyncio.to_thread(self.run, *arguments)


@contextmanager
def logged_to(err: io.StringIO) -> Iterator[None]:
    """What this thread logs: the bot that runs beside it has a standard error of its own."""
    thread = threading.get_ident()
    handler = logging.StreamHandler(err)
    handler.addFilter(lambda record: record.thread == thread)
    handler.addFilter(RedactTokens())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
