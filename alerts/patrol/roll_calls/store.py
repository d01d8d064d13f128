"""Rows to roll calls, and back: those that run, and what their results show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    bindparam,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind, Picture, RollCallResult
from alerts.patrol.roll_calls.model import Counts, RollCall, Whom
from contacts.divisions.codes import code_range
from data.tables.patrol import roll_calls

_MAP_WANTED: ColumnElement[bool] = literal_column("map_wanted", Boolean)
_FIELDS = tuple(column.name for column in roll_calls.c)


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a new roll call; returns its id."""
    key = connection.execute(insert(roll_calls).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def roll_call(connection: Connection, roll_call_id: int) -> RollCall | None:
    """The roll call of this number."""
    query = select(roll_calls).where(roll_calls.c.id == roll_call_id)
    row = connection.execute(query).first()
    return None if row is None else as_roll_call(row)


def running(connection: Connection, division_code: str) -> RollCall | None:
    """The roll call of this area that is not over; there is never more than one."""
    query = select(roll_calls).where(
        roll_calls.c.closed_at.is_(None), roll_calls.c.division_code == division_code
    )
    row = connection.execute(query).first()
    return None if row is None else as_roll_call(row)


def newest(connection: Connection, division_code: str, limit: int) -> list[RollCall]:
    """The roll calls of the division and below, newest first."""
    low, high = code_range(division_code)
    query = (
        select(roll_calls)
        .where(roll_calls.c.division_code.between(low, high))
        .order_by(roll_calls.c.id.desc())
        .limit(limit)
    )
    return [as_roll_call(row) for row in connection.execute(query)]


def running_ids(connection: Connection) -> list[int]:
    """The numbers of the roll calls that are not over."""
    return list(connection.execute(_RUNNING).scalars())


def stale(connection: Connection) -> list[int]:
    """The numbers of the roll calls whose result changed since it was shown."""
    return list(connection.execute(_STALE).scalars())


def undrawn(connection: Connection, rested_since: datetime) -> list[int]:
    """Those whose picture is wanted and out of date, and was not drawn since then, by number.

    One that is over gets its last picture at once.
    """
    return list(connection.execute(_UNDRAWN, {"rested": rested_since}).scalars())


def note_shown(connection: Connection, roll_call: RollCall, counts: Counts) -> None:
    """Remember what the message of the result is about to show."""
    change(connection, roll_call.id, shown=counts.digest(roll_call))


def mark_stale(connection: Connection, roll_call_id: int) -> None:
    """What the message and the picture of the result show is out of date."""
    query = update(roll_calls).where(
        roll_calls.c.id == roll_call_id,
        or_(roll_calls.c.shown.is_not(None), roll_calls.c.map_shown.is_not(None)),
    )
    connection.execute(query.values(shown=None, map_shown=None))


def past_end(connection: Connection, now: datetime) -> list[int]:
    """The numbers of those that are still open and whose time has come to an end."""
    return list(connection.execute(_PAST_END, {"now": now}).scalars())


def change(connection: Connection, roll_call_id: int, **values: Any) -> None:
    """Set columns of a roll call."""
    query = update(roll_calls).where(roll_calls.c.id == roll_call_id).values(**values)
    connection.execute(query)


def note_message(connection: Connection, sent: Delivery, message_id: int | None) -> None:
    """A result or its picture was sent as this message: from now on it is edited in place."""
    roll_call_id: int | None
    if sent.kind is MessageKind.PICTURE:
        roll_call_id, column = decode(Picture, sent.params).roll_call_id, "map_message_id"
    else:
        roll_call_id, column = decode(RollCallResult, sent.params).roll_call_id, "message_id"
    if message_id is None or roll_call_id is None:
        return
    its_roll_call = roll_call(connection, roll_call_id)
    if its_roll_call is None or its_roll_call.chat_id != sent.chat_id:  # somebody else's copy
        return
    change(connection, roll_call_id, **{column: message_id})


def as_roll_call(row: Any) -> RollCall:
    """The roll call of a row that begins with the columns of its table."""
    values = dict(zip(_FIELDS, row[: len(_FIELDS)], strict=True))
    return RollCall(**{**values, "whom": Whom(values["whom"])})


_RUNNING = select(roll_calls.c.id).where(roll_calls.c.closed_at.is_(None))
_STALE = select(roll_calls.c.id).where(roll_calls.c.shown.is_(None)).order_by(roll_calls.c.id)
_PAST_END = (
    select(roll_calls.c.id)
    .where(roll_calls.c.closed_at.is_(None), roll_calls.c.ends_at <= bindparam("now"))
    .order_by(roll_calls.c.id)
)
_UNDRAWN = (
    select(roll_calls.c.id)
    .where(
        _MAP_WANTED,
        roll_calls.c.map_shown.is_(None),
        or_(
            roll_calls.c.map_at.is_(None),
            roll_calls.c.map_at <= bindparam("rested"),
            roll_calls.c.closed_at.is_not(None),
        ),
    )
    .order_by(roll_calls.c.id)
)
