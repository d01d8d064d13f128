"""Rows to positions and field reports, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from alerts.patrol.positions.model import Doubt, Fix
from data.json_rows import GIVEN_IDS, as_json
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import distress_calls, field_reports, positions
from data.tables.running import inbox


@dataclass(frozen=True, slots=True)
class Position:
    """A stored position."""

    id: int
    person_id: int
    fix: Fix
    division_code: str | None
    doubts: frozenset[Doubt]


@dataclass(frozen=True, slots=True)
class FieldReport:
    """A photo, video, voice or document from the spot."""

    id: int
    person_id: int
    at: datetime
    kind: str
    file_id: str | None
    caption: str | None
    media_group_id: str | None
    position_id: int | None
    division_code: str | None
    alert_id: int | None = None
    bot_id: int | None = None
    forward_at: datetime | None = None
    copy_at: datetime | None = None
    copy_tries: int = 0
    copied_as: str | None = None


def add_position(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a position; returns its id."""
    return _add(connection, positions, values)


def position(connection: Connection, position_id: int) -> Position | None:
    """One position."""
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
    row = connection.execute(
        query.order_by(positions.c.taken_at.desc(), positions.c.id.desc()).limit(1)
    ).first()
    return None if row is None else _position(row)


def live_points(connection: Connection, person_id: int, since: datetime) -> int:
    """How many points of the person's live tracks were kept since then."""
    query = select(func.count()).where(
        positions.c.person_id == person_id, positions.c.taken_at > since, positions.c.live
    )
    return connection.execute(query).scalar_one()


def add_field_report(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a field report; returns its id."""
    return _add(connection, field_reports, values)


def field_report(connection: Connection, report_id: int) -> FieldReport | None:
    """One field report."""
    query = select(field_reports).where(field_reports.c.id == report_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    return FieldReport(**row._mapping)


def album_known(connection: Connection, person_id: int, media_group_id: str) -> bool:
    """Whether a part of this album was stored before: one notice an album."""
    query = select(field_reports.c.id).where(
        field_reports.c.person_id == person_id,
        field_reports.c.media_group_id == media_group_id,
    )
    return connection.execute(query.limit(1)).first() is not None


def _add(connection: Connection, table: Any, values: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _position(row: Row[Any]) -> Position:
    fix = Fix(row.lon, row.lat, row.taken_at, row.received_at, row.accuracy_m)
    found = frozenset(Doubt(word) for word in row.doubts)
    return Position(row.id, row.person_id, fix, row.division_code, found)


# -- Old positions as rows -------------------------------------------------------------------------

_BOUND = (distress_calls.c.position_id, field_reports.c.position_id, hotspot_tasks.c.position_id)


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
    free = tuple(each for each in old if each not in bound)
    return Batch(free, old[-1], len(old) == len(rows) == limit)


def delete_set_aside(connection: Connection, before: datetime) -> int:
    """Updates that could not be handled hold positions and numbers too; returns how many went."""
    return connection.execute(
        delete(inbox).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    ).rowcount


def any_set_aside(connection: Connection, before: datetime) -> bool:
    """Whether ``delete_set_aside`` would find any."""
    query = select(inbox.c.update_id).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    return connection.execute(query.limit(1)).first() is not None


def delete_positions(connection: Connection, ids: tuple[int, ...]) -> int:
    """They are gone; returns how many."""
    gone = delete(positions).where(positions.c.id.in_(GIVEN_IDS))
    return connection.execute(gone, {"ids": as_json(ids)}).rowcount
