"""Tells the bots of a process what was queued for them: one look for all, however many are idle.

A commit of this process, and on PostgreSQL of any, tells by itself which bots it queued something
for. What no signal tells is looked for: what the command line queued beside a bot on SQLite, and
what has come due since.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime

from alerts.outbox import claim_store
from alerts.outbox.lanes import Lane
from alerts.outbox.store import queued_by
from bot.services.async_database import AsyncDatabase

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How often to look whether another process has changed anything."""

RECHECK_SECONDS = 1.0
"""How often to look for what has come due, such as retries."""

Told = Callable[[Collection[Lane]], None]


class Lookout:
    """Looks for the bots that watch. Make it in a running event loop."""

    def __init__(self, database: AsyncDatabase, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._told: dict[int, list[Told]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    def watch(self, bot_id: int, told: Told) -> None:
        """Have ``told`` called with the lanes of the bot that may hold something."""
        self._told.setdefault(bot_id, []).append(told)
        if self._looking is None:
            self._database.blocking.watch(self._committed)
            self._looking = self._loop.create_task(self._look(), name="lookout")

    def unwatch(self, bot_id: int, told: Told) -> None:
        """Call ``told`` no more."""
        self._told[bot_id].remove(told)
        if not self._told[bot_id]:
            del self._told[bot_id]
        if not self._told and self._looking is not None:
            self._database.blocking.unwatch(self._committed)
            self._looking.cancel()
            self._looking = None

    def _committed(self, signals: frozenset[str]) -> None:
        """Called by the thread that writes, or hears of others' writing."""
        queued = queued_by(signals)
        if queued:
            with suppress(RuntimeError):  # the loop is closed: we are stopping
                self._loop.call_soon_threadsafe(self._tell, queued)

    def _tell(self, queued: dict[int | None, set[Lane]]) -> None:
        for bot_id, lanes in queued.items():
            for watching in [bot_id] if bot_id is not None else list(self._told):
                for told in self._told.get(watching, ()):
                    told(lanes)

    async def _look(self) -> None:
        database = self._database.blocking
        seen, own, rested, failing = -1, -1, 0.0, False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            rested += LOOK_SECONDS
            try:
                version, commits = database.outside_changes(), database.commits
                # What we wrote ourselves changes the number, too, and signals told of that.
                silent = version == seen or commits != own
                seen, own = version, commits
                if silent and rested < RECHECK_SECONDS:
                    continue
                bots = list(self._told)
                due = await self._database.ask(lambda c: claim_store.due(c, bots, self._clock()))  # noqa: B023
            except Exception as error:  # noqa: BLE001 - whatever it is, it looks again
                if not failing:
                    log.warning("cannot look for what was queued, trying again: %s", error)
                seen, failing = -1, True
                continue
            rested, failing = 0.0, False
            for bot_id, lanes in due.items():
                self._tell({bot_id: lanes})
