"""What happens by itself as time passes: one row for each thing that may become due."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from alerts import chase
from alerts.cards.progress_cards import queue_edits, stale_cards
from alerts.cards.silent_lists import queue_list_edits, stale_lists
from alerts.closing import close_finished, expire
from alerts.follow_up import remind_reports
from alerts.patrol.distress import calling as distress
from alerts.patrol.field_reports import reporting as field_reports
from alerts.patrol.hotspots import asking, verification
from alerts.patrol.positions.retention import delete_old, forget_updates, old_positions, old_updates
from alerts.patrol.red_days import orders as red_days
from alerts.patrol.roll_calls import results as roll_calls
from alerts.patrol.shifts import missed
from alerts.patrol.shifts.planning import anything_unplanned, plan_watches
from bot.runtime.feed_polls import HotspotPolls
from bot.runtime.media_copies import MediaCopies
from bot.runtime.schedule import Tick
from bot.services.services import Services
from bot.watch.auditor import Auditor
from data.database import Connection

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
"""After its start the bot takes in what was sent to it meanwhile before it chases anybody: it may
hold the check-ins."""

CARDS = ("cards", "silent_lists")
"""The ticks that bring messages up to date that were sent before."""

Work = Callable[[Any, datetime], Awaitable[None]]
Unit = Callable[[Connection, datetime], Any]


def all_ticks(services: Services) -> tuple[Tick[Any], ...]:
    """Every tick there is. Add a row here and it runs in the process and in every story."""
    settings, rules = services.settings, services.rules
    ladder_seconds, card_seconds = settings.schedule.sweep_seconds, settings.schedule.card_seconds
    at_once = min(ladder_seconds, 1.0)
    once, in_chunks = partial(_once, services), partial(_in_chunks, services)
    feeds = HotspotPolls(
        services.database.blocking,
        services.geography,
        settings.feeds,
        rules.hotspots,
        services.clock,
    )
    copies, auditor = MediaCopies(services), Auditor(services, feeds.feeds)
    return (
        # Calls for help that nobody confirmed or took.
        Tick(
            "distress",
            at_once,
            distress.anything_due,
            in_chunks(lambda c, now: distress.send_due(c, now, rules.distress)),
        ),
        # Albums from the spot whose parts are all there.
        Tick(
            "albums",
            at_once,
            field_reports.anything_to_forward,
            in_chunks(lambda c, now: field_reports.forward_due(c, now)),
        ),
        # Whoever is due on a ladder; warnings that are finished or over; reports to be reminded of.
        Tick(
            "sweep",
            ladder_seconds,
            lambda c, now: chase.anything_due(c, rules.warnings, now),
            partial(_sweep, services),
        ),
        Tick(
            "cards",
            card_seconds,
            lambda c, _now: stale_cards(c),
            lambda stale, now: services.database.run(lambda c: queue_edits(c, stale, now)),
        ),
        Tick(
            "silent_lists",
            card_seconds,
            stale_lists,
            lambda stale, now: services.database.run(lambda c: queue_list_edits(c, stale, now)),
        ),
        # What is expected of every patroller today: at midnight, and after orders.
        Tick(
            "plan_check_ins",
            PLAN_SECONDS,
            lambda c, now: anything_unplanned(c, now, rules.shifts),
            in_chunks(
                lambda c, now: plan_watches(c, now, rules.shifts), rest_seconds=PLAN_REST_SECONDS
            ),
        ),
        Tick(
            "check_ins",
            CHECK_IN_SECONDS,
            missed.anything_due,
            in_chunks(lambda c, now: missed.chase_missed(c, now, rules.shifts)),
            settling=SETTLING,
        ),
        # The orders and the zero report of red danger days.
        Tick(
            "red_day",
            CHECK_IN_SECONDS,
            lambda c, now: red_days.anything_due(c, now, rules.red_days),
            once(lambda c, now: red_days.carry_out(c, now, rules.red_days)),
        ),
        # Roll calls that are over, results and pictures that are out of date.
        Tick("roll_calls", card_seconds, roll_calls.anything_due, once(roll_calls.move_on)),
        # In a thread of its own: a slow server delays nothing else.
        Tick("feeds", FEED_SECONDS, feeds.due, lambda _due, _now: asyncio.to_thread(feeds.poll)),
        Tick(
            "hotspots", CHECK_IN_SECONDS, verification.anything_due, partial(_move_tasks, services)
        ),
        Tick("copies", COPY_SECONDS, copies.due, copies.copy),
        # What stands still, told to the duty officer at the top.
        Tick("audit", settings.watch.audit_seconds, auditor.due, auditor.tell),
        Tick(
            "retention",
            RETENTION_SECONDS,
            lambda _c, _now: True,  # looked for in chunks, as it is deleted
            partial(_delete_what_is_old, services),
        ),
    )


# -- how they work -----------------------------------------------------------------------------


def _once(services: Services, unit: Unit) -> Work:
    """The work that is one unit."""

    async def work(_found: object, now: datetime) -> None:
        await services.database.run(lambda c: unit(c, now))

    return work


def _in_chunks(services: Services, unit: Unit, *, rest_seconds: float = 0.0) -> Work:
    """The work that is done a chunk at a time, until ``unit`` says that it did nothing.

    So a tap's transaction gets its turn between two.
    """

    async def work(_found: object, now: datetime) -> None:
        more = True
        while more:
            more = await services.database.run(lambda c: unit(c, now)) > 0
            await asyncio.sleep(rest_seconds)

    return work


async def _sweep(services: Services, _found: bool, now: datetime) -> None:
    database, rules = services.database, services.rules.warnings
    # Until nothing is taken: somebody unreachable climbs two rungs at once.
    while await database.run(lambda c: chase.sweep(c, rules, now)) > 0:
        continue

    def settle(c: Connection) -> None:
        expire(c, now)
        if rules.auto_close:
            close_finished(c, now)
        remind_reports(c, now)

    await database.run(settle)


async def _move_tasks(services: Services, _found: bool, now: datetime) -> None:
    database, rules = services.database, services.rules.hotspots
    free = await database.ask(lambda c: asking.responders_due(c, now, rules))
    while await database.run(lambda c: verification.move_tasks(c, now, rules, free)) > 0:
        continue


async def _delete_what_is_old(services: Services, _found: bool, now: datetime) -> None:
    """Positions and updates set aside that were kept long enough."""
    database, days = services.database, services.settings.positions.retention_days
    after, more = 0, True
    while more:
        batch = await database.ask(partial(old_positions, now=now, days=days, after_id=after))
        if batch.ids:
            await database.run(partial(delete_old, now=now, days=days, after_id=after))
        after, more = batch.last_id, batch.more
    if await database.ask(lambda c: old_updates(c, now, days)):
        await database.run(lambda c: forget_updates(c, now, days))
