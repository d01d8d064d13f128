"""The command board beside the bots, or as a process of its own (``run --only board``)."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, closing

from bot.config.settings import Settings
from bot.services.clocks import utc_now
from bot.services.opening import open_upgraded
from data.database import Database
from data.errors import ConfigError

log = logging.getLogger(__name__)


class BoardOff(ConfigError):
    """``--only board`` with nothing to serve."""

    def __str__(self) -> str:
        return (
            "指挥大屏没有开通：请在 config.toml 的 [board] 填写 public_url 和 port。\n"
            "The board is not set up: give public_url and port under [board] in config.toml."
        )


async def beside(settings: Settings, database: Database, bots: Awaitable[None]) -> None:
    """Serve the board, if it is set up, while ``bots`` run; warnings go out with or without it."""
    if not _set_up(settings):
        await bots
        return
    from bot.board.server import BoardPortTaken, BoardServer

    board = BoardServer(settings, database)
    try:
        await board.start()
    except BoardPortTaken as error:
        log.error("%s", error)
        await bots
        return
    try:
        await bots
    finally:
        await board.stop()


def run_board(settings: Settings) -> int:
    """Nothing but the board, until SIGINT or SIGTERM. It may share any database with others.

    :raises BoardOff: when it is not set up.
    :raises BoardPortTaken: when it cannot listen.
    """
    from bot.board.server import BoardServer

    if not _set_up(settings):
        raise BoardOff("board_off")

    async def serve(database: Database) -> None:
        board, stopping = BoardServer(settings, database), asyncio.Event()
        for what in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(what, stopping.set)
        await board.start()
        try:
            async with _watched(settings, database):
                await stopping.wait()
        finally:
            await board.stop()

    with closing(open_upgraded(settings)) as database:
        asyncio.run(serve(database))
    return 0


@asynccontextmanager
async def _watched(settings: Settings, database: Database) -> AsyncIterator[None]:
    """/metrics and /healthz of a process without bots.

    It has no heartbeat: that would go on while nobody sends.
    """
    from bot.services.async_database import AsyncDatabase
    from bot.watch.health import HealthCheck
    from bot.watch.server import WatchServer
    from bot.watch.vitals import Vitals

    def vitals() -> Vitals:
        return Vitals((), False, False, database.is_sqlite, False, writer_queue=database.waiting)

    watch = settings.watch
    asked = AsyncDatabase(database, readers=2, name="watch")
    health = HealthCheck(asked, utc_now, vitals, watch.silent_seconds)
    server = WatchServer(watch, asked, utc_now, vitals, health)
    await server.start()
    try:
        yield
    finally:
        await server.stop()
        asked.close()


def _set_up(settings: Settings) -> bool:
    return bool(settings.board.port and settings.board.public_url)
