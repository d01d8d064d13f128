"""Which process does what only one may do: its leases, renewed in time and given up in time.

A lease lasts ``LEASE_SECONDS`` by the database's clock. What depends on one is stopped
``MARGIN_SECONDS`` before it can pass to another process, by this process's own monotonic clock: a
process that was suspended, or lost the database, stops by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.services.async_database import AsyncDatabase
from data import leases
from data.errors import StoreError

log = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
RENEW_SECONDS = 4.0
MARGIN_SECONDS = 3.0

Changed = Callable[[str], Awaitable[None]]


class Leases:
    """The leases of one process, by topic.

    :param topics: topic to the names wanted of it, each beginning with ``topic:``.
    :param gained: called when a lease was taken; the work may begin.
    :param lost: called when it passed away, or is to be shared: returns when the work has ended.
    """

    def __init__(
        self,
        database: AsyncDatabase,
        holder: str,
        topics: Mapping[str, Sequence[str]],
        gained: Changed,
        lost: Changed,
    ) -> None:
        self._database = database
        self._holder = holder
        self._topics = topics
        self._gained = gained
        self._lost = lost
        self._until: dict[str, float] = {}  # by the loop's clock
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Take, renew and give up leases until cancelled."""
        if self._database.blocking.is_sqlite:
            # One process, held by its file lock: nobody to share with.
            for names in self._topics.values():
                for name in names:
                    self._until[name] = float("inf")
                    await self._begin(name)
            await asyncio.Event().wait()
        watching = self._loop.create_task(self._watch())
        try:
            while True:
                for topic, names in self._topics.items():
                    await self._renew(topic, names)
                await asyncio.sleep(RENEW_SECONDS)
        finally:
            watching.cancel()

    async def leave(self) -> None:
        """Free every lease, so that another process need not wait until they run out."""
        self._until.clear()
        if not self._database.blocking.is_sqlite:
            try:
                await self._database.run(lambda c: leases.let_go_all(c, self._holder))
            except StoreError as error:
                log.warning("leases run out by themselves: %s", error)

    async def _begin(self, name: str) -> None:
        """Begin the work of a lease that nobody else can take: try until the database lets us."""
        while True:
            try:
                return await self._gained(name)
            except StoreError as error:
                log.warning("%s cannot begin, tried again: %s", name, error)
                await asyncio.sleep(RENEW_SECONDS)

    async def _renew(self, topic: str, names: Sequence[str]) -> None:
        asked = self._loop.time()
        try:
            renewed = await self._database.run(
                lambda c: leases.renew(c, self._holder, topic, names, LEASE_SECONDS)
            )
        except StoreError as error:
            log.warning("leases not renewed: %s", error)
            return
        fresh = [name for name in renewed.held if name not in self._until]
        for name in renewed.held:
            self._until[name] = asked + LEASE_SECONDS - MARGIN_SECONDS
        for name in fresh:
            log.info("%s is ours", name)
            try:
                await self._gained(name)
            except StoreError as error:
                log.warning("%s cannot begin, tried again: %s", name, error)
                self._until.pop(name, None)
        if surplus := [name for name in renewed.surplus if name in self._until]:
            for name in surplus:
                await self._give_up(name)
            try:
                await self._database.run(lambda c: leases.let_go(c, self._holder, surplus))
            except StoreError as error:
                log.warning("leases run out by themselves: %s", error)

    async def _watch(self) -> None:
        """End what depends on a lease that was not renewed in time."""
        while True:
            await asyncio.sleep(MARGIN_SECONDS / 6)
            now = self._loop.time()
            for name in [name for name, until in self._until.items() if until <= now]:
                await self._give_up(name)

    async def _give_up(self, name: str) -> None:
        if self._until.pop(name, None) is not None:
            log.info("%s is not ours any more", name)
            await self._lost(name)
