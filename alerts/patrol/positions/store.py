"""Rows to positions, and back: the newest ones, tracks, and what is old enough to be deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    String,
    cast,
    delete,
    func,
    insert,
    select,
)

from alerts.patrol.positions.model import Doubt, Fix, Position
from data.json_rows import GIVEN_IDS, as_json
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import distress_calls, field_reports, positions

NOT_DOUBTFUL: ColumnElement[bool] = cast(positions.c.doubts, String) == "[]"
"""The condition that nothing is doubtful about a position."""

_NEWEST_FIRST = (positions.c.taken_at.desc(), positions.c.id.desc())
# What a position may belong to: it is then kept as long as that record is.
_BOUND = (distress_calls.c.position_id, field_reports.c.position_id, hotspot_tasks.c.position_id)


def add_position(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a position; returns its id."""
    key = connection.execute(insert(positions).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def position(connection: Connection, position_id: int) -> Position | None:
    """The position of this number."""
    query = select(positions).where(positions.c.id == position_id)
    row = connection.execute(query).first()
    return None if row is None else _position(row)


def last_position(
    connection: Connection, person_id: int, *, message_id: int | None = None
) -> Position | None:
    """The person's newest position; of one live message when ``message_id`` is given."""
    query = select(positions).where(positions.c.person_id == person_id)
    if message_id is not None:
        query = query.where(positions.c.message_id == message_id)
    row = connection.execute(query.order_by(*_NEWEST_FIRST).limit(1)).first()
    return None if row is None else _position(row)


def last_good_position(connection: Connection, person_id: int, since: datetime) -> Position | None:
    """The person's newest position taken since then about which nothing is doubtful."""
    query = (
        select(positions)
        .where(positions.c.person_id == person_id, positions.c.taken_at >= since, NOT_DOUBTFUL)
        .order_by(*_NEWEST_FIRST)
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else _position(row)


def newest_of(
    person_id: Column[int], since: datetime | BindParameter[datetime], *which: ColumnElement[bool]
) -> ScalarSelect[int]:
    """A subquery: for each row of ``person_id``'s table, the id of that person's newest position.

    :param since: only positions taken since then.
    :param which: only positions that meet these conditions.
    """
    return (
        select(positions.c.id)
        .where(positions.c.person_id == person_id, positions.c.taken_at >= since, *which)
        .order_by(*_NEWEST_FIRST)
        .limit(1)
        .correlate(person_id.table)
        .scalar_subquery()
    )


def live_points(connection: Connection, person_id: int, since: datetime) -> int:
    """How many points of the person's live tracks were kept since then."""
    query = select(func.count()).where(
        positions.c.person_id == person_id, positions.c.taken_at > since, positions.c.live
    )
    return connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class Batch:
    """The next positions in the order in which they came.

    ``ids`` may go; ``last_id`` is where the next batch begins; ``more``: it is worth asking for.
    """

    ids: tuple[int, ...]
    last_id: int
    more: bool


def next_batch(connection: Connection, before: datetime, after_id: int, limit: int) -> Batch:
    """Of the ``limit`` positions after ``after_id``, those received before ``before`` and unbound.

    In the order of their ids, which is that of their coming: no index of times is needed, and the
    walk ends at the first that is young.
    """
    query = (
        select(positions.c.id, positions.c.received_at)
        .where(positions.c.id > after_id)
        .order_by(positions.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    old = [row.id for row in rows if row.received_at < before]
    if not old:
        return Batch((), after_id, False)
    bound: set[int] = set()
    for column in _BOUND:
        held = select(column).where(column.between(old[0], old[-1]))
        bound.update(connection.execute(held).scalars())
    free = tuple(position_id for position_id in old if position_id not in bound)
    return Batch(free, old[-1], len(old) == len(rows) == limit)


def delete_positions(connection: Connection, ids: tuple[int, ...]) -> int:
    """Delete these; returns how many there were."""
    gone = delete(positions).where(positions.c.id.in_(GIVEN_IDS))
    return connection.execute(gone, {"ids": as_json(ids)}).rowcount


def _position(row: Row[Any]) -> Position:
    fix = Fix(row.lon, row.lat, row.taken_at, row.received_at, row.accuracy_m)
    found = frozenset(Doubt(word) for word in row.doubts)
    return Position(row.id, row.person_id, fix, row.division_code, found)
