"""The sending side alone: outbox, pacing, rendering, transport, recording; no updates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bench.scene import QUIET, now
from bot.config.settings import Limits
from bot.messages.rendering import Rendering
from bot.runtime.geography import Geography
from bot.runtime.services import Services
from bot.sandbox.server import TOKEN
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.transport import Connections
from data.database import Database

UNLIMITED = Limits(1e6, 1e6, 1e9)


@asynccontextmanager
async def dispatcher(database: Database, url: str, limits: Limits) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work."""
    async with Connections() as connections:
        api = BotApi(connections, TOKEN, url)
        services = Services(database, QUIET, limits, now, None, 1, Geography(database, None))  # type: ignore[arg-type]
        made = Dispatcher(database, api, limits, QUIET, now, Rendering(services), "bench")
        services.sender = made
        _ = services.gazetteer  # loaded before the clock starts
        working = asyncio.create_task(made.run())
        try:
            yield made
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


async def drained(made: Dispatcher, messages: int) -> None:
    """Wait until so many were sent and are on disk."""
    while sum(made.results.values()) < messages or made.busy:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
