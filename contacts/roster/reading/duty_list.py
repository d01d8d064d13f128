"""A duty table as offices keep it: a row a day, a column a post, names and numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from contacts.people import Person
from contacts.roster.reading.headings import Field
from contacts.roster.reading.slots import persons_with_numbers, slots_of
from contacts.roster.reading.table import LeftOut, Line, Table, find_tables
from contacts.roster.reading.times import parse_moment
from contacts.roster.records import DutyRow
from contacts.roster.rows import Problems, RowReason
from contacts.roster.sheet import Book

HANDOVER = time(8)
"""When one day's watch hands over to the next, where the table does not say (ours)."""

_YEAR = re.compile(r"(20\d{2})\s*年?")


@dataclass(frozen=True, slots=True)
class DutyList:
    """The shifts of a table, and whom it names that the roster does not know: row, name, number."""

    shifts: list[DutyRow] = field(default_factory=list)
    strangers: tuple[tuple[int, str, str], ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    rows: int = 0


def duty_table(book: Book) -> list[Table]:
    """The tables of a file that name a day and persons in each row; empty when there is none."""
    return [
        table
        for grid in book.grids
        for table in find_tables(grid)
        if table.columns(Field.DATE) and table.columns(Field.NAME)
    ]


def read_duty(
    tables: Iterable[Table],
    people: Iterable[Person],
    zone: tzinfo,
    this_year: int,
    problems: Problems,
) -> DutyList:
    """The shifts: from the hand-over of each day to that of the next, over the person's division.

    :param people: everybody of the roster who has not left.
    :param this_year: that of a day that says none, where no title says one.
    """
    known = _Known(people)
    shifts: dict[tuple[int, datetime], DutyRow] = {}
    strangers: dict[tuple[str, str], tuple[int, str, str]] = {}
    left: list[LeftOut] = []
    rows = 0
    for table in tables:
        left.extend(table.left_out)
        year = _year(table) or this_year
        days = table.columns(Field.DATE)
        for line in table.lines:
            rows += 1
            day = _day(line, days, year, problems)
            if day is None:
                continue
            for name, phones in _named(table, line):
                person = known.find(name, phones)
                if person is None:
                    number = phones[0] if phones else ""
                    strangers.setdefault((name, number), (line.row.number, name, number))
                    continue
                start = datetime.combine(day, HANDOVER, zone)
                end = datetime.combine(day + timedelta(days=1), HANDOVER, zone)
                row = DutyRow(
                    person.id, person.division_code, start.astimezone(UTC), end.astimezone(UTC)
                )
                shifts.setdefault((person.id, row.starts_at), row)
    return DutyList(list(shifts.values()), tuple(strangers.values()), tuple(left), rows)


class _Known:
    """The persons of the roster, by number and by name."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by_phone: dict[str, Person] = {}
        self._by_name: dict[str, list[Person]] = {}
        for person in people:
            self._by_phone[person.phone] = person
            self._by_name.setdefault(person.name, []).append(person)

    def find(self, name: str, phones: tuple[str, ...]) -> Person | None:
        """By a number; without one by the name, if only one person bears it."""
        for phone in phones:
            if (person := self._by_phone.get(phone)) is not None:
                return person
        named = self._by_name.get(name, [])
        return named[0] if len(named) == 1 and not phones else None


def _named(table: Table, line: Line) -> Iterator[tuple[str, tuple[str, ...]]]:
    for slot in slots_of(table):
        for person, phones in persons_with_numbers(line.row.cells, slot):
            if person.name:
                yield person.name, phones


def _day(line: Line, columns: list[int], year: int, problems: Problems) -> date | None:
    cells = line.row.cells
    text = next((cells[at] for at in columns if at < len(cells) and cells[at]), "")
    moment = parse_moment(text, year) if text else None
    if moment is None:
        reason = RowReason.DATE_INVALID if text else RowReason.MISSING
        problems.add(line.row.number, "starts_at", reason, sheet=line.row.sheet, text=text[:40])
        return None
    return moment.date()


def _year(table: Table) -> int | None:
    for title in (*table.titles, table.name):
        if (found := _YEAR.search(title)) is not None:
            return int(found[1])
    return None
