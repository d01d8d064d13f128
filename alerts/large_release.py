"""A release to more persons than one transaction takes: a part at a time, as a whole in its effect.

First all its calls are added, and none of their ladders begins; nobody is told anything. Only when
all of them are there are the messages queued and the ladders set going, groups first. How far it
has got is a row: a process that is killed leaves the rest to the next. One whose next part fails
every time is set aside for a while, and the others go on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts import (
    alert_store,
    call_post_store,
    call_store,
    progress_store,
    release_store,
    uncalled_store,
)
from alerts.holding import hold
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.preview import groups_of, whom_of
from alerts.release import first_due, queue_posts, tell_releasers
from alerts.release_store import Unfinished
from alerts.rules import LANES, Rules
from alerts.validity import overdue
from contacts import people_store
from contacts.targeting import Audience
from contacts.targeting_store import audience_query
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

PART = 10_000
"""Persons dealt with in one transaction (ours): about a tenth of a second."""


AGAIN_AFTER = timedelta(minutes=1)
"""Until a release that was set aside is tried again (ours): people wait for its warning."""

_TOPIC = "release"


def anything_unfinished(connection: Connection, now: datetime) -> bool:
    """Whether ``carry_on`` would find something to do."""
    return _next(connection, now) is not None


def carry_on(connection: Connection, rules: Rules, now: datetime, *, limit: int = PART) -> int:
    """Do the next part of a release; returns 0 when none is unfinished."""
    unfinished = _next(connection, now)
    if unfinished is None:
        return 0
    alert = alert_store.alert(connection, unfinished.alert_id)
    if alert is None or alert.state is not State.RELEASED:
        release_store.end(connection, unfinished.alert_id)  # cancelled meanwhile
        return 1
    if alert.expires_at <= now:
        release_store.end(connection, unfinished.alert_id)
        return 1
    if _stood_still(connection, alert, rules, now):
        hold(connection, alert, now)
        return 1
    whom = whom_of(connection, alert, rules)
    if unfinished.calls_after is None:
        rest = _from(whom, release_store.last_division(connection, alert.id))
        added = call_store.add_more_calls(
            connection, audience_query(rest), alert.id, now, limit, excluding=[alert.sender_id]
        )
        if added < limit:
            release_store.reached(connection, alert.id, unfinished.calls_begin)
            if call_post_store.any_held(connection):
                call_post_store.add_of_release(connection, alert.id, whom)
                progress_store.count_further_posts(connection, alert.id)
            uncalled_store.count(connection, alert.id, whom)
            queue_posts(connection, alert, groups_of(connection, alert, whom), now)
            by = people_store.person(connection, unfinished.by_id)
            tell_releasers(connection, alert, by, now)
            made = progress_store.of_divisions(connection, alert.id, [""])[""].calls
            detail = {"calls": made}
            append(connection, now, [Entry("alert.called", f"alert:{alert.id}", detail=detail)])
        return limit
    after = unfinished.calls_after
    if after >= release_store.last_call(connection):
        release_store.end(connection, alert.id)
        return 1
    ids = (after + 1, after + limit)
    call_store.start_ladders(connection, alert.id, ids, now, first_due(alert, rules, now))
    outbox_store.add_calls_of(connection, alert.id, LANES[alert.level], now, ids=ids)
    release_store.reached(connection, alert.id, after + limit)
    return limit


def set_next_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """Set aside the release that would be carried on, for the others; whether there was one."""
    unfinished = _next(connection, now)
    if unfinished is None:
        return False
    set_aside.note(connection, _TOPIC, unfinished.alert_id, error, now, AGAIN_AFTER)
    return True


def _next(connection: Connection, now: datetime) -> Unfinished | None:
    """The release that has waited longest of those that are not set aside."""
    aside = [int(row) for row in set_aside.waiting(connection, _TOPIC, now)]
    return release_store.first(connection, but=aside)


def _stood_still(connection: Connection, alert: Alert, rules: Rules, now: datetime) -> bool:
    """Whether the last part was done too long ago for the next to be done unasked."""
    released_at = alert.released_at or alert.created_at
    if not overdue(alert, released_at, now, rules):
        return False
    last = call_store.last_called_at(connection, alert.id) or released_at
    return overdue(alert, max(last, released_at), now, rules)


def _from(whom: Audience, division: str) -> Audience:
    """Those of the division and of all with greater codes."""
    ranges = tuple((max(low, division), high) for low, high in whom.ranges if high >= division)
    return replace(whom, ranges=ranges)
