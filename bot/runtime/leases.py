"""Which process does what only one may do: its leases, renewed in time and given up in time.

A lease lasts ``LEASE_SECONDS`` by the database's clock. Here it counts as held for
``MARGIN_SECONDS`` less, by a clock that goes on while the machine is suspended: a process that was
suspended, or lost the database, knows by itself that its lease may be another's by now. What the
database says is another's is given up at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Protocol, TypeVar

from bot.services.clocks import since_boot
from data.errors import StoreError
from data.leases import Renewed

log = logging.getLogger(__name__)

T = TypeVar("T")

LEASE_SECONDS = 15.0
RENEW_SECONDS = 4.0
MARGIN_SECONDS = 3.0
LOOK_SECONDS = MARGIN_SECONDS / 6
LEAVE_SECONDS = 5.0
"""For the database to hear that we leave; otherwise our leases run out by themselves."""

Changed = Callable[[str], Awaitable[None]]


class Table(Protocol):
    """Where leases are kept: ``data.leases.LeaseTable``. Each call may raise ``StoreError``."""

    def renew(self, holder: str, topic: str, names: Sequence[str], seconds: float) -> Renewed:
        """Hold on to what is the holder's, and take what is free, up to a fair share."""

    def let_go(self, holder: str, names: Collection[str]) -> None:
        """Free these."""

    def let_go_all(self, holder: str) -> None:
        """Free all."""

    def report(
        self,
        holder: str,
        settings: Mapping[str, str],
        clock: Callable[[], datetime],
        seconds: float,
    ) -> None:
        """Tell how the process is set, and what its clock says."""

    def close(self) -> None:
        """Let go of the database."""


class _Held:
    """A lease of ours, and whether the work that depends on it is to end."""

    def __init__(self, until: float) -> None:
        self.until = until  # by the clock of ``Leases``
        self.over = asyncio.Event()
        self.to_share = False  # it is let go once the work has ended


class Leases:
    """The leases of one process, by topic.

    Beginning and ending the work of one lease takes as long as it takes, and no other lease waits
    for it. A lease that is to be shared is renewed until its work has ended.

    :param table: ``None`` for SQLite: one process, held by its file lock, with nobody to share.
    :param topics: topic to the names wanted of it, each beginning with ``topic:``.
    :param gained: called when a lease was taken; the work may begin.
    :param lost: called when it passed away, or is to be shared: returns when the work has ended.
    :param settings: a digest of each section of the settings that all processes must share.
    :param wall: what time it is, by this process.
    :param clock: seconds that go on while the machine is suspended.
    """

    def __init__(
        self,
        table: Table | None,
        holder: str,
        topics: Mapping[str, Sequence[str]],
        gained: Changed,
        lost: Changed,
        *,
        settings: Mapping[str, str],
        wall: Callable[[], datetime],
        clock: Callable[[], float] = since_boot,
    ) -> None:
        self._table = table
        self._holder = holder
        self._topics = topics
        self._gained = gained
        self._lost = lost
        self._settings = settings
        self._wall = wall
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._work: dict[str, asyncio.Task[None]] = {}  # what depends on a lease, till it ended
        self._leaving = False
        self._asking = asyncio.Lock()  # so that answers are taken in the order of the questions
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leases")

    def held(self, name: str) -> bool:
        """Whether the lease is ours at this very moment; from any thread."""
        lease = self._held.get(name)
        return lease is not None and self._clock() < lease.until

    async def run(self) -> None:
        """Take, renew and give up leases until cancelled.

        :raises Exception: whatever went wrong with the work of a lease, other than the database.
        """
        try:
            async with asyncio.TaskGroup() as group:
                if self._table is not None:
                    await self._share(self._table, group)
                for name in [name for names in self._topics.values() for name in names]:
                    self._begin(group, name, float("inf"))
                await asyncio.Event().wait()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _share(self, table: Table, group: asyncio.TaskGroup) -> None:
        """With other processes."""
        group.create_task(self._watch())
        while True:
            for topic, names in self._topics.items():
                await self._renew(table, group, topic, names)
            await self._tell(table)
            await asyncio.sleep(RENEW_SECONDS)

    async def end_work(self, topic: str = "") -> None:
        """Begin nothing more and end all work, or that of one topic.

        Its leases are renewed until it has ended.
        """
        self._leaving = True
        ending = [name for name in self._work if name.startswith(topic)]
        for name in ending:
            if (lease := self._held.get(name)) is not None:
                lease.over.set()
        working = [self._work[name] for name in ending if not self._work[name].done()]
        if working:
            await asyncio.wait(working)

    async def leave(self) -> None:
        """Free every lease, so that another process need not wait until they run out."""
        self._held.clear()
        table, self._table = self._table, None  # leaving twice is leaving once
        if table is not None:
            try:
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self._ask(table.let_go_all, self._holder)
            except (StoreError, TimeoutError) as error:
                log.warning("leases run out by themselves: %s", error)
            self._thread.submit(table.close)
        self._thread.shutdown(wait=False)

    async def _ask(self, question: Callable[..., T], *about: object) -> T:
        """What the table says, from the thread that nobody else uses."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, question, *about)

    async def _renew(
        self, table: Table, group: asyncio.TaskGroup, topic: str, names: Sequence[str]
    ) -> None:
        async with self._asking:
            if self._leaving:
                names = [name for name in names if name in self._held]
            asked = self._clock()
            try:
                renewed = await self._ask(table.renew, self._holder, topic, names, LEASE_SECONDS)
            except StoreError as error:
                log.warning("leases not renewed: %s", error)
                return
            until = asked + LEASE_SECONDS - MARGIN_SECONDS
            for name in names:
                if name not in renewed.held or name in renewed.gained:
                    self._give_up(name)  # it is another's, or was since we last asked
                if (lease := self._held.get(name)) is not None:
                    lease.until = until
                elif name in renewed.held and self._clock() < until and not self._leaving:
                    log.info("%s is ours", name)
                    self._begin(group, name, until)
            for name in renewed.surplus:
                if (lease := self._held.get(name)) is not None:
                    lease.to_share = True
                    lease.over.set()

    async def _tell(self, table: Table) -> None:
        """Tell how this process is set and what its clock says: the auditor compares them."""
        try:
            await self._ask(table.report, self._holder, self._settings, self._wall, LEASE_SECONDS)
        except StoreError as error:
            log.info("settings not told: %s", error)

    async def _watch(self) -> None:
        """End what depends on a lease that was not renewed in time."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = self._clock()
            for name in [name for name, lease in self._held.items() if lease.until <= now]:
                self._give_up(name)

    def _give_up(self, name: str) -> None:
        """From now on it is not held; its work is told to end."""
        lease = self._held.pop(name, None)
        if lease is not None:
            log.info("%s is not ours any more", name)
            lease.over.set()

    def _begin(self, group: asyncio.TaskGroup, name: str, until: float) -> None:
        lease = self._held[name] = _Held(until)
        earlier = self._work.get(name)
        self._work[name] = group.create_task(self._depend(name, lease, earlier), name=name)

    async def _depend(self, name: str, lease: _Held, earlier: asyncio.Task[None] | None) -> None:
        """The work of one lease from its beginning to its end; never two of a name at once."""
        if earlier is not None and not earlier.done():
            await asyncio.wait([earlier])
        if await self._begun(name, lease):
            await lease.over.wait()
            await self._lost(name)
        while lease.to_share and self._held.get(name) is lease:
            await self._let_go(name, lease)

    async def _begun(self, name: str, lease: _Held) -> bool:
        """Begin the work, again and again while the database refuses; whether it was begun."""
        while not lease.over.is_set():
            try:
                await self._gained(name)
            except StoreError as error:
                log.warning("%s cannot begin, tried again: %s", name, error)
                await _first(lease.over, RENEW_SECONDS)
            else:
                return True
        return False

    async def _let_go(self, name: str, lease: _Held) -> None:
        """Free a lease whose work has ended, unless it ran out by itself meanwhile."""
        try:
            async with self._asking:
                if self._table is not None and self._held.get(name) is lease:
                    await self._ask(self._table.let_go, self._holder, [name])
                    self._held.pop(name, None)
        except StoreError as error:
            log.warning("%s is not let go yet: %s", name, error)
            await asyncio.sleep(RENEW_SECONDS)


async def _first(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, but not for longer than so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
