"""Rows to the history and out of the live tables: copied first, removed when they are there.

Copying and removing are two transactions: SQLite commits two files one after the other, and a
process killed in between must have lost nothing. So a chunk may be copied twice, and is removed
only when the history holds exactly the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    except_,
    func,
    insert,
    inspect,
    literal,
    or_,
    select,
    update,
)

from alerts.calls import Call, CallState
from alerts.model import State
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.store import NOT_QUEUED
from data import audit, trail_marks
from data.errors import Conflict, NotFound, StoreUnwritable
from data.history import HistoryProblem, history_name, require, require_in_place
from data.json_rows import GIVEN_IDS, as_json
from data.tables import history
from data.tables.alerts import (
    alerts,
    call_posts,
    calls,
    cards,
    deliveries,
    help_requests,
    reports,
)
from data.tables.beyond_answers import withdrawn_answers
from data.tables.changes import left_out_posts
from data.tables.channels import channel_deliveries
from data.tables.history import month_of
from data.tables.household_moves import household_moves
from data.tables.running import audit as trail
from data.trail_marks import Mark

_OVER = [
    state.value
    for state in (State.CLOSED, State.LIFTED, State.CANCELLED, State.EXPIRED, State.REFUSED)
]
_DONE = [state.value for state in (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED)]


OF_CALLS = (
    reports,
    help_requests,
    call_posts,
    left_out_posts,
    channel_deliveries,
    withdrawn_answers,
    household_moves,
)
"""What refers to calls, or came of them: it is removed before them."""


class Chunk(NamedTuple):
    """Rows of one live table that go to the history together, under one month."""

    table: Table
    month: int
    keys: Sequence[int]


class OldAlert(NamedTuple):
    """An alert whose rows may go."""

    id: int
    month: int
    archived: bool


class Archivable(NamedTuple):
    """How much could go now."""

    alerts: int
    calls: int
    deliveries: int
    entries: int


# -- what may go -------------------------------------------------------------------------------


def old_alerts(connection: Connection, before: datetime, after_id: int) -> list[OldAlert]:
    """Alerts with a greater id that were over before then, by id; a few at a time.

    Those of which some rows are still to be removed, as after a kill, are among them.
    """
    rows_left = or_(
        *(
            select(table.c.alert_id).where(table.c.alert_id == alerts.c.id).exists()
            for table in (calls, cards, deliveries, *OF_CALLS)
        )
    )
    query = (
        select(alerts.c.id, alerts.c.created_at, alerts.c.archived_at)
        .where(
            alerts.c.id > after_id,
            _over(before),
            or_(alerts.c.archived_at.is_(None), rows_left),
        )
        .order_by(alerts.c.id)
        .limit(100)
    )
    return [
        OldAlert(row.id, month_of(row.created_at), row.archived_at is not None)
        for row in connection.execute(query)
    ]


def archivable(connection: Connection, before: datetime) -> Archivable:
    """How much was over before then; reads all deliveries and entries that old."""
    over = _over(before)
    theirs = select(alerts.c.id).where(over)

    def how_many(*where: ColumnElement[bool]) -> int:
        return int(connection.execute(select(func.count()).where(*where)).scalar_one())

    return Archivable(
        how_many(over, alerts.c.archived_at.is_(None)),
        how_many(calls.c.alert_id.in_(theirs)),
        how_many(
            deliveries.c.created_at < before,
            deliveries.c.state.in_(_DONE),
            or_(deliveries.c.alert_id.is_(None), deliveries.c.alert_id.in_(theirs)),
        ),
        how_many(trail.c.at < before, trail.c.seq < audit.length(connection)),
    )


def rows_of_alert(
    connection: Connection, alert: OldAlert, table: Table, after_key: int, limit: int
) -> Chunk:
    """The next rows of the alert with a greater key than ``after_key``."""
    if table is cards:  # as few as the alert has groups and commanders
        found = connection.execute(
            select(cards.c.alert_id).where(cards.c.alert_id == alert.id).limit(1)
        ).scalars()
        return Chunk(cards, alert.month, [key for key in found if key > after_key])
    key = table.c[_key(table)]
    query = (
        select(key)
        .where(table.c.alert_id == alert.id, key > after_key)
        .distinct()
        .order_by(key)
        .limit(limit)
    )
    if table is deliveries:
        query = query.where(NOT_QUEUED, deliveries.c.state.in_(_DONE))
    return Chunk(table, alert.month, list(connection.execute(query).scalars()))


def last_calls(connection: Connection, alert: OldAlert, limit: int) -> Chunk:
    """The newest calls of the alert: a stand-in's, which names another call, goes first."""
    query = select(calls.c.id).where(calls.c.alert_id == alert.id).order_by(calls.c.id.desc())
    return Chunk(calls, alert.month, list(connection.execute(query.limit(limit)).scalars()))


def old_deliveries(
    connection: Connection, before: datetime, after_id: int, limit: int
) -> tuple[list[Chunk], int | None]:
    """Of the next ``limit`` deliveries, those made before then and of no alert still kept.

    :returns: them by month, and the last id looked at; ``None`` when there are no older ones left.
    """
    columns = deliveries.c
    query = (
        select(columns.id, columns.created_at, columns.state, columns.alert_id)
        .where(columns.id > after_id)
        .order_by(columns.id)
        .limit(limit)
    )
    rows = [row for row in connection.execute(query) if row.created_at < before]
    by_month: dict[int, list[int]] = {}
    for row in rows:
        if row.state in _DONE and row.alert_id is None:
            by_month.setdefault(month_of(row.created_at), []).append(row.id)
    chunks = [Chunk(deliveries, month, keys) for month, keys in by_month.items()]
    return chunks, rows[-1].id if rows else None


def old_entries(connection: Connection, before: datetime, limit: int) -> Chunk | None:
    """The first entries of the live trail, of one month, made before then; never the last one."""
    head = audit.length(connection)
    query = select(trail.c.seq, trail.c.at).where(trail.c.seq < head).order_by(trail.c.seq)
    rows = connection.execute(query.limit(limit)).all()
    if not rows or rows[0].at >= before:
        return None
    month = month_of(rows[0].at)
    keys = []
    for row in rows:
        if row.at >= before or month_of(row.at) != month:
            break
        keys.append(row.seq)
    return Chunk(trail, month, keys)


def calls_of(connection: Connection, alert_id: int) -> Table:
    """Where the calls of an alert are: the live table, or the history's when it was archived.

    :raises NotFound: they were archived, and the history is not here (``HistoryProblem.AWAY``).
    """
    archived = connection.execute(_WHEN_ARCHIVED, {"alert": alert_id}).first()
    if archived is None:
        return calls
    require(connection)
    kept = history.calls
    found = select(kept.c.id).where(kept.c.alert_id == alert_id).limit(1)
    if archived.released_at is not None and connection.execute(found).first() is None:
        month = month_of(archived.created_at)
        raise NotFound(HistoryProblem.AWAY, file=history_name(connection), month=month)
    return kept


def as_kept(call: Call) -> Call:
    """A call as it reads today, that may have been archived by an earlier release."""
    if not call.steps & _WAS_LEFT_OUT:
        return call
    return call._replace(state=CallState.LEFT_OUT, steps=call.steps & ~_WAS_LEFT_OUT)


_WAS_LEFT_OUT = 512  # what said so before there was a state for it; live calls have it no more


def kept_rows_of(connection: Connection, alert_id: int, table: Table) -> Table | None:
    """Where the alert's rows of this table are: the live table, or the history's.

    ``None`` when the history was written by a release that had no such table.

    :raises NotFound: they were archived, and the history is not here (``HistoryProblem.AWAY``).
    """
    if connection.execute(_WHEN_ARCHIVED, {"alert": alert_id}).first() is None:
        return table
    require(connection)
    known = inspect(connection).has_table(table.name, schema=history.SCHEMA)
    return _kept(table) if known else None


_WHEN_ARCHIVED = select(alerts.c.created_at, alerts.c.released_at).where(
    alerts.c.id == bindparam("alert"), alerts.c.archived_at.is_not(None)
)


def any_alert_archived(connection: Connection) -> bool:
    """Whether any alert's calls lie in the history."""
    query = select(alerts.c.id).where(alerts.c.archived_at.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


# -- moving ------------------------------------------------------------------------------------


def copy(connection: Connection, chunk: Chunk) -> None:
    """Write the rows into the history; what an earlier try left there is written anew."""
    kept, given = _kept(chunk.table), {"ids": as_json(chunk.keys)}
    stale = kept.c[_key(chunk.table)].in_(GIVEN_IDS)
    if chunk.table is trail:  # beyond the newest mark nothing counts: another life's, perhaps
        mark = trail_marks.newest(connection)
        connection.execute(delete(kept).where(kept.c.seq > (0 if mark is None else mark.seq)))
    else:
        connection.execute(delete(kept).where(kept.c.month == chunk.month, stale), given)
    columns = chunk.table.columns
    rows = select(literal(chunk.month), *columns).where(_among(chunk.table))
    names = ["month", *(column.name for column in columns)]
    connection.execute(insert(kept).from_select(names, rows), given)


def mark_archived(connection: Connection, alert_id: int, now: datetime) -> None:
    """From now on the alert's calls and cards are read in the history."""
    connection.execute(update(alerts).where(alerts.c.id == alert_id).values(archived_at=now))


def remove(connection: Connection, chunk: Chunk) -> int:
    """Delete the rows, all of which the history holds; returns how many.

    :raises StoreUnwritable: it holds something else, or nothing (``CHANGED``): nothing is deleted.
    """
    _require_same(connection, chunk)
    where = _among(chunk.table)
    return connection.execute(delete(chunk.table).where(where), _given(chunk)).rowcount


def remove_entries(connection: Connection, chunk: Chunk, now: datetime) -> int:
    """Delete entries of the trail that the history holds, and sign the mark it goes on from.

    :raises StoreUnwritable: see ``remove``.
    :raises Conflict: the chain is broken among them (``audit.Broken``): nothing is deleted.
    """
    _require_same(connection, chunk)
    mark = trail_marks.newest(connection)
    seq, last = (0, audit.GENESIS) if mark is None else (mark.seq, mark.hash)
    query = select(trail).where(_among(trail)).order_by(trail.c.seq)
    found = audit.walk(connection.execute(query, _given(chunk)).all(), seq, last)
    if found.broken is not None:
        raise Conflict(HistoryProblem.BROKEN_TRAIL, at=found.broken_at)
    # The mark first: the database lets no entry go that no mark stands for.
    trail_marks.put(connection, Mark(found.entries, found.head, chunk.month, now))
    return connection.execute(delete(trail).where(_among(trail)), _given(chunk)).rowcount


def _over(before: datetime) -> ColumnElement[bool]:
    ended = (alerts.c.closed_at, alerts.c.lifted_at, alerts.c.cancelled_at)
    return and_(
        alerts.c.state.in_(_OVER),
        alerts.c.expires_at < before,
        *(or_(moment.is_(None), moment < before) for moment in ended),
    )


def _require_same(connection: Connection, chunk: Chunk) -> None:
    require_in_place(connection)
    kept = _kept(chunk.table)
    live = select(*map(_comparable, chunk.table.columns)).where(_among(chunk.table))
    columns = [_comparable(kept.c[column.name]) for column in chunk.table.columns]
    there = select(*columns).where(
        kept.c.month == chunk.month, kept.c[_key(chunk.table)].in_(GIVEN_IDS)
    )
    differing = select(func.count()).select_from(except_(live, there).subquery())
    if connection.execute(differing, _given(chunk)).scalar_one():
        raise StoreUnwritable(HistoryProblem.CHANGED, file=history_name(connection))


def _kept(table: Table) -> Table:
    return history.metadata.tables[f"{history.SCHEMA}.{table.name}"]


def _key(table: Table) -> str:
    """What a chunk's keys are of this table."""
    return _KEYS.get(table.name, "id")


_KEYS = {
    "audit": "seq",
    "cards": "alert_id",
    "call_posts": "call_id",
    "left_out_posts": "call_id",
}


def _among(table: Table) -> ColumnElement[bool]:
    return table.c[_key(table)].in_(GIVEN_IDS)


def _given(chunk: Chunk) -> dict[str, Any]:
    return {"ids": as_json(chunk.keys)}


def _comparable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL compares no two values of JSON."""
    return cast(column, Text) if isinstance(column.type, JSON) else column
