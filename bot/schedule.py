"""The ticks: APScheduler jobs without arguments or state. What is due is asked of the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from alerts.chase import anything_due, sweep
from alerts.closing import close_finished, expire
from alerts.follow_up import remind_reports
from alerts.progress import queue_edits, stale_cards
from bot.desk import Desk
from data.database import Connection
from data.errors import StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")


class Ticks:
    """What happens by itself as time passes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def sweep(self) -> None:
        """Chase whoever is due, close what is finished, end what is over."""
        database, rules = self._desk.database, self._desk.rules
        now = self._desk.clock()
        if not await self._read(lambda c: anything_due(c, rules, now)):
            return
        more = True
        while more:  # in chunks: a tap's transaction gets its turn between two
            taken = await asyncio.wrap_future(database.write(lambda c: sweep(c, rules, now)))
            more = taken > 0  # somebody unreachable climbs two rungs at once

        def settle(c: Connection) -> None:
            expire(c, now)
            if rules.auto_close:
                close_finished(c, now)
            remind_reports(c, now)

        await asyncio.wrap_future(database.write(settle))

    async def cards(self) -> None:
        """Queue edits of the progress cards that are out of date."""
        stale = await self._read(stale_cards)
        if stale:
            now = self._desk.clock()
            await asyncio.wrap_future(
                self._desk.database.write(lambda c: queue_edits(c, stale, now))
            )

    async def _read(self, query: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._desk.readers, self._desk.database.read, query)


def schedule(ticks: Ticks, *, sweep_seconds: float, card_seconds: float) -> AsyncIOScheduler:
    """The scheduler, not started. A tick that is still running is not started again."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    jobs = ((ticks.sweep, sweep_seconds), (ticks.cards, card_seconds))
    for tick, seconds in jobs:
        scheduler.add_job(
            _surviving(tick),
            "interval",
            seconds=seconds,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            name=tick.__name__,
        )
    return scheduler


def _surviving(tick: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A tick that fails is logged and tried again at its next time; it never ends the ladder."""

    async def run() -> None:
        try:
            await tick()
        except StoreError as error:
            log.warning("tick %s: %s", tick.__name__, error)
        except Exception:
            log.exception("tick %s failed", tick.__name__)

    return run
