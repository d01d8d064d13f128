"""The roll of a roll call: who is on it, how they stand, and where they are. WGS-84 lon/lat."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)

from alerts.patrol.positions.store import NOT_DOUBTFUL, newest_of
from alerts.patrol.roll_calls.model import LATE_HOURS, Counts, RollCall, Standing
from alerts.patrol.roll_calls.store import as_roll_call, mark_stale
from contacts.divisions.codes import code_range
from contacts.people import Person, Role
from contacts.people_store import (
    PERSON_COLUMNS,
    as_person,
    division_held,
    holding,
    reachable,
)
from data.tables.columns import constant
from data.tables.contacts import people
from data.tables.patrol import positions, roll_call_entries, roll_calls

SEEN_HOURS = 24
"""A position older than this does not say where somebody silent is (ours)."""

Place = tuple[float, float]
Named = tuple[float, float, str]

# As text, so that SQLite uses the index of those who have still to answer.
_NOT_ANSWERED: ColumnElement[bool] = roll_call_entries.c.state != constant("answered")
_SILENT = (Standing.ASKED, Standing.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class RollEntry:
    """One person on the roll; ``lon`` and ``lat`` (WGS-84) of the answer while it is kept."""

    person: Person
    standing: Standing
    answered_at: datetime | None
    away_m: float | None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class RollCallFacts:
    """Who is where; whoever's place nobody knows is missing."""

    answered: tuple[Place, ...]
    far: tuple[Named, ...]
    silent: tuple[Named, ...]
    unreachable: tuple[Named, ...]


def count_audience(
    connection: Connection, code: str, roles: frozenset[Role], but: int
) -> tuple[int, int]:
    """How many persons the roll would have, and how many of them can be reached."""
    query = select(func.count(), func.count(case((reachable(), 1)))).where(
        *_audience(code, roles, but)
    )
    persons, within_reach = connection.execute(query).one()
    return int(persons), int(within_reach)


def enroll(
    connection: Connection, roll_call_id: int, code: str, roles: frozenset[Role], but: int
) -> int:
    """Put everybody on the roll, in one statement; returns how many."""
    state = case((reachable(), Standing.ASKED.value), else_=literal(Standing.UNREACHABLE.value))
    division = division_held([code_range(code)], roles)
    chosen = select(literal(roll_call_id), people.c.id, division, state)
    names = ["roll_call_id", "person_id", "division_code", "state"]
    query = insert(roll_call_entries).from_select(names, chosen.where(*_audience(code, roles, but)))
    return connection.execute(query, execution_options={"preserve_rowcount": True}).rowcount


def update_reach(connection: Connection, roll_call_id: int) -> None:
    """Bring up to date who of the silent can be reached: it changes while a roll call runs."""
    silent = (
        (roll_call_entries.c.roll_call_id == roll_call_id)
        & _NOT_ANSWERED
        & (roll_call_entries.c.state != Standing.FAR.value)
    )
    within_reach = select(people.c.id).where(reachable())
    for standing, which in (
        (Standing.ASKED, roll_call_entries.c.person_id.in_(within_reach)),
        (Standing.UNREACHABLE, roll_call_entries.c.person_id.not_in(within_reach)),
    ):
        query = update(roll_call_entries).where(
            silent, roll_call_entries.c.state != standing.value, which
        )
        moved = connection.execute(
            query.values(state=standing.value), execution_options={"preserve_rowcount": True}
        )
        if moved.rowcount:
            mark_stale(connection, roll_call_id)


def reach_changed(connection: Connection, roll_call_id: int) -> bool:
    """Whether ``update_reach`` would change anything: one look at the silent."""
    wrong = or_(
        and_(roll_call_entries.c.state == Standing.ASKED.value, not_(reachable())),
        and_(roll_call_entries.c.state == Standing.UNREACHABLE.value, reachable()),
    )
    query = (
        select(roll_call_entries.c.person_id)
        .join(people, people.c.id == roll_call_entries.c.person_id)
        .where(
            roll_call_entries.c.roll_call_id == roll_call_id,
            roll_call_entries.c.state.in_([standing.value for standing in _SILENT]),
            wrong,
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def unanswered_by(
    connection: Connection, person_id: int, now: datetime
) -> list[tuple[RollCall, Standing]]:
    """The roll calls this person has still to answer, or answered from far away."""
    since = now - timedelta(hours=LATE_HOURS)
    query = (
        select(*roll_calls.c, roll_call_entries.c.state.label("roll_state"))
        .join(roll_call_entries, roll_call_entries.c.roll_call_id == roll_calls.c.id)
        .where(
            roll_call_entries.c.person_id == person_id, _NOT_ANSWERED, roll_calls.c.ends_at > since
        )
    )
    return [(as_roll_call(row), Standing(row.roll_state)) for row in connection.execute(query)]


def answer(
    connection: Connection,
    roll_call_id: int,
    person_id: int,
    standing: Standing,
    position_id: int,
    away_m: float | None,
    at: datetime,
) -> None:
    """Somebody on the roll answered, by a position; what the result shows is out of date."""
    connection.execute(
        update(roll_call_entries)
        .where(
            roll_call_entries.c.roll_call_id == roll_call_id,
            roll_call_entries.c.person_id == person_id,
        )
        .values(state=standing.value, answered_at=at, position_id=position_id, away_m=away_m)
    )
    mark_stale(connection, roll_call_id)


def still_silent(connection: Connection, roll_call_id: int, person_id: int) -> bool:
    """Whether this person has not answered."""
    query = select(roll_call_entries.c.state).where(
        roll_call_entries.c.roll_call_id == roll_call_id, roll_call_entries.c.person_id == person_id
    )
    state = connection.execute(query).scalar_one_or_none()
    return state in {standing.value for standing in _SILENT}


def counts(connection: Connection, roll_call_id: int) -> Counts:
    """How many persons on the roll stand how."""
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
    """How many persons of the division ``within`` stand so."""
    query = (
        select(func.count())
        .select_from(roll_call_entries)
        .where(*_those(roll_call_id, standings, within))
    )
    return int(connection.execute(query).scalar_one())


def divisions(connection: Connection, roll_call_id: int, *standings: Standing) -> set[str]:
    """The divisions of the persons who stand so."""
    query = (
        select(roll_call_entries.c.division_code)
        .where(*_those(roll_call_id, standings, None))
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
) -> list[RollEntry]:
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
        .where(*_those(roll_call_id, standings, within))
        .order_by(roll_call_entries.c.division_code, roll_call_entries.c.person_id)
        .limit(limit)
        .offset(offset)
    )
    return [_entry(row) for row in connection.execute(query)]


def placed(connection: Connection, roll_call_id: int) -> list[int]:
    """The persons of the roll whose answers said where they are."""
    query = select(roll_call_entries.c.person_id).where(
        roll_call_entries.c.roll_call_id == roll_call_id,
        roll_call_entries.c.position_id.is_not(None),
    )
    return list(connection.execute(query).scalars())


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

    def named(found: Iterable[RollEntry]) -> tuple[Named, ...]:
        placed = []
        for entry in found:
            place = seen.get(entry.person.id) or place_of(entry.person.division_code)
            if entry.lon is not None and entry.lat is not None:
                place = (entry.lon, entry.lat)
            if place is not None:
                placed.append((*place, entry.person.name))
        return tuple(placed)

    return RollCallFacts(
        answered=tuple(
            (entry.lon, entry.lat)
            for entry in entries(connection, roll_call.id, Standing.ANSWERED)
            if entry.lon is not None and entry.lat is not None
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
            roll_call_entries.c.state.in_([standing.value for standing in _SILENT]),
        )
    )
    return {row.person_id: (row.lon, row.lat) for row in connection.execute(query)}


def _those(
    roll_call_id: int, standings: Sequence[Standing], within: str | None
) -> list[ColumnElement[bool]]:
    conditions = [
        roll_call_entries.c.roll_call_id == roll_call_id,
        roll_call_entries.c.state.in_([standing.value for standing in standings]),
    ]
    if within is not None:
        conditions.append(roll_call_entries.c.division_code.between(*code_range(within)))
    return conditions


def _entry(row: Any) -> RollEntry:
    return RollEntry(
        as_person(row), Standing(row.state), row.answered_at, row.away_m, row.lon, row.lat
    )


def _audience(code: str, roles: frozenset[Role], but: int) -> tuple[ColumnElement[bool], ...]:
    return (people.c.active, holding([code_range(code)], roles), people.c.id != but)
