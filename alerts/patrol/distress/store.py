"""Rows to calls for help, and back; and to the colleagues who are near."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, exists, insert, or_, select, update

from alerts.patrol.distress.model import DistressCall, DistressRules
from alerts.patrol.positions.store import NOT_DOUBTFUL, last_good_position, newest_of
from contacts.divisions.codes import code_range
from contacts.people import PATROLLING, Person
from contacts.people_store import PERSON_COLUMNS, as_person, reachable
from data.geo.coordinates import distance_m
from data.geo.nearest import box_around
from data.set_aside import DueColumn
from data.tables.contacts import people
from data.tables.patrol import distress_calls, positions

_ROLES = sorted(role.value for role in PATROLLING)


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a call for help; returns its id."""
    result = connection.execute(insert(distress_calls).values(values))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def call(connection: Connection, distress_id: int, *, lock: bool = False) -> DistressCall | None:
    """One call for help; with ``lock`` nobody else changes it meanwhile."""
    query = select(distress_calls).where(distress_calls.c.id == distress_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _call(row)


def open_of(connection: Connection, person_id: int) -> DistressCall | None:
    """The person's call for help that is not cleared, to be changed."""
    query = select(distress_calls).where(
        distress_calls.c.person_id == person_id, distress_calls.c.cleared_at.is_(None)
    )
    query = query.order_by(distress_calls.c.id.desc()).limit(1).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _call(row)


def save(connection: Connection, call: DistressCall) -> None:
    """Store what has changed of it."""
    change(
        connection,
        call.id,
        taken_by=call.taken_by,
        taken_at=call.taken_at,
        cleared_by=call.cleared_by,
        cleared_at=call.cleared_at,
        sent_at=call.sent_at,
        due_at=call.due_at,
        rounds=call.rounds,
        told=list(call.told),
    )


def change(connection: Connection, distress_id: int, **values: Any) -> None:
    """Set columns of a call for help."""
    connection.execute(
        update(distress_calls).where(distress_calls.c.id == distress_id).values(**values)
    )


DUE = DueColumn(
    "distress", distress_calls.c.id, distress_calls.c.due_at, again_after=timedelta(minutes=1)
)


def due(connection: Connection, now: datetime, limit: int) -> list[DistressCall]:
    """Those with a round to leave now, the longest waiting first; locked."""
    query = (
        select(distress_calls)
        .where(distress_calls.c.due_at <= now)
        .order_by(distress_calls.c.due_at, distress_calls.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_call(row) for row in connection.execute(query)]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether ``due`` would find one."""
    query = select(distress_calls.c.id).where(distress_calls.c.due_at <= now).limit(1)
    return connection.execute(query).first() is not None


def near_colleagues(
    connection: Connection,
    person: Person,
    spot: tuple[float, float] | None,
    now: datetime,
    rules: DistressRules,
) -> list[tuple[Person, float | None]]:
    """The nearest patrollers of the person's city seen lately, and how far they are (metres).

    Where nobody knows the person's own spot (lon, lat), those of the nearest divisions.
    """
    since = now - timedelta(minutes=rules.colleague_minutes)
    calling = exists().where(
        distress_calls.c.person_id == people.c.id, distress_calls.c.cleared_at.is_(None)
    )
    low, high = code_range(person.division_code[:4] + "00000000")
    query = (
        select(*PERSON_COLUMNS, positions.c.lon, positions.c.lat, positions.c.doubts)
        .join(positions, positions.c.id == newest_of(people.c.id, since))
        .where(
            people.c.active,
            reachable(),
            people.c.role.in_(_ROLES),
            people.c.division_code.between(low, high),
            people.c.id != person.id,
            ~calling,
        )
        .order_by(people.c.id)
    )
    if spot is not None:  # a box first: of a city's patrollers few are near
        west, south, east, north = box_around([spot], rules.colleague_km * 1000)
        query = query.where(
            or_(
                positions.c.lon.between(west, east) & positions.c.lat.between(south, north),
                ~NOT_DOUBTFUL,  # an older one may say where they are
            )
        )
    found: list[tuple[float, Person, float | None]] = []
    for row in connection.execute(query).all():
        at = (row.lon, row.lat)
        if row.doubts:
            good = last_good_position(connection, row.id, since)
            if good is None:
                continue
            at = (good.fix.lon, good.fix.lat)
        colleague = as_person(row)
        if spot is None:
            shared = _tiers_shared(row.division_code, person.division_code)
            found.append((-shared, colleague, None))
            continue
        away = distance_m(*spot, *at)
        if away <= rules.colleague_km * 1000:
            found.append((away, colleague, away))
    found.sort(key=lambda place: (place[0], place[1].id))
    return [(colleague, away) for _, colleague, away in found[: rules.colleagues]]


def _tiers_shared(code: str, other: str) -> int:
    """How far two divisions agree, in digits: 12 the same village, 4 the same city."""
    return max((length for length in (4, 6, 9, 12) if code[:length] == other[:length]), default=0)


def _call(row: Row[Any]) -> DistressCall:
    return DistressCall(**{**row._mapping, "told": tuple(row.told or ())})
