"""Rows of each person's patrol day, and their sums: by division, by person, by month.

Sums are made by the database; what a person's days have in common (the parts of a route that were
walked) is joined for some persons at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from alerts.patrol.positions.model import Doubt
from alerts.patrol.results.cells import as_bits
from alerts.patrol.results.model import SPOILT, PatrolSum, Point
from contacts.divisions.codes import CODE_LENGTH, code_range, tier_of
from contacts.people import PATROLLING
from contacts.people_store import bearing
from data.due import any_by
from data.json_rows import GIVEN_IDS, as_json
from data.tables.contacts import people
from data.tables.patrol import field_reports, patrol_shifts, positions
from data.tables.patrol_results import patrol_days as table
from data.tables.patrol_results import patrol_marks
from data.upserts import insert_into

_OUT = or_(table.c.positions > 0, table.c.reports > 0)
_SUMS: tuple[ColumnElement[Any], ...] = (
    func.count(func.distinct(table.c.person_id)),
    func.coalesce(func.sum(case((_OUT, 1), else_=0)), 0),
    *(
        func.coalesce(func.sum(table.c[name]), 0)
        for name in "positions doubtful seconds distance_m cells visited reports".split()
    ),
)
"""The fields of ``PatrolSum``, in their order."""


def of_day(connection: Connection, day: date, within: str = "") -> dict[str, PatrolSum]:
    """What patrols came to on a local day, by the division of the patrollers (a village, mostly).

    Of today, what is known by now: it is at most an hour old.

    :param within: only of this division and those below it.
    """
    return of_days(connection, day, day, within)


def of_days(
    connection: Connection, first: date, last: date, within: str = ""
) -> dict[str, PatrolSum]:
    """The same of several days together, both included."""
    low, high = code_range(within) if within else ("", "9" * CODE_LENGTH)
    query = (
        select(table.c.division_code, *_SUMS)
        .where(
            table.c.day.between(first, last),
            table.c.division_code.between(low, high),
            table.c.made_at.is_not(None),
        )
        .group_by(table.c.division_code)
    )
    return {row[0]: _sum(row[1:]) for row in connection.execute(query)}


def below(connection: Connection, code: str, first: date, last: date) -> dict[str, PatrolSum]:
    """What the divisions right below one came to, by code, and its own people under its code."""
    tier = tier_of(code)
    digits = tier.digits if tier.below is None else tier.below.digits
    part = func.substr(table.c.division_code, 1, digits)
    query = (
        select(part, *_SUMS)
        .where(
            table.c.day.between(first, last),
            table.c.made_at.is_not(None),
            table.c.division_code.between(*code_range(code)),
        )
        .group_by(part)
        .order_by(part)
    )
    return {row[0].ljust(12, "0"): _sum(row[1:]) for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class PersonSum:
    """What one person came to; ``share`` of the sum is of the parts walked on any of the days."""

    person_id: int
    division_code: str
    sum: PatrolSum


def who_was_out(
    connection: Connection, code: str, first: date, last: date
) -> list[tuple[str, int]]:
    """Those of a division and below who have a day then: division and person, in that order."""
    low, high = code_range(code)
    newest = func.max(table.c.division_code)
    query = (
        select(newest, table.c.person_id)
        .where(
            table.c.day.between(first, last),
            table.c.made_at.is_not(None),
            table.c.division_code.between(low, high),
        )
        .group_by(table.c.person_id)
        .order_by(newest, table.c.person_id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def of_persons(
    connection: Connection, listed: Sequence[tuple[str, int]], first: date, last: date
) -> list[PersonSum]:
    """What some of ``who_was_out`` came to, in their order: looked up by person."""
    ids = [person_id for _, person_id in listed]
    query = (
        select(table.c.person_id, *_SUMS)
        .where(
            table.c.person_id.in_(GIVEN_IDS),
            table.c.day.between(first, last),
            table.c.made_at.is_not(None),
        )
        .group_by(table.c.person_id)
    )
    rows = connection.execute(query, {"ids": as_json(ids)})
    sums = {row[0]: _sum(row[1:]) for row in rows}
    walked = _walked(connection, ids, first, last)
    return [
        PersonSum(person_id, code, _with_parts(sums[person_id], walked.get(person_id)))
        for code, person_id in listed
        if person_id in sums
    ]


def of_person(connection: Connection, person_id: int, first: date, last: date) -> PatrolSum:
    """What one person came to; the share is of the parts walked on any of the days."""
    query = select(*_SUMS).where(
        table.c.person_id == person_id,
        table.c.day.between(first, last),
        table.c.made_at.is_not(None),
    )
    found = _sum(connection.execute(query).one())
    return _with_parts(found, _walked(connection, [person_id], first, last).get(person_id))


def days_of(
    connection: Connection, person_id: int, first: date, last: date
) -> dict[date, PatrolSum]:
    """One person's days, the first first."""
    query = (
        select(table.c.day, *_SUMS)
        .where(
            table.c.person_id == person_id,
            table.c.day.between(first, last),
            table.c.made_at.is_not(None),
        )
        .group_by(table.c.day)
        .order_by(table.c.day)
    )
    return {row[0]: _sum(row[1:]) for row in connection.execute(query)}


def _walked(
    connection: Connection, person_ids: Collection[int], first: date, last: date
) -> dict[int, tuple[int, int]]:
    """How many parts these persons had, and walked on any of the days.

    Of several drawings the newest counts: the parts of an older one are others.
    """
    query = (
        select(table.c.person_id, table.c.drawing, table.c.cells, table.c.walked)
        .where(
            table.c.person_id.in_(GIVEN_IDS),
            table.c.day.between(first, last),
            table.c.drawing != "",
        )
        .order_by(table.c.person_id, table.c.day)
    )
    found: dict[int, tuple[str, int, int]] = {}
    for row in connection.execute(query, {"ids": as_json(person_ids)}):
        drawing, _, bits = found.get(row.person_id, ("", 0, 0))
        before = bits if drawing == row.drawing else 0
        found[row.person_id] = (row.drawing, row.cells, before | as_bits(row.walked))
    return {
        person_id: (cells, min(cells, bits.bit_count()))
        for person_id, (_, cells, bits) in found.items()
    }


def _with_parts(summed: PatrolSum, parts: tuple[int, int] | None) -> PatrolSum:
    cells, visited = parts or (0, 0)
    return replace(summed, cells=cells, visited=visited)


def _sum(values: Iterable[Any]) -> PatrolSum:
    persons, days, found, doubtful, seconds, metres, cells, visited, reports = values
    return PatrolSum(
        int(persons),
        int(days),
        int(found),
        int(doubtful),
        int(seconds),
        float(metres),
        int(cells),
        int(visited),
        int(reports),
    )


# -- which days are to be summed up --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """A position or report that came since: of whom, and for when it counts."""

    id: int
    person_id: int
    at: datetime
    received_at: datetime


_SOURCES = {
    "positions": (
        positions.c.id,
        positions.c.person_id,
        positions.c.taken_at,
        positions.c.received_at,
    ),
    "reports": (
        field_reports.c.id,
        field_reports.c.person_id,
        field_reports.c.at,
        field_reports.c.at,
    ),
}
SOURCES = tuple(_SOURCES)


def since(connection: Connection, source: str, before: datetime, limit: int) -> list[Came]:
    """What came since the mark of a source, until that moment, in the order of coming."""
    found = []
    for row in connection.execute(_since(source), {"most": limit}):
        came = Came(*row)
        if came.received_at > before:
            break
        found.append(came)
    return found


@cache
def _since(source: str) -> Select[int, int, datetime, datetime]:
    """Asked every minute, and in each chunk: built once."""
    columns = _SOURCES[source]
    came = select(*columns).where(columns[0] > _mark(source)).order_by(columns[0])
    return came.limit(bindparam("most", type_=Integer))


def _mark(source: str) -> Any:
    mark = select(patrol_marks.c.last_id).where(patrol_marks.c.source == source)
    return func.coalesce(mark.scalar_subquery(), 0)


def move_mark(connection: Connection, source: str, last_id: int) -> None:
    """The source was looked through up to this row."""
    changed = update(patrol_marks).where(patrol_marks.c.source == source).values(last_id=last_id)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(patrol_marks).values(source=source, last_id=last_id))


def patrollers(connection: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    """Those of these persons who patrol (by post, or by hours of their own), and their division."""
    ordered = select(patrol_shifts.c.person_id).where(patrol_shifts.c.person_id.in_(GIVEN_IDS))
    query = select(people.c.id, people.c.division_code).where(
        people.c.id.in_(GIVEN_IDS), or_(bearing(PATROLLING), people.c.id.in_(ordered))
    )
    rows = connection.execute(query, {"ids": as_json(set(person_ids))})
    return {row.id: row.division_code for row in rows}


def mark_days(
    connection: Connection, days: Mapping[tuple[int, date], tuple[str, datetime]]
) -> None:
    """Have these persons' days summed up: each with their division and when it is due."""
    if not days:
        return
    statement = insert_into(connection, table)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.person_id, table.c.day],
        set_={"due_at": func.coalesce(table.c.due_at, statement.excluded.due_at)},
    )
    connection.execute(
        statement,
        [
            {"person_id": person_id, "day": day, "division_code": code, "due_at": due_at}
            for (person_id, day), (code, due_at) in sorted(days.items())
        ],
    )


def due(connection: Connection, now: datetime, limit: int) -> list[tuple[int, date, str]]:
    """The days to be summed up by now: person, day, the person's division; the earliest first."""
    query = (
        select(table.c.person_id, table.c.day, people.c.division_code)
        .join(people, people.c.id == table.c.person_id)
        .where(table.c.due_at.is_not(None), table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.person_id, table.c.day)
        .limit(limit)
    )
    return [(row.person_id, row.day, row.division_code) for row in connection.execute(query)]


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether any day is to be summed up: one look at an index."""
    return any_by(connection, table.c.due_at, now)


def put_off(connection: Connection, person_id: int, day: date, until: datetime) -> None:
    """A day that cannot be summed up is tried again then."""
    this = and_(table.c.person_id == person_id, table.c.day == day)
    connection.execute(update(table).where(this).values(due_at=until))


def save(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write back days that were summed up, by ``person_id`` and ``day``."""
    if not rows:
        return
    statement = insert_into(connection, table)
    named = {name: statement.excluded[name] for name in rows[0] if name not in ("person_id", "day")}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.person_id, table.c.day], set_=named
        ),
        rows,
    )


# -- what a day is summed up from ----------------------------------------------------------------


def points_of(
    connection: Connection, person_id: int, begin: datetime, end: datetime
) -> tuple[list[Point], list[datetime]]:
    """A person's positions taken between two moments: those that count; when the others were."""
    columns = positions.c
    query = (
        select(columns.taken_at, columns.lon, columns.lat, columns.accuracy_m, columns.doubts)
        .where(columns.person_id == person_id, columns.taken_at >= begin, columns.taken_at < end)
        .order_by(columns.taken_at, columns.id)
    )
    good: list[Point] = []
    spoilt: list[datetime] = []
    for row in connection.execute(query):
        if any(_is_spoilt(word) for word in row.doubts):
            spoilt.append(row.taken_at)
        else:
            good.append(Point(row.taken_at, row.lon, row.lat, row.accuracy_m or 0.0))
    return good, spoilt


_SPOILT_WORDS = frozenset(doubt.value for doubt in SPOILT)
_ALL_WORDS = frozenset(doubt.value for doubt in Doubt)


def _is_spoilt(word: str) -> bool:
    """A doubt that this release does not know spoils a position, too."""
    return word in _SPOILT_WORDS or word not in _ALL_WORDS


def reports_of(connection: Connection, person_id: int, begin: datetime, end: datetime) -> int:
    """How many reports from the spot a person sent; an album is one."""
    columns = field_reports.c
    query = select(columns.id, columns.media_group_id).where(
        columns.person_id == person_id, columns.at >= begin, columns.at < end
    )
    return len({row.media_group_id or row.id for row in connection.execute(query)})


def any_before(connection: Connection, day: date) -> bool:
    """Whether days are kept from before that day."""
    return (
        connection.execute(select(table.c.day).where(table.c.day < day).limit(1)).first()
        is not None
    )


def delete_before(connection: Connection, day: date, limit: int = 5000) -> int:
    """Delete the sums of days before that; returns how many, at most so many at once."""
    old = select(table.c.person_id, table.c.day).where(table.c.day < day).limit(limit)
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for row in connection.execute(old):
        by_day[row.day].append(row.person_id)
    for each, person_ids in by_day.items():
        gone = delete(table).where(table.c.day == each, table.c.person_id.in_(GIVEN_IDS))
        connection.execute(gone, {"ids": as_json(person_ids)})
    return sum(map(len, by_day.values()))


def forget_parts(connection: Connection, person_id: int) -> None:
    """Somebody is forgotten: how far they went stays as a number, where they went does not."""
    theirs = table.c.person_id == person_id
    connection.execute(update(table).where(theirs).values(walked="", due_at=None))
