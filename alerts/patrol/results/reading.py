"""What a reader is shown of a month: themselves, or those below by division and by person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from alerts.patrol.results import store, summing
from alerts.patrol.results.model import PatrolSum, month_span
from alerts.patrol.results.store import PersonSum
from alerts.patrol.shifts.model import ShiftRules
from contacts import people_store
from contacts.people import Person
from data.database import Connection

PIECE = 500
"""Persons read at once: a month of 20,000 is never in memory as a whole."""


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """One person's month; ``today`` as it stands now, whether summed up or not."""

    first: date
    whole: PatrolSum
    today: PatrolSum


@dataclass(frozen=True, slots=True)
class Line:
    """A division's or a person's month; ``person`` is ``None`` for a division."""

    code: str
    sum: PatrolSum
    person: Person | None = None


def own_month(connection: Connection, person: Person, now: datetime, rules: ShiftRules) -> OwnMonth:
    """The running month of one person, today included as it stands."""
    today = now.astimezone(rules.zone).date()
    first, last = month_span(today)
    whole = store.of_person(connection, person.id, first, last)
    kept = store.days_of(connection, person.id, today, today).get(today, PatrolSum())
    fresh = summing.today_of(connection, person.id, person.division_code, today, rules)
    more = PatrolSum(
        days=whole.days - kept.days + fresh.days,
        positions=whole.positions - kept.positions + fresh.positions,
        doubtful=whole.doubtful - kept.doubtful + fresh.doubtful,
        seconds=whole.seconds - kept.seconds + fresh.seconds,
        distance_m=whole.distance_m - kept.distance_m + fresh.distance_m,
        cells=whole.cells or fresh.cells,
        visited=max(whole.visited, fresh.visited),
        reports=whole.reports - kept.reports + fresh.reports,
    )
    return OwnMonth(first, more, fresh)


def month_below(connection: Connection, code: str, month: date) -> list[Line]:
    """The divisions right below one, the farthest walked first; a village's are its persons."""
    first, last = month_span(month)
    found = store.below(connection, code, first, last)
    if set(found) - {code}:
        lines = [Line(each, summed) for each, summed in found.items()]
        return sorted(lines, key=lambda line: (-line.sum.distance_m, line.code))
    persons = [line for piece in persons_of(connection, code, month) for line in piece]
    return sorted(persons, key=lambda line: (-line.sum.distance_m, line.code))


def persons_of(connection: Connection, code: str, month: date) -> Iterator[list[Line]]:
    """Everybody who was out, by division, a piece at a time."""
    first, last = month_span(month)
    listed = store.who_was_out(connection, code, first, last)
    for begin in range(0, len(listed), PIECE):
        piece = store.of_persons(connection, listed[begin : begin + PIECE], first, last)
        people = people_store.people(connection, [each.person_id for each in piece])
        yield [_line(each, people[each.person_id]) for each in piece]


def _line(summed: PersonSum, person: Person) -> Line:
    return Line(summed.division_code, summed.sum, person)
