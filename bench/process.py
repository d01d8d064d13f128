"""Starts ``jiaoying run`` in a process of its own, so that a benchmark can kill it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.sandbox.bot_api.server import TOKEN


def compiling_environ() -> dict[str, str]:
    """The environment, as an installation has it: what is imported has been compiled once."""
    return {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def settings_of(database: Path | str, url: str) -> dict[str, str]:
    """The settings of a bot on this database (a file, or a URL) against this server."""
    return {
        "JIAOYING_TELEGRAM__API_BASE_URL": url,
        "JIAOYING_TELEGRAM_TOKEN": TOKEN,
        "JIAOYING_DATABASE__URL": database
        if isinstance(database, str)
        else f"sqlite:///{database}",
        "JIAOYING_LOG__LEVEL": "ERROR",
    }


def bot_process(
    database: Path | str, url: str, *arguments: str, **environ: str
) -> subprocess.Popen[bytes]:
    """Start the real bot on this database (a file, or a URL) against this server."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "run", *arguments],
        env={**compiling_environ(), **settings_of(database, url), **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
