"""What happens by itself as time passes: one row for each thing that may become due."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from alerts import alert_store, chase, group_reach, large_release, late_reports, progress_store
from alerts.cards.progress_cards import queue_edits, stale_cards
from alerts.cards.silent_lists import queue_list_edits, stale_lists
from alerts.channels import calling
from alerts.closing import close_if_finished, expire_alert
from alerts.cut_off import errands, finding
from alerts.drafts import proposing
from alerts.drafts import store as draft_store
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress import store as distress_store
from alerts.patrol.field_reports import reporting as field_reports
from alerts.patrol.field_reports import store as field_report_store
from alerts.patrol.hotspots import asking, verification
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.responders import Responders
from alerts.patrol.roll_calls import results as roll_calls
from alerts.patrol.shifts import missed, planning
from alerts.patrol.shifts import store as watch_store
from alerts.roster_checks import asking as roster_checks
from alerts.roster_checks import store as roster_check_store
from alerts.set_aside_store import REPORTS_DUE, set_call_aside
from bot.runtime.card_edits import bring_up_to_date, look_but_at
from bot.runtime.change_ticks import changes_of_warnings
from bot.runtime.channel_ticks import (
    channel_sending,
    robots,
    spent_cards,
    taking_back,
    telling_ends,
)
from bot.runtime.chunks import (
    Chunk,
    SetHeadAside,
    all_set_aside,
    each_alone,
    each_of,
    in_chunks,
    of_column,
)
from bot.runtime.daily_tick import daily_tick
from bot.runtime.duty_ticks import duty_ticks
from bot.runtime.evacuation_tick import evacuation_tick
from bot.runtime.expiry_tick import expiry_tick
from bot.runtime.hotspot_polls import hotspot_feeds
from bot.runtime.media_copies import MediaCopies
from bot.runtime.polling import FeedPolls, beside
from bot.runtime.publishing_ticks import publishing
from bot.runtime.retention import delete_what_is_old
from bot.runtime.schedule import Tick
from bot.runtime.season_ticks import season_ticks
from bot.runtime.sky_polls import sky_feeds, sky_tick
from bot.runtime.stage_tick import stages_of_plans
from bot.runtime.task_ticks import task_ticks
from bot.runtime.test_call_tick import tick_of_tests
from bot.runtime.warning_feeds import warning_feeds
from bot.runtime.water_ticks import gauge_feeds, water
from bot.services.services import Services
from bot.watch.auditor import Auditor
from contacts import bot_store
from data.errors import StoreError

log = logging.getLogger(__name__)

CHECK_IN_SECONDS = 5.0
"""Seconds between two looks at overdue check-ins: they count in minutes."""

CHANNEL_SECONDS = 3.0
"""Seconds between two looks at who is to be rung: with 12,000 open calls one takes a seventh."""

CUT_OFF_SECONDS = 30.0
"""Seconds between two looks for villages silent by every way: a province's open calls are read."""

FEED_SECONDS = 10.0
"""Seconds between two looks for a feed that is due; each feed has a pace of its own."""

COPY_SECONDS = 5.0
"""Seconds between two looks for files to copy: nobody waits for them."""

GROUP_SECONDS = 60.0
"""Seconds between two looks for groups to ask again."""

PLAN_SECONDS = 30.0
"""Seconds between two looks for patrollers whose day is not planned yet."""

PLAN_REST_SECONDS = 0.05
"""Seconds between two chunks of planning: 20,000 are planned in ten seconds, and every tap that
comes meanwhile is answered as fast as ever."""

RETENTION_SECONDS = 1800.0
"""Seconds between two looks for positions to delete: so one is kept half an hour too long at most,
also where the bot is started anew every day."""

RECOUNT_SECONDS = 1800.0
"""Seconds between two looks at whether the numbers kept of calls are right: they are, unless the
database was mended by hand."""

SETTLING = timedelta(seconds=20)
"""After its start the bot takes in what was sent to it meanwhile before it chases anybody: it may
hold the check-ins."""

HEARD_LATELY = timedelta(seconds=60)
"""A bot that took updates in within so long was not out (ours)."""

CARDS = ("cards", "silent_lists")
"""The ticks that bring messages up to date that were sent before."""

Work = Callable[[Any, datetime], Awaitable[None]]


def all_ticks(services: Services) -> tuple[Tick[Any], ...]:
    """Every tick there is. Add a row here and it runs in the process and in every story."""
    settings, rules = services.settings, services.rules
    ladder_seconds, card_seconds = settings.schedule.sweep_seconds, settings.schedule.card_seconds
    at_once = min(ladder_seconds, 1.0)
    chunks = partial(_chunks, services)
    database, geography = services.database.blocking, services.geography
    feeds = FeedPolls(
        database,
        [
            *hotspot_feeds(database, geography, settings.hotspot_feeds, rules.hotspots),
            *gauge_feeds(services),
            *sky_feeds(database, rules.sky, services.clock),
            *warning_feeds(services),
        ],
        services.clock,
    )
    copies, auditor = MediaCopies(services), Auditor(services, feeds.feeds)
    return (
        # Calls for help that nobody confirmed or took.
        Tick(
            "distress",
            at_once,
            distress.anything_due,
            chunks(
                lambda c, now, most: distress.send_due(c, now, rules.distress, limit=most),
                distress.CHUNK,
                of_column(distress_store.DUE),
            ),
        ),
        # Albums from the spot whose parts are all there.
        Tick(
            "albums",
            at_once,
            field_reports.anything_to_forward,
            chunks(
                lambda c, now, most: field_reports.forward_due(c, now, limit=most),
                field_reports.CHUNK,
                field_report_store.set_album_aside,
            ),
        ),
        # Releases too large for one transaction.
        Tick(
            "releases",
            at_once,
            large_release.anything_unfinished,
            chunks(
                lambda c, now, most: large_release.carry_on(c, rules.warnings, now, limit=most),
                large_release.PART,
                large_release.set_next_aside,
            ),
        ),
        *changes_of_warnings(services, at_once),
        # Whoever is due on a ladder; warnings that are finished or over; reports to be reminded of.
        Tick(
            "sweep",
            ladder_seconds,
            lambda c, now: chase.anything_due(c, rules.warnings, now),
            partial(_sweep, services, services.clock()),
        ),
        stages_of_plans(services, ladder_seconds),
        expiry_tick(services),
        evacuation_tick(services),
        # Whoever is to be rung or written to by other channels than Telegram.
        Tick(
            "channels",
            CHANNEL_SECONDS,
            lambda c, now: calling.anything_due(c, rules.warnings, now),
            partial(_call_by_channels, services, services.clock()),
        ),
        # Villages silent by every way; their end; whoever was sent there and is late with a word.
        Tick(
            "cut_off_found",
            CUT_OFF_SECONDS,
            lambda c, now: finding.silent(c, rules.warnings, rules.cut_off, now),
            partial(_find_cut_off, services),
            settling=SETTLING,
        ),
        Tick(
            "cut_off_ended",
            CHECK_IN_SECONDS,
            lambda c, _now: finding.anything_to_end(c),
            lambda _found, now: _in_parts(services, finding.end_what_is_over, finding.CHUNK, now),
        ),
        Tick(
            "errands",
            CHECK_IN_SECONDS,
            errands.anything_due,
            lambda _found, now: _in_parts(
                services,
                lambda c, now, limit: errands.chase(
                    c, rules.warnings, rules.cut_off, now, limit=limit
                ),
                errands.CHUNK,
                now,
            ),
            settling=SETTLING,
        ),
        *telling_ends(services),
        *channel_sending(services, at_once),
        *spent_cards(services),
        *robots(services),
        tick_of_tests(services),
        *taking_back(services),
        *publishing(services),
        Tick(
            "cards",
            card_seconds,
            lambda c, now: look_but_at(c, "card", now, partial(stale_cards, c, now)),
            lambda looked, now: bring_up_to_date(
                services.database, "card", now, looked, queue_edits
            ),
        ),
        Tick(
            "silent_lists",
            card_seconds,
            lambda c, now: look_but_at(c, "list", now, partial(stale_lists, c, now)),
            lambda looked, now: bring_up_to_date(
                services.database, "list", now, looked, queue_list_edits
            ),
        ),
        # The numbers that cards, lists and the board show.
        Tick(
            "recount",
            RECOUNT_SECONDS,
            lambda c, _now: progress_store.wrong(c),
            partial(_recount, services),
        ),
        # What is expected of every patroller today: at midnight, and after orders.
        Tick(
            "plan_check_ins",
            PLAN_SECONDS,
            lambda c, now: planning.anything_unplanned(c, now, rules.shifts),
            chunks(
                lambda c, now, most: planning.plan_watches(c, now, rules.shifts, limit=most),
                planning.CHUNK,
                lambda c, now, error: planning.leave_first_unplanned(c, now, rules.shifts, error),
                rest_seconds=PLAN_REST_SECONDS,
            ),
        ),
        Tick(
            "check_ins",
            CHECK_IN_SECONDS,
            missed.anything_due,
            chunks(
                lambda c, now, most: missed.chase_missed(c, now, rules.shifts, limit=most),
                missed.CHUNK,
                of_column(watch_store.DUE),
            ),
            settling=SETTLING,
        ),
        # Warnings that machines propose: whoever is in charge is asked, tier after tier.
        Tick(
            "drafts",
            at_once,
            proposing.anything_due,
            chunks(
                lambda c, now, most: proposing.ask_due(c, now, rules.proposals, limit=most),
                proposing.CHUNK,
                of_column(draft_store.DUE),
            ),
        ),
        *task_ticks(services),
        *water(services, CHECK_IN_SECONDS, RETENTION_SECONDS),
        *season_ticks(services, CHECK_IN_SECONDS),
        daily_tick(services),
        # Roll calls that are over, results and pictures that are out of date.
        Tick(
            "roll_calls",
            card_seconds,
            roll_calls.moving,
            lambda moving, now: each_alone(
                services.database,
                now,
                "roll_call",
                moving,
                lambda c, roll_call_id: roll_calls.move_one_on(c, roll_call_id, now),
            ),
        ),
        # Roster checks of which the silent are asked again, or that end.
        Tick(
            "roster_checks",
            GROUP_SECONDS,
            roster_check_store.due,
            lambda due, now: each_alone(
                services.database,
                now,
                "roster_check",
                due,
                lambda c, check_id: roster_checks.move_on(c, check_id, now),
            ),
        ),
        *duty_ticks(services),
        # In threads of their own: a slow server delays nothing else.
        Tick("feeds", FEED_SECONDS, feeds.due, lambda _due, _now: beside(feeds.poll)),
        sky_tick(services, FEED_SECONDS),
        Tick(
            "hotspots", CHECK_IN_SECONDS, verification.anything_due, partial(_move_tasks, services)
        ),
        Tick("copies", COPY_SECONDS, copies.due, copies.copy),
        # Groups that refused us: whether they take messages again.
        Tick(
            "groups",
            GROUP_SECONDS,
            group_reach.anything_to_ask,
            lambda _due, now: _in_parts(services, group_reach.ask_again, group_reach.CHUNK, now),
        ),
        # What stands still, told to the duty officer at the top.
        Tick("audit", settings.watch.audit_seconds, auditor.due, auditor.tell),
        Tick(
            "retention",
            RETENTION_SECONDS,
            lambda _c, _now: True,  # looked for in chunks, as it is deleted
            partial(delete_what_is_old, services),
        ),
    )


# -- how they work -----------------------------------------------------------------------------


def _chunks(
    services: Services,
    chunk: Chunk,
    largest: int,
    set_head_aside: SetHeadAside,
    *,
    rest_seconds: float = 0.0,
) -> Work:
    """The work that is done a chunk at a time."""

    async def work(_found: object, now: datetime) -> None:
        await in_chunks(
            services.database, now, chunk, largest, set_head_aside, rest_seconds=rest_seconds
        )

    return work


async def _in_parts(
    services: Services, part: Callable[..., int], largest: int, now: datetime
) -> None:
    """Work without rows of which one could fail: part after part, until one is not full."""
    while await services.database.run(lambda c: part(c, now, limit=largest)) == largest:
        continue


async def _settling(services: Services, began: datetime, now: datetime) -> bool:
    """Who answered while the bot was out is not chased: their taps wait at Telegram."""
    return now - began < SETTLING and not await services.database.ask(
        lambda c: bot_store.all_heard_since(c, now - HEARD_LATELY)
    )


async def _call_by_channels(
    services: Services, began: datetime, _found: bool, now: datetime
) -> None:
    if await _settling(services, began, now):
        return
    rules = services.rules.warnings
    await in_chunks(
        services.database,
        now,
        lambda c, now, most: calling.call_by_channels(c, rules, now, limit=most),
        calling.CHUNK,
        lambda c, now, error: calling.set_head_aside(c, rules, now, error),
    )


async def _sweep(services: Services, began: datetime, _found: bool, now: datetime) -> None:
    database, rules = services.database, services.rules.warnings

    async def climb() -> None:
        if await _settling(services, began, now):
            return
        # Until nothing is taken: somebody unreachable climbs two rungs at once.
        await in_chunks(
            database,
            now,
            lambda c, now, most: chase.sweep(c, rules, now, limit=most),
            chase.CHUNK,
            set_call_aside,
        )

    async def expire() -> None:
        ended = await database.ask(lambda c: alert_store.ended(c, now))
        await each_alone(
            database, now, "ending", ended, lambda c, alert_id: expire_alert(c, alert_id, now)
        )

    async def close_finished() -> None:
        finished = await database.ask(alert_store.finished) if rules.auto_close else []
        await each_alone(
            database,
            now,
            "ending",
            finished,
            lambda c, alert_id: close_if_finished(c, alert_id, now),
        )

    async def climb_reports() -> None:
        await in_chunks(
            database,
            now,
            lambda c, now, most: late_reports.climb_reports(c, rules, now, limit=most),
            late_reports.CHUNK,
            of_column(REPORTS_DUE),
        )

    # What is over ends before anything of it is sent.
    await each_of(expire, climb, close_finished, climb_reports)


async def _find_cut_off(services: Services, looked: list[finding.Silent], now: datetime) -> None:
    rules = services.rules
    for first in range(0, len(looked), finding.CHUNK):
        some = looked[first : first + finding.CHUNK]
        await services.database.run(
            partial(
                finding.find, warnings=rules.warnings, rules=rules.cut_off, now=now, looked=some
            )
        )


async def _recount(services: Services, wrong: list[int], now: datetime) -> None:
    for alert_id in wrong:
        await services.database.run(partial(progress_store.recount, alert_id=alert_id, now=now))


async def _move_tasks(services: Services, _found: bool, now: datetime) -> None:
    database, rules = services.database, services.rules.hotspots
    free: Responders | None = None
    try:
        free = await database.ask(lambda c: asking.responders_due(c, now, rules))
    except StoreError:
        raise
    except Exception:
        log.exception("who can be sent is looked up for each hotspot")  # it is one of these rows
    await in_chunks(
        database,
        now,
        lambda c, now, most: verification.move_tasks(c, now, rules, free, limit=most),
        asking.CHUNK,
        of_column(hotspot_store.DUE),
    )
    if free is not None:
        await all_set_aside(database, now, "patroller", free.unreadable)
