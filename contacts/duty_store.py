"""Duty officers and commanders found in the database, for one division or thousands at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from contacts import duty
from contacts.divisions.codes import ancestors
from contacts.duty import Desk, Shift
from contacts.people import COMMANDING, Person, Role
from contacts.people_store import PERSON_COLUMNS, as_person, in_batches
from data.tables.contacts import people as people_table
from data.tables.contacts import shifts as shift_table

_LEADERSHIP = sorted(role.value for role in COMMANDING | {Role.DUTY_OFFICER})


def officers_above(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who gets the silent list of ``code``; see ``contacts.duty.officers_above``."""
    return officers_above_many(connection, [code], now)[code]


def officers_above_many(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """As ``officers_above`` for many divisions: two statements, however many there are."""
    groups = _by_line(codes)
    desks = _desks(connection, {up for line in groups for up in line}, now)
    return _spread(groups, lambda code: duty.officers_above(code, desks, now))


def commanders_above(connection: Connection, code: str) -> list[Person]:
    """The commander of the tier above ``code``; see ``contacts.duty.commanders_above``."""
    return commanders_above_many(connection, [code])[code]


def commanders_above_many(connection: Connection, codes: Iterable[str]) -> dict[str, list[Person]]:
    """As ``commanders_above`` for many divisions, in one statement."""
    groups = _by_line(codes)
    desks = _desks(connection, {up for line in groups for up in line})
    return _spread(groups, lambda code: duty.commanders_above(code, desks))


def duty_officers(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who takes a help call from ``code``: county or above; see ``contacts.duty``."""
    return duty.duty_officers(code, _desks(connection, duty.line_from_county(code), now), now)


def duty_officers_many(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """As ``duty_officers`` for many divisions."""
    lines = {code: duty.line_from_county(code) for code in codes}
    desks = _desks(connection, {up for line in lines.values() for up in line}, now)
    return _once_a_line(lines, lambda code: duty.duty_officers(code, desks, now))


def station_officers_many(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[str, list[Person]]:
    """The station's officers of many divisions; see ``contacts.duty.station_officers``."""
    lines = {code: duty.line_from_township(code) for code in codes}
    desks = _desks(connection, {up for line in lines.values() for up in line}, now)
    return _once_a_line(lines, lambda code: duty.station_officers(code, desks, now))


def commanders_of(connection: Connection, areas: Iterable[str]) -> list[Person]:
    """Everybody linked who may release to all ``areas``: for the second confirmation."""
    lines = [{code, *ancestors(code)} for code in areas]
    if not lines:
        return []
    query = select(*PERSON_COLUMNS).where(
        people_table.c.division_code.in_(set.intersection(*lines)),
        people_table.c.role.in_([role.value for role in COMMANDING]),
        people_table.c.active,
        people_table.c.telegram_id.is_not(None),
    )
    return [as_person(row) for row in connection.execute(query.order_by(people_table.c.id))]


def duty_divisions(connection: Connection, person_id: int, now: datetime) -> frozenset[str]:
    """The divisions over which the person is on shift at ``now``."""
    query = select(shift_table.c.division_code).where(
        shift_table.c.person_id == person_id,
        shift_table.c.starts_at <= now,
        shift_table.c.ends_at > now,
    )
    return frozenset(connection.execute(query).scalars())


def _by_line(codes: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    """The codes by the line of divisions above them, on which alone the answer depends.

    The villages of a township share it, so it is worked out once for all of them.
    """
    siblings: defaultdict[str, list[str]] = defaultdict(list)
    for code in set(codes):
        siblings[code[:9] if code[9:] != "000" else code].append(code)
    groups: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for some in siblings.values():
        groups[duty.line_above(some[0])].extend(some)
    return groups


def _once_a_line(
    lines: dict[str, tuple[str, ...]], answer: Callable[[str], list[Person]]
) -> dict[str, list[Person]]:
    """The answer for each code, worked out once for all that share a line."""
    answers: dict[tuple[str, ...], list[Person]] = {}
    for code, line in lines.items():
        if line not in answers:
            answers[line] = answer(code)
    return {code: answers[line] for code, line in lines.items()}


def _spread(
    groups: dict[tuple[str, ...], list[str]], answer: Callable[[str], list[Person]]
) -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = {}
    for codes in groups.values():
        people = answer(codes[0])
        found.update((code, list(people)) for code in codes)
    return found


def _desks(
    connection: Connection, codes: Iterable[str], now: datetime | None = None
) -> dict[str, Desk]:
    """The desks of these divisions; shifts are left out when no ``now`` is given."""
    people: defaultdict[str, list[Person]] = defaultdict(list)
    shifts: defaultdict[str, list[Shift]] = defaultdict(list)
    for batch in in_batches(set(codes)):
        query = select(*PERSON_COLUMNS).where(
            people_table.c.division_code.in_(batch),
            people_table.c.role.in_(_LEADERSHIP),
            people_table.c.active,
        )
        for row in connection.execute(query):
            people[row.division_code].append(as_person(row))
        if now is None:
            continue
        running = (
            select(
                *PERSON_COLUMNS,
                shift_table.c.division_code.label("watched"),
                shift_table.c.starts_at,
                shift_table.c.ends_at,
            )
            .join(shift_table, shift_table.c.person_id == people_table.c.id)
            .where(
                shift_table.c.division_code.in_(batch),
                shift_table.c.starts_at <= now,
                shift_table.c.ends_at > now,
            )
        )
        for row in connection.execute(running):
            watch = Shift(as_person(row), row.watched, row.starts_at, row.ends_at)
            shifts[row.watched].append(watch)
    return {
        code: Desk(tuple(people.get(code, ())), tuple(shifts.get(code, ())))
        for code in people.keys() | shifts.keys()
    }
