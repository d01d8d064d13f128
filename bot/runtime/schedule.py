"""What a tick is, and what runs the ticks: by the clock in a process, by hand in the tests."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.services.async_database import AsyncDatabase
from data import set_aside
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Tick(Generic[Found]):
    """Something that is looked for again and again, and done when it is due.

    It remembers nothing: what is due is asked of the database, so a restart loses nothing.

    :param every: seconds between two looks.
    :param due: what is to be done now; it only reads, away from the event loop.
    :param work: does it, given what was found and the time of the look. It is not called when
        nothing was found (an empty or false answer).
    :param settling: how long after the first look nothing is done yet.
    """

    name: str
    every: float
    due: Callable[[Connection, datetime], Found]
    work: Callable[[Found, datetime], Awaitable[None]]
    settling: timedelta = timedelta(0)


class TickRunner:
    """Runs ticks.

    :param may_run: whether the schedule is this process's to keep, at this very moment.
    :ivar finished: by a tick's name, when its last look began that came to its end.
    """

    def __init__(
        self,
        ticks: Iterable[Tick[Any]],
        database: AsyncDatabase,
        clock: Callable[[], datetime],
        may_run: Callable[[], bool] = lambda: True,
    ) -> None:
        self.ticks = tuple(ticks)
        self.finished: dict[str, datetime] = {}
        self._database = database
        self._clock = clock
        self._may_run = may_run
        self._first_look: dict[str, datetime] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        # One look after the other: twenty at once, each in a thread, made taps wait 50 ms for them.
        self._looking = asyncio.Lock()

    async def run(self, name: str) -> None:
        """One look of one tick, with one time for all it does; raises whatever goes wrong.

        :raises StopIteration: no tick has this name.
        """
        await self._run_first_due([next(tick for tick in self.ticks if tick.name == name)])

    async def run_all(self, *, except_for: Collection[str] = ()) -> None:
        """One look of every tick, in their order; raises whatever goes wrong."""
        left: Sequence[Tick[Any]] = [t for t in self.ticks if t.name not in except_for]
        while left:
            left = await self._run_first_due(left)

    def just_looked_at(self) -> set[str]:
        """The names of those that are not to be looked at again yet."""
        now, never = self._clock(), datetime.min.replace(tzinfo=UTC)
        return {
            tick.name
            for tick in self.ticks
            if (now - self.finished.get(tick.name, never)).total_seconds() < tick.every
        }

    async def _run_first_due(self, ticks: Sequence[Tick[Any]]) -> Sequence[Tick[Any]]:
        """Do what the first of these has to do that has anything; returns those after it.

        All that come before it are looked at in one read: another thread is asked once.
        """
        now = self._clock()
        settled = [
            tick
            for tick in ticks
            if now - self._first_look.setdefault(tick.name, now) >= tick.settling
        ]

        def first_due(connection: Connection) -> tuple[int, Any]:
            for number, tick in enumerate(settled):
                if found := tick.due(connection, now):
                    return number, found
            return len(settled), None

        async with self._looking:
            number, found = await self._database.ask(first_due)
        self.finished |= {tick.name: now for tick in settled[:number]}
        if number == len(settled):
            return ()
        await settled[number].work(found, now)
        self.finished[settled[number].name] = now
        return settled[number + 1 :]

    async def run_by_the_clock(self, name: str) -> None:
        """As ``run``; what goes wrong is logged, and tried again at the tick's next time.

        Nothing is done while ``may_run`` says no.
        """
        if not self._may_run():
            return
        look = asyncio.get_running_loop().create_task(self._look(name), name=f"tick {name}")
        self._under_way.add(look)
        look.add_done_callback(self._under_way.discard)
        with suppress(asyncio.CancelledError):  # the schedule ends: ``halt`` waits for the look
            await asyncio.wait([look])

    async def halt(self) -> None:
        """End what runs by the clock, between two units of work; returns when it has ended."""
        looks = list(self._under_way)
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, name: str) -> None:
        try:
            await self.run(name)
        except StoreError as error:
            log.warning("tick %s: %s", name, error)
        except Exception as failure:
            log.exception("tick %s failed", name)
            await self._note(name, failure)

    async def _note(self, name: str, error: Exception) -> None:
        """Remember that a tick failed, for the auditor to tell until it succeeds."""
        every = timedelta(seconds=next(tick.every for tick in self.ticks if tick.name == name))
        now = self._clock()
        with suppress(StoreError):
            await self._database.run(lambda c: set_aside.note(c, "tick", name, error, now, every))


def first_looks(ticks: Sequence[Tick[Any]]) -> list[float]:
    """When each looks for the first time, in seconds from the start: within its first interval."""
    so_far = Counter[float]()
    in_all = Counter(tick.every for tick in ticks)
    firsts = []
    for tick in ticks:
        so_far[tick.every] += 1
        firsts.append(tick.every * so_far[tick.every] / in_all[tick.every])
    return firsts


def schedule(runner: TickRunner) -> AsyncIOScheduler:
    """A scheduler of the runner's ticks, not started.

    A tick that still runs is not started again; one that was missed is made up for once. Ticks of
    one interval take turns within it: thirty at one moment, each for the first time after a start,
    made taps wait 0.3 s.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    started = datetime.now(UTC)
    for tick, first in zip(runner.ticks, first_looks(runner.ticks), strict=True):
        scheduler.add_job(
            runner.run_by_the_clock,
            "interval",
            args=(tick.name,),
            seconds=tick.every,
            start_date=started + timedelta(seconds=first),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            name=tick.name,
        )
    return scheduler
