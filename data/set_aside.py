"""What fails again and again, by a bug or a damaged row: set aside, so that all the rest goes on.

What is set aside is tried again after a while, and stays on record as long as that fails. The
record holds no words of the error, which may quote a person: they are in the log.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from data.audit import Entry, append
from data.tables.running import set_aside

AGAIN_AFTER = timedelta(minutes=10)
"""Until what was set aside is tried again (ours)."""

GRACE = timedelta(minutes=2)
"""What was not tried again for so long after its time has been done, or is over (ours)."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """One thing of a topic (a call, a tick) that fails since then, by an error of that class."""

    topic: str
    row: str
    since: datetime
    again_at: datetime
    error: str


class DueColumn(NamedTuple):
    """Where a topic's rows say when they are due.

    :param topic: what a row is called in the trail: ``call``.
    :param order: in which they are taken; without one, by when they are due, then by id.
    """

    topic: str
    id: Column[int]
    due: Column[Any]
    order: tuple[Column[Any], ...] = ()
    again_after: timedelta = AGAIN_AFTER


def note(
    connection: Connection,
    topic: str,
    row: object,
    error: BaseException,
    now: datetime,
    again_after: timedelta = AGAIN_AFTER,
) -> None:
    """Remember that a row failed, for it to be told and tried again."""
    this = _this(topic, str(row))
    values = {"again_at": now + again_after, "error": type(error).__name__[:80]}
    if connection.execute(update(set_aside).where(*this).values(values)).rowcount:
        return
    keys = {"topic": topic, "row_id": str(row)}
    connection.execute(insert(set_aside).values(**keys, since=now, **values))
    detail = {"error": values["error"]}
    append(connection, now, [Entry("row.set_aside", f"{topic}:{row}"[:40], detail=detail)])


def waiting(connection: Connection, topic: str, now: datetime) -> frozenset[str]:
    """The rows of a topic that are not to be tried yet."""
    return frozenset(connection.execute(_WAITING, {"of": topic, "now": now}).scalars())


def kept(connection: Connection, now: datetime) -> list[SetAside]:
    """Everything that is set aside, the longest first."""
    query = select(set_aside).where(set_aside.c.again_at > now - GRACE)
    rows = connection.execute(query.order_by(set_aside.c.since, set_aside.c.row_id))
    return [SetAside(row.topic, row.row_id, row.since, row.again_at, row.error) for row in rows]


def forget_old(connection: Connection, now: datetime) -> None:
    """Forget what was done when it was tried again, or is not to be done any more."""
    connection.execute(delete(set_aside).where(set_aside.c.again_at <= now - GRACE))


def set_head_aside(
    connection: Connection, rows: DueColumn, now: datetime, error: BaseException
) -> bool:
    """Set aside the row that is due first; whether there was one."""
    head = first_due(connection, rows, now)
    if head is None:
        return False
    put_off(connection, rows, now, rows.id == head)
    note(connection, rows.topic, head, error, now, rows.again_after)
    return True


def first_due(connection: Connection, rows: DueColumn, now: datetime) -> int | None:
    """The row of a topic that is due first."""
    return connection.execute(_first_due(rows), {"now": now}).scalar()


def put_off(
    connection: Connection, rows: DueColumn, now: datetime, which: ColumnElement[bool]
) -> None:
    """Have these rows, of those that are due, come due again after a while."""
    changed = update(rows.id.table).where(rows.due <= now, which)
    connection.execute(changed.values({rows.due: now + rows.again_after}))


def _this(topic: str, row: str) -> Collection[ColumnElement[bool]]:
    return set_aside.c.topic == topic, set_aside.c.row_id == row


_WAITING = select(set_aside.c.row_id).where(
    set_aside.c.topic == bindparam("of"), set_aside.c.again_at > bindparam("now")
)


@cache  # asked every second
def _first_due(rows: DueColumn) -> Select[Any]:
    query = select(rows.id).where(rows.due <= bindparam("now"))
    return query.order_by(*(rows.order or (rows.due, rows.id))).limit(1)
