"""Runs the real command line in a process of its own, in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds, of a busy machine


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
    """``jiaoying`` on one database.

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

    def run(self, *arguments: str | Path) -> CommandResult:
        """Run it and wait."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout, done.stderr)

    async def __call__(self, *arguments: str | Path) -> CommandResult:
        """The same beside a running bot."""
        return await asyncio.to_thread(self.run, *arguments)
