"""The verbs that run: ``run`` and ``sandbox``."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import gc
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TextIO

from bot.config.settings import Settings
from bot.console.board import beside, run_board
from bot.services.opening import open_upgraded
from bot.telegram import library
from data.database import sqlite_path
from data.errors import ConfigError


class AlreadyRunning(ConfigError):
    """Another process runs on the same SQLite file."""

    def __str__(self) -> str:
        return (
            "已有一个 jiaoying 在使用这个数据库；请先停掉它，或改用 PostgreSQL。\n"
            "Another jiaoying runs on this database; stop it first, or use PostgreSQL."
        )


class NoToken(ConfigError):
    """There is nothing to speak to Telegram with."""

    def __str__(self) -> str:
        return (
            "没有机器人令牌：在 config.toml 的 [[telegram.bots]] 填写 token，"
            "或设置环境变量 JIAOYING_TELEGRAM_TOKEN；想先试用请运行 jiaoying sandbox。\n"
            "No bot token: set token under [[telegram.bots]] in config.toml or "
            "JIAOYING_TELEGRAM_TOKEN; to try it out, run jiaoying sandbox."
        )


class NeedsPostgresql(ConfigError):
    """Several processes cannot share an SQLite file."""

    def __str__(self) -> str:
        return (
            "--only 用于多个进程分工，需要 PostgreSQL：请把 [database] url 改为 postgresql://…\n"
            "--only shares the work between processes and needs PostgreSQL: "
            "set [database] url to postgresql://..."
        )


PARTS = ("intake", "dispatch", "schedule")
"""As ``bot.app.PARTS``, which is not imported before it is needed; a test keeps the two equal."""


BOARD = "board"
"""Also after ``--only``: the command board, which needs no bot (``bot.console.board``)."""


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parsers."""
    run = verbs.add_parser("run", help="运行机器人 / run the bot")
    run.add_argument(
        "--only",
        choices=(*PARTS, BOARD),
        help="只做一部分（多台机器分工，需 PostgreSQL） / one part only, with PostgreSQL",
    )
    run.set_defaults(func=_run)
    sandbox = verbs.add_parser(
        "sandbox", help="演练沙盒，无需令牌和网络 / the whole product without token or internet"
    )
    sandbox.add_argument("--port", type=int, help="网页端口 / port of the page")
    sandbox.add_argument(
        "--no-cast", action="store_true", help="不要自动回应的村民 / no scripted villagers"
    )
    sandbox.set_defaults(func=_sandbox)


def _run(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    if arguments.only == BOARD:
        return run_board(settings)
    if not all(bot.token for bot in settings.telegram.bots):
        raise NoToken("no_token")
    parts = PARTS if arguments.only is None else (arguments.only,)
    if arguments.only is not None and sqlite_path(settings.database.url) is not None:
        raise NeedsPostgresql("needs_postgresql")
    _say_what_is_wrong(settings, out)
    with only_runner(settings), closing(open_upgraded(settings)) as database:
        _allow_files()
        gc.disable()  # until the interpreter is tuned: nothing that a start makes is garbage
        library.load()
        from alerts.oversight.clock_steps import not_before
        from bot.app import App, tune_interpreter
        from bot.services.clocks import SteadyClock, utc_now

        at_least = database.read(lambda c: not_before(c, utc_now()))

        async def run() -> None:
            clock = SteadyClock(not_before=at_least)
            app = App(settings, database, clock=clock, parts=parts)
            stopping = asyncio.Event()
            loop = asyncio.get_running_loop()
            for what in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(what, stopping.set)
            tune_interpreter()
            await app.start()
            working = asyncio.ensure_future(app.forever())
            stop = asyncio.ensure_future(stopping.wait())
            try:
                await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stop.cancel()
                await app.stop()
            if working.done() and not working.cancelled():
                working.result()

        asyncio.run(run() if arguments.only else beside(settings, database, run()))
    return 0


MOST_FILES = 8192
"""Files and connections at once (ours): our servers may have 1,500 of them, and a system's own
limit is 1,024, beyond which nothing can be sent."""


def _allow_files() -> None:
    """As many as the system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _say_what_is_wrong(settings: Settings, out: TextIO) -> None:
    """Name the office's own templates and cards that are refused; the shipped ones stand in."""
    if not (settings.handbook.folder or settings.templates.folder):
        return
    from alerts.template_files.files import bad_files
    from bot.config.folders import folders_of
    from bot.views.template_problems import bad_template_line

    for fault in bad_files(folders_of(settings)):
        chinese, english = (bad_template_line(fault, language) for language in ("zh", "en"))
        print(f"没有用：{chinese} / not used: {english}", file=out)


def _sandbox(arguments: argparse.Namespace, settings: Settings, out: TextIO) -> int:
    from bot.sandbox.run import run_sandbox

    port = settings.sandbox.port if arguments.port is None else arguments.port
    return run_sandbox(settings, port=port, cast=not arguments.no_cast, out=out)


@contextmanager
def only_runner(settings: Settings) -> Iterator[None]:
    """Hold the right to run on this SQLite file; the system lets go of it if we are killed.

    :raises AlreadyRunning: when another process holds it.
    """
    file = sqlite_path(settings.database.url)
    if file is None or not file.parent.is_dir() or not os.access(file.parent, os.W_OK):
        yield  # opening the database says what is wrong, if anything is
        return
    with file.with_name(file.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning("already_running") from None
        yield
