"""Queues what happened for each webhook that wants it; what is wanted nowhere is only marked.

Without aiohttp: it runs where no other system is told anything, too.
"""

from __future__ import annotations

from datetime import datetime

from alerts.publishing import counts, store
from alerts.publishing.model import Happened
from bot.services.services import Services
from data.database import Connection

AT_ONCE = 200


class Spreading:
    """The work of the ticks that queue."""

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._database = services.database
        self._wanted = {hook.name: hook.events for hook in settings.webhooks if hook.url}
        self._files = bool(settings.publish.directory)
        self._feed = bool(settings.api.url)

    def due(self, connection: Connection, _now: datetime) -> bool:
        """Whether something happened that is not queued yet."""
        return bool(store.unspread(connection, 1))

    async def spread(self, _due: bool, now: datetime) -> None:
        """Queue it."""

        def unit(c: Connection) -> int:
            some = store.unspread(c, AT_ONCE)
            store.spread(c, some, self._wanted, now)
            if not self._files:  # messages of today are not to be files the day a folder is named
                store.filed(c, [event.id for event in some], now)
            return len(some)

        while await self._database.run(unit) == AT_ONCE:
            continue

    @property
    def tells_counts(self) -> bool:
        """Whether a webhook wants to know how many have answered, the feed of events, or a file."""
        return (
            self._feed
            or self._files
            or any(Happened.COUNTS.value in kinds for kinds in self._wanted.values())
        )

    def counts_due(self, connection: Connection, now: datetime) -> bool:
        """Whether the counts of a warning changed since they were told."""
        return counts.any_changed(connection, now)

    async def note_counts(self, _due: bool, now: datetime) -> None:
        """Note them."""
        await self._database.run(lambda c: counts.note_changed(c, now))
