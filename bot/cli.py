"""The command line: ``jiaoying``. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from bot.config.load import load
from bot.config.settings import Settings
from bot.console.grammar import Parser
from bot.telegram.failures import RedactTokens
from data.errors import ConfigError, JiaoyingError

RARELY = (50_000, 20, 50)
"""Thresholds of the garbage collector: its defaults make a start a tenth longer."""

DEFAULT_CONFIG = Path("config.toml")


def parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    from bot.console import alerts, people, roster, running, store, upkeep
    from bot.services.opening import open_upgraded

    whole: argparse.ArgumentParser = Parser(
        prog="jiaoying", description="叫应：预警必有回应 / a warning that must be answered"
    )
    whole.add_argument("--config", type=Path, help="配置文件 / config file (config.toml)")
    verbs = whole.add_subparsers(required=True, metavar="COMMAND")
    running.register(verbs)
    roster.register(verbs, open_upgraded)
    alerts.register(verbs)
    people.register(verbs)
    store.register(verbs)
    upkeep.register(verbs)
    for verb in verbs.choices.values():
        # Also after the verb; the default must not overwrite one given before it.
        verb.add_argument("--config", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return whole


def main(argv: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run one command; returns the exit code.

    :raises SystemExit: with 2 when the usage is wrong (argparse).
    """
    # Hundreds of modules are imported from here on, and none of what they make is garbage.
    gc.set_threshold(*RARELY)
    out = out or sys.stdout
    arguments = parser().parse_args(argv)
    try:
        settings = _settings(arguments.config)
        _log_to_stderr(settings.log.level)
        code = arguments.func(arguments, settings, out)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except JiaoyingError as error:
        from bot.views.problems import problem

        print(problem(error, "zh"), problem(error, "en"), sep="\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    return int(code)


def _settings(path: Path | None) -> Settings:
    given = path or (Path(name) if (name := os.environ.get("JIAOYING_CONFIG")) else None)
    if given is None and DEFAULT_CONFIG.exists():
        given = DEFAULT_CONFIG
    return load(given, os.environ)


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
