"""The ticks: APScheduler jobs without arguments or state. What is due is asked of the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from alerts.cards.progress_cards import queue_edits, stale_cards
from alerts.cards.silent_lists import queue_list_edits, stale_lists
from alerts.chase import anything_due, sweep
from alerts.closing import close_finished, expire
from alerts.follow_up import remind_reports
from alerts.patrol.distress import calling as distress
from alerts.patrol.field_reports import reporting as field_reports
from alerts.patrol.hotspots import asking as task_asks
from alerts.patrol.hotspots import verification
from alerts.patrol.positions.retention import delete_old, forget_updates, old_positions, old_updates
from alerts.patrol.red_days import orders as red_days
from alerts.patrol.roll_calls import results as roll_call_results
from alerts.patrol.shifts import missed
from alerts.patrol.shifts.planning import anything_unplanned, plan_watches
from bot.runtime.feed_polls import HotspotPolls
from bot.runtime.media_copies import copy_due
from bot.runtime.services import Services
from bot.watch.auditor import look_round
from data.database import Connection
from data.errors import StoreError

CHECK_IN_SECONDS = 5.0
"""Seconds between two looks at overdue check-ins: they count in minutes."""

FEED_SECONDS = 10.0
"""Seconds between two looks for a feed that is due; each feed has a pace of its own."""

COPY_SECONDS = 5.0
"""Seconds between two looks for files to copy: nobody waits for them."""

PLAN_SECONDS = 30.0
"""Seconds between two looks for patrollers whose day is not planned yet."""

PLAN_REST_SECONDS = 0.05
"""Seconds between two chunks of planning: 20,000 are planned in ten seconds, and every tap that
comes meanwhile is answered as fast as ever."""

RETENTION_SECONDS = 1800.0
"""Seconds between two looks for positions to delete: so one is kept half an hour too long at most,
also where the bot is started anew every day."""

SETTLING = timedelta(seconds=20)
"""After its start the bot takes in what was sent to it meanwhile before it chases anybody."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Ticks:
    """What happens by itself as time passes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._polls = HotspotPolls(
            services.database.blocking,
            services.geography,
            services.settings.feeds,
            services.rules.hotspots,
            services.clock,
        )
        self._awake_since: datetime | None = None
        self.swept_at: datetime | None = None  # when the last sweep began that came to its end
        self.audited_at: datetime | None = None

    async def sweep(self) -> None:
        """Chase whoever is due, close what is finished, end what is over."""
        database, rules = self._services.database, self._services.rules.warnings
        now = self._services.clock()
        if not await self._read(lambda c: anything_due(c, rules, now)):
            self.swept_at = now
            return
        more = True
        while more:  # in chunks: a tap's transaction gets its turn between two
            taken = await database.run(lambda c: sweep(c, rules, now))
            more = taken > 0  # somebody unreachable climbs two rungs at once

        def settle(c: Connection) -> None:
            expire(c, now)
            if rules.auto_close:
                close_finished(c, now)
            remind_reports(c, now)

        await database.run(settle)
        self.swept_at = now

    async def distress(self) -> None:
        """Send calls for help that nobody confirmed or took; checked as often as the ladder."""
        database, now = self._services.database, self._services.clock()
        rules = self._services.rules.distress
        if not await self._read(lambda c: distress.anything_due(c, now)):
            return
        more = True
        while more:
            sent = await database.run(lambda c: distress.send_due(c, now, rules))
            more = sent > 0

    async def albums(self) -> None:
        """Pass on the albums from the spot whose parts are all there."""
        database, now = self._services.database, self._services.clock()
        if not await self._read(lambda c: field_reports.anything_to_forward(c, now)):
            return
        more = True
        while more:
            passed = await database.run(lambda c: field_reports.forward_due(c, now))
            more = passed > 0

    async def red_day(self) -> None:
        """The orders and the zero report of red danger days."""
        database, now = self._services.database, self._services.clock()
        rules = self._services.rules.red_days
        if await self._read(lambda c: red_days.anything_due(c, now, rules)):
            await database.run(lambda c: red_days.carry_out(c, now, rules))

    async def roll_calls(self) -> None:
        """Close the roll calls that are over; bring their results and pictures up to date."""
        database, now = self._services.database, self._services.clock()
        if await self._read(lambda c: roll_call_results.anything_due(c, now)):
            await database.run(lambda c: roll_call_results.move_on(c, now))

    async def copies(self) -> None:
        """Copy what came from the spot, where a directory is set."""
        await copy_due(self._services)

    async def cards(self) -> None:
        """Queue edits of the progress cards and silent lists that are out of date."""
        stale = await self._read(stale_cards)
        if stale:
            now = self._services.clock()
            await self._services.database.run(lambda c: queue_edits(c, stale, now))
        now = self._services.clock()
        lists = await self._read(lambda c: stale_lists(c, now))
        if lists:
            await self._services.database.run(lambda c: queue_list_edits(c, lists, now))

    async def plan_check_ins(self) -> None:
        """Work out what is expected of every patroller today: at midnight, and after orders."""
        database, now = self._services.database, self._services.clock()
        rules = self._services.rules.shifts
        if not await self._read(lambda c: anything_unplanned(c, now, rules)):
            return
        more = True
        while more:
            planned = await database.run(lambda c: plan_watches(c, now, rules))
            more = planned > 0
            await asyncio.sleep(PLAN_REST_SECONDS)

    async def check_ins(self) -> None:
        """Chase the check-ins that were missed."""
        database, now = self._services.database, self._services.clock()
        rules = self._services.rules.shifts
        if self._awake_since is None:
            self._awake_since = now
        # What came in while nobody was here is taken in first: it may hold the check-ins.
        if now - self._awake_since < SETTLING or not await self._read(
            lambda c: missed.anything_due(c, now)
        ):
            return
        more = True
        while more:
            chased = await database.run(lambda c: missed.chase_missed(c, now, rules))
            more = chased > 0

    async def feeds(self) -> None:
        """Ask the hotspot feeds that are due, in a thread: a slow server delays nothing else."""
        if not self._polls.feeds:
            return
        now = self._services.clock()
        if await self._read(lambda c: self._polls.due(c, now)):
            await asyncio.to_thread(self._polls.poll)

    async def hotspots(self) -> None:
        """Move on the hotspot tasks that are due."""
        database, now = self._services.database, self._services.clock()
        rules = self._services.rules.hotspots
        if not await self._read(lambda c: verification.anything_due(c, now)):
            return
        free = await self._read(lambda c: task_asks.responders_due(c, now, rules))
        more = True
        while more:
            moved = await database.run(lambda c: verification.move_tasks(c, now, rules, free))
            more = moved > 0

    async def audit(self) -> None:
        """Look for what stands still, and tell the duty officer at the top."""
        now = self._services.clock()
        await look_round(self._services, self._polls.feeds)
        self.audited_at = now

    async def retention(self) -> None:
        """Delete the positions that were kept long enough, a chunk at a time."""
        database, now = self._services.database, self._services.clock()
        days, after, more = self._services.settings.positions.retention_days, 0, True
        while more:
            batch = await self._read(lambda c, after=after: old_positions(c, now, days, after))  # type: ignore[misc]
            if batch.ids:
                await database.run(lambda c, after=after: delete_old(c, now, days, after))  # type: ignore[misc]
            after, more = batch.last_id, batch.more
        if await self._read(lambda c: old_updates(c, now, days)):
            await database.run(lambda c: forget_updates(c, now, days))

    async def _read(self, query: Callable[[Connection], T]) -> T:
        return await self._services.database.ask(query)


def schedule(
    ticks: Ticks, *, sweep_seconds: float, card_seconds: float, audit_seconds: float = 30.0
) -> AsyncIOScheduler:
    """The scheduler, not started. A tick that is still running is not started again."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    jobs = (
        (ticks.distress, min(sweep_seconds, 1.0)),
        (ticks.albums, min(sweep_seconds, 1.0)),
        (ticks.sweep, sweep_seconds),
        (ticks.cards, card_seconds),
        (ticks.roll_calls, card_seconds),
        (ticks.plan_check_ins, PLAN_SECONDS),
        (ticks.copies, COPY_SECONDS),
        (ticks.red_day, CHECK_IN_SECONDS),
        (ticks.check_ins, CHECK_IN_SECONDS),
        (ticks.hotspots, CHECK_IN_SECONDS),
        (ticks.feeds, FEED_SECONDS),
        (ticks.audit, audit_seconds),
        (ticks.retention, RETENTION_SECONDS),
    )
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
