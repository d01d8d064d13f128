"""How jiaoying itself stands, as rows: what is late, what waits, and the findings remembered.

Every question here is asked every half minute and at each scrape: each is answered by an index that
holds only what is open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    case,
    delete,
    false,
    func,
    insert,
    literal_column,
    select,
    true,
    update,
)

from alerts.model import State
from alerts.outbox.deliveries import IMPOSSIBLE
from alerts.outbox.lanes import Lane
from alerts.oversight.findings import FindingKind, Open, Queue
from data.tables.alerts import alerts, calls, deliveries
from data.tables.columns import constant
from data.tables.running import findings, inbox, pulses

# Written into the statement, so that the indexes of only such rows serve.
_QUEUED: ColumnElement[str] = constant("queued")
_CLAIMED: ColumnElement[str] = constant("claimed")
_FAILED: ColumnElement[str] = constant("failed")
_IMPOSSIBLE: ColumnElement[str] = literal_column(f"'{IMPOSSIBLE}'")

# Built once: they are asked again and again.
_LATE_CALLS = (
    select(func.count(), func.min(calls.c.due_at))
    .join(alerts, alerts.c.id == calls.c.alert_id)
    .where(
        calls.c.due_at.is_not(None),
        calls.c.due_at <= bindparam("before"),
        # Within CASE, so that SQLite begins with the few that are due, not with every call of the
        # warnings in force.
        case((alerts.c.state == State.RELEASED.value, true()), else_=false()),
    )
)
_LANES_DUE = (
    select(deliveries.c.bot_id, deliveries.c.lane, func.count(), func.min(deliveries.c.not_before))
    .where(deliveries.c.state == _QUEUED, deliveries.c.not_before <= bindparam("now"))
    .group_by(deliveries.c.bot_id, deliveries.c.lane)
)
_LANES_CLAIMED = (
    select(deliveries.c.bot_id, deliveries.c.lane, func.max(deliveries.c.claimed_at))
    .where(deliveries.c.state == _CLAIMED)
    .group_by(deliveries.c.bot_id, deliveries.c.lane)
)
_CLAIMED_LONG_AGO = select(func.count(), func.min(deliveries.c.claimed_at)).where(
    deliveries.c.state == _CLAIMED, deliveries.c.claimed_at <= bindparam("before")
)
_UNHANDLED = select(func.count(), func.min(inbox.c.received_at)).where(
    inbox.c.attempts == 0, inbox.c.received_at <= bindparam("before")
)
_FAILED_UPDATES = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.attempts > 0)
_IMPOSSIBLE_MESSAGES = select(func.count(), func.min(deliveries.c.sent_at)).where(
    deliveries.c.state == _FAILED,
    deliveries.c.error == _IMPOSSIBLE,
    deliveries.c.sent_at > bindparam("after"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of something wait, and since when the oldest does."""

    count: int
    oldest_at: datetime | None = None


def together(one_kind: Waiting, other: Waiting) -> Waiting:
    """Two kinds of the same trouble, counted as one."""
    since = [kind.oldest_at for kind in (one_kind, other) if kind.oldest_at is not None]
    return Waiting(one_kind.count + other.count, min(since, default=None))


def late_calls(connection: Connection, before: datetime) -> Waiting:
    """Calls of warnings in force whose next step was due at ``before`` or earlier."""
    return _waiting(connection, _LATE_CALLS, before=before)


def queues(connection: Connection, now: datetime) -> list[Queue]:
    """Every lane of every bot in which something is due or claimed."""
    waiting = {(row[0], row[1]): row for row in connection.execute(_LANES_DUE, {"now": now})}
    taken = {(row[0], row[1]): row[2] for row in connection.execute(_LANES_CLAIMED)}
    found = []
    for bot_id, lane in waiting.keys() | taken.keys():
        row = waiting.get((bot_id, lane))
        count, oldest = (0, now) if row is None else (row[2], row[3])
        found.append(Queue(bot_id, Lane(lane), count, oldest, taken.get((bot_id, lane))))
    return sorted(found, key=lambda queue: (queue.bot_id or 0, queue.lane))


def claimed_before(
    connection: Connection, before: datetime, *, except_bots: Collection[int] = ()
) -> Waiting:
    """What was taken to be sent at ``before`` or earlier and has no outcome."""
    query = _CLAIMED_LONG_AGO
    if except_bots:
        query = query.where(deliveries.c.bot_id.not_in(except_bots))
    return _waiting(connection, query, before=before)


def unhandled(connection: Connection, before: datetime) -> Waiting:
    """Updates taken in at ``before`` or earlier and not tried yet."""
    return _waiting(connection, _UNHANDLED, before=before)


def failed_updates(connection: Connection) -> Waiting:
    """Updates whose handling failed."""
    return _waiting(connection, _FAILED_UPDATES)


def impossible_messages(connection: Connection, after: datetime) -> Waiting:
    """Messages that a bug kept from being sent, since ``after``."""
    return _waiting(connection, _IMPOSSIBLE_MESSAGES, after=after)


def calls_by_state(connection: Connection) -> dict[str, int]:
    """The calls of warnings in force, by state."""
    query = (
        select(calls.c.state, func.count())
        .join(alerts, alerts.c.id == calls.c.alert_id)
        .where(alerts.c.state == State.RELEASED.value)
        .group_by(calls.c.state)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _waiting(connection: Connection, query: Any, **times: datetime) -> Waiting:
    count, oldest = connection.execute(query, times).one()
    return Waiting(count, oldest)


# -- what was found ---------------------------------------------------------------------------


def open_findings(connection: Connection) -> dict[FindingKind, Open]:
    """The findings that are not over."""
    return {finding.kind: finding for finding in map(_open, connection.execute(select(findings)))}


def found(
    connection: Connection, kind: FindingKind, facts: Mapping[str, Any], now: datetime
) -> None:
    """Remember a finding that was made for the first time."""
    connection.execute(
        insert(findings).values(kind=kind.value, since=now, seen_at=now, told=[], facts=dict(facts))
    )


def seen(
    connection: Connection, kind: FindingKind, facts: Mapping[str, Any], now: datetime
) -> None:
    """Remember that a finding was made once more."""
    _change(connection, kind, seen_at=now, facts=dict(facts))


def told(connection: Connection, kind: FindingKind, people: Iterable[int], now: datetime) -> None:
    """Remember who was told of a finding."""
    _change(connection, kind, told_at=now, told=list(people))


def forget(connection: Connection, kind: FindingKind) -> None:
    """Forget a finding that is over."""
    connection.execute(delete(findings).where(findings.c.kind == kind.value))


def _change(connection: Connection, kind: FindingKind, **values: Any) -> None:
    connection.execute(update(findings).where(findings.c.kind == kind.value).values(values))


def prove_writable(connection: Connection, now: datetime) -> None:
    """Change one small row, so that a file that is read-only or a disk that is full is noticed."""
    connection.execute(update(pulses).values(at=now))


def lateness(connection: Connection, now: datetime) -> timedelta:
    """By how much the oldest step that is due is late; zero when none is."""
    oldest = late_calls(connection, now).oldest_at
    return timedelta(0) if oldest is None else now - oldest


def _open(row: Row[Any]) -> Open:
    return Open(
        FindingKind(row.kind), row.since, row.seen_at, row.told_at, tuple(row.told), row.facts
    )
