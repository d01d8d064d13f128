"""The roll of one roll call: who is on it, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from alerts.patrol.positions.store import NOT_DOUBTFUL, newest_of
from alerts.patrol.roll_calls.model import Counts, RollCall, Standing
from contacts.divisions.codes import code_range
from contacts.people import Person
from contacts.people_store import PERSON_COLUMNS, as_person
from data.tables.contacts import people
from data.tables.patrol import positions, roll_call_entries, roll_calls


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the roll; ``lon`` and ``lat`` (WGS-84) of the answer while it is kept."""

    person: Person
    standing: Standing
    answered_at: datetime | None
    away_m: float | None
    lon: float | None = None
    lat: float | None = None


def counts(connection: Connection, roll_call_id: int) -> Counts:
    """How many stand how."""
    # It may be closed after its end: the bot was not there in between.
    early = roll_calls.c.closed_at < roll_calls.c.ends_at
    end = case((early, roll_calls.c.closed_at), else_=roll_calls.c.ends_at)
    late = func.count(case((roll_call_entries.c.answered_at > end, 1)))
    query = (
        select(roll_call_entries.c.state, func.count(), late)
        .join(roll_calls, roll_calls.c.id == roll_call_entries.c.roll_call_id)
        .where(roll_call_entries.c.roll_call_id == roll_call_id)
        .group_by(roll_call_entries.c.state)
    )
    rows = connection.execute(query).all()
    found = {row[0]: int(row[1]) for row in rows}
    return Counts(
        found.get(Standing.ANSWERED.value, 0),
        found.get(Standing.FAR.value, 0),
        found.get(Standing.ASKED.value, 0),
        found.get(Standing.UNREACHABLE.value, 0),
        sum(int(row[2]) for row in rows),
    )


def count(connection: Connection, roll_call_id: int, *standings: Standing, within: str) -> int:
    """How many of the division ``within`` stand so."""
    query = (
        select(func.count())
        .select_from(roll_call_entries)
        .where(*_so(connection, roll_call_id, standings, within))
    )
    return int(connection.execute(query).scalar_one())


def divisions(connection: Connection, roll_call_id: int, *standings: Standing) -> set[str]:
    """The divisions of those who stand so."""
    query = (
        select(roll_call_entries.c.division_code)
        .where(*_so(connection, roll_call_id, standings, None))
        .distinct()
    )
    return set(connection.execute(query).scalars())


def entries(
    connection: Connection,
    roll_call_id: int,
    *standings: Standing,
    within: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Entry]:
    """Persons of the roll in these standings, by division; of one division only if told."""
    query = (
        select(
            *PERSON_COLUMNS,
            roll_call_entries.c.state,
            roll_call_entries.c.answered_at,
            roll_call_entries.c.away_m,
            positions.c.lon,
            positions.c.lat,
        )
        .join(roll_call_entries, roll_call_entries.c.person_id == people.c.id)
        .outerjoin(positions, positions.c.id == roll_call_entries.c.position_id)
        .where(*_so(connection, roll_call_id, standings, within))
        .order_by(roll_call_entries.c.division_code, roll_call_entries.c.person_id)
        .limit(limit)
        .offset(offset)
    )
    return [_entry(row) for row in connection.execute(query)]


def _so(
    connection: Connection, roll_call_id: int, standings: Sequence[Standing], within: str | None
) -> list[ColumnElement[bool]]:
    so = [
        roll_call_entries.c.roll_call_id == roll_call_id,
        roll_call_entries.c.state.in_([one.value for one in standings]),
    ]
    if within is not None:
        so.append(roll_call_entries.c.division_code.between(*code_range(within)))
    return so


def _entry(row: Any) -> Entry:
    return Entry(as_person(row), Standing(row.state), row.answered_at, row.away_m, row.lon, row.lat)


# -- Where everybody of a roll call is, for its picture. WGS-84 lon/lat ----------------------------

SEEN_HOURS = 24
"""A position older than this does not say where somebody silent is (ours)."""

Place = tuple[float, float]
Named = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class RollCallFacts:
    """Who is where; whoever's place nobody knows is missing."""

    answered: tuple[Place, ...]
    far: tuple[Named, ...]
    silent: tuple[Named, ...]
    unreachable: tuple[Named, ...]


def roll_call_picture_facts(
    connection: Connection,
    roll_call: RollCall,
    now: datetime,
    place_of: Callable[[str], Place | None],
) -> RollCallFacts:
    """Everybody's place: of who answered, their answer; of the silent, the last good position.

    :param place_of: where a division's village or town is, for those never seen.
    """
    seen = _last_seen(connection, roll_call.id, now - timedelta(hours=SEEN_HOURS))

    def named(found: Iterable[Entry]) -> tuple[Named, ...]:
        placed = []
        for one in found:
            place = seen.get(one.person.id) or place_of(one.person.division_code)
            if one.lon is not None and one.lat is not None:
                place = (one.lon, one.lat)
            if place is not None:
                placed.append((*place, one.person.name))
        return tuple(placed)

    return RollCallFacts(
        answered=tuple(
            (one.lon, one.lat)
            for one in entries(connection, roll_call.id, Standing.ANSWERED)
            if one.lon is not None and one.lat is not None
        ),
        far=named(entries(connection, roll_call.id, Standing.FAR)),
        silent=named(entries(connection, roll_call.id, Standing.ASKED)),
        unreachable=named(entries(connection, roll_call.id, Standing.UNREACHABLE)),
    )


def _last_seen(connection: Connection, roll_call_id: int, since: datetime) -> dict[int, Place]:
    """The newest position nothing is doubtful about of each who is silent, by person."""
    newest = newest_of(roll_call_entries.c.person_id, since, NOT_DOUBTFUL)
    query = (
        select(positions.c.person_id, positions.c.lon, positions.c.lat)
        .join(roll_call_entries, positions.c.id == newest)
        .where(
            roll_call_entries.c.roll_call_id == roll_call_id,
            roll_call_entries.c.state.in_([Standing.ASKED.value, Standing.UNREACHABLE.value]),
        )
    )
    return {row.person_id: (row.lon, row.lat) for row in connection.execute(query)}
