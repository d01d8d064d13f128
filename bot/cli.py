"""The command line: ``jiaoying``. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import TextIO

from bot.console.grammar import Parser
from bot.telegram.failures import RedactTokens
from data.errors import ConfigError, JiaoyingError
from data.private_files import PRIVATE_UMASK

RARELY = (50_000, 20, 50)
"""Thresholds of the garbage collector: its defaults make a start a tenth longer."""

DEFAULT_CONFIG = Path("config.toml")


WRITTEN_IN = {
    "running": ("run", "sandbox"),
    "roster": ("import", "check", "sheets", "card"),
    "template": ("template",),
    "confirm": ("confirm",),
    "testcalls": ("testcall",),
    "alerts": ("release", "status", "report"),
    "responses": ("response",),
    "changes": ("update", "lift", "cancel"),
    "daily": ("daily",),
    "people": ("person",),
    "board_sessions": ("board",),
    "tokens": ("token",),
    "webhooks": ("webhook",),
    "sources": ("sources",),
    "patrol_results": ("patrol",),
    "tasks": ("tasks",),
    "store": ("db", "audit"),
    "upkeep": ("backup", "restore"),
}
"""The modules of ``bot.console`` and their commands, in the order of the help."""


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The grammar of the command line.

    :param command: only this one is to be understood: the others are not even imported, which
        takes a third of a second. The whole grammar where there is no such command.
    """
    whole: argparse.ArgumentParser = Parser(
        prog="jiaoying", description="叫应：预警必有回应 / a warning that must be answered"
    )
    whole.add_argument("--config", type=Path, help="配置文件 / config file (config.toml)")
    verbs = whole.add_subparsers(required=True, metavar="COMMAND")
    modules = [name for name, commands in WRITTEN_IN.items() if command in commands]
    for name in modules or WRITTEN_IN:
        import_module(f"bot.console.{name}").register(verbs)
    for verb in verbs.choices.values():
        # Also after the verb; the default must not overwrite one given before it.
        verb.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return whole


def command_of(words: Iterable[str]) -> str | None:
    """The command that is given: the first word that is no option, nor the file of ``--config``."""
    left = iter(words)
    for word in left:
        if word == "--config":
            next(left, None)
        elif not word.startswith("-"):
            return word
    return None


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run one command; returns the exit code.

    :raises SystemExit: with 2 when the usage is wrong (argparse).
    """
    # Hundreds of modules are imported from here on, and none of what they make is garbage.
    gc.disable()
    out = out or sys.stdout
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(command_of(words)).parse_args(words)
    before = os.umask(PRIVATE_UMASK)  # of reports, sheets, backups, copies too
    # A command may begin with what needs no settings while these, and the database, are loaded.
    begin = getattr(arguments, "begin", None)
    try:
        with begin(arguments) if begin else nullcontext() as arguments.begun:
            return _run(arguments, out)
    finally:
        os.umask(before)
        gc.enable()


def _run(arguments: argparse.Namespace, out: TextIO) -> int:
    # Here: half a second, which the grammar does not need.
    from bot.config.load import load
    from bot.config.private import refuse_open_files

    try:
        file = _config_file(arguments.config)
        settings = load(file, os.environ)
        refuse_open_files(file, settings)
        _log_to_stderr(settings.log.level)
        gc.set_threshold(*RARELY)
        gc.enable()
        code = arguments.func(arguments, settings, out)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except JiaoyingError as error:
        from bot.views.console_problems import console_problem

        said = (console_problem(error, language) for language in ("zh", "en"))
        print(*said, sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    return int(code)


def _config_file(path: Path | None) -> Path | None:
    given = path or (Path(name) if (name := os.environ.get("JIAOYING_CONFIG")) else None)
    if given is None and DEFAULT_CONFIG.exists():
        return DEFAULT_CONFIG
    return given


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(RedactTokens())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("apscheduler", "aiohttp.access", "alembic", "httpx", "telegram.ext"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
