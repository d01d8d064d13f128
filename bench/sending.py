"""The sending half of the bot alone: outbox, pacing, rendering, sending, recording; no updates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from bench.scene import QUIET, now
from bot.config.load import load
from bot.config.rules import all_rules
from bot.config.settings import PaceLimits
from bot.messages.rendering import Rendering
from bot.sandbox.bot_api.server import TOKEN
from bot.services.async_database import AsyncDatabase
from bot.services.geography import Geography
from bot.services.services import Services
from bot.telegram.bot_api import BotApi
from bot.telegram.dispatcher import Dispatcher
from bot.telegram.lookout import Lookout
from bot.telegram.transport import Connections
from contacts.divisions.boundary_file import load_boundaries
from data.database import Database

UNLIMITED = PaceLimits(1e6, 1e6, 1e9)


def dispatcher_of(database: Database, api: BotApi, limits: PaceLimits) -> Dispatcher:
    """A dispatcher with the product's rendering.

    The names of places are loaded already, and what a start loads while its first messages leave.
    """
    import_module("bot.messages.registry")
    settings = load(None, {})
    settings = replace(settings, telegram=replace(settings.telegram, limits=limits))
    asked = AsyncDatabase(database, readers=1, name="render")
    geography = Geography(database, lambda: load_boundaries(database.url, Path.cwd()))
    services = Services(asked, settings, all_rules(settings), geography, now)
    _ = services.gazetteer
    rendering = Rendering(services, int(api.bot_id))
    worker, lookout = f"bench {api.bot_id}", Lookout(asked, now)
    return Dispatcher(asked, api, None, limits, QUIET, now, rendering, worker, lookout)


@asynccontextmanager
async def dispatcher(database: Database, url: str, limits: PaceLimits) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work."""
    async with Connections() as connections:
        api = BotApi(connections, TOKEN, url)
        made = dispatcher_of(database, api, limits)
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
