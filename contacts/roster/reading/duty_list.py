"""A duty table as offices keep it: a row a day, a column a post, names and numbers. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from contacts.people import Person
from contacts.roster.reading.headings import Field, plain
from contacts.roster.reading.slots import persons_with_numbers, slots_of
from contacts.roster.reading.table import LeftOut, Line, Table, find_tables
from contacts.roster.reading.times import parse_moment
from contacts.roster.records import DutyRow
from contacts.roster.rows import Problems, RowReason
from contacts.roster.sheet import Book

HANDOVER = time(8)
"""When one day's watch hands over to the next, where the table does not say (ours)."""

_LONGEST = timedelta(days=32)
_TO = re.compile(r"\s*(?:[-~—–]+|至|到)\s*(?:次日|翌日)?")
_HOURS = re.compile(
    r"(\d{1,2})[:时点](\d{2})?分?(?:[-~—–]+|至|到)(?:次日|翌日)?(\d{1,2})[:时点](\d{2})?"
)
Hours = tuple[timedelta, timedelta]
"""Since midnight of the row's day."""
Span = tuple[datetime, datetime]
_SHIFTS: Mapping[str, Hours] = {
    "白班": (timedelta(hours=8), timedelta(hours=20)),
    "夜班": (timedelta(hours=20), timedelta(hours=32)),
}
"""Where a heading says no hours (ours)."""
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
            span = _span(line, days, year, problems)
            if span is None:
                continue
            for name, phones, hours in _named(table, line):
                person = known.find(name, phones)
                if person is None:
                    number = phones[0] if phones else ""
                    strangers.setdefault((name, number), (line.row.number, name, number))
                    continue
                start, end = (
                    at.replace(tzinfo=zone).astimezone(UTC) for at in _within(span, hours)
                )
                row = DutyRow(person.id, person.division_code, start, end)
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


def _named(table: Table, line: Line) -> Iterator[tuple[str, tuple[str, ...], Hours | None]]:
    for slot in slots_of(table):
        above = table.headings[slot.name]
        hours = _hours_in(above.group + above.text)
        for person, phones in persons_with_numbers(line.row.cells, slot):
            if person.name:
                yield person.name, phones, hours


def _hours_in(heading: str) -> Hours | None:
    """The hours that a heading says: 白班（8:00-20:00）; ``None``: the whole day."""
    written = plain(heading)
    found = _HOURS.search(written)
    if found is not None and max(int(found[1]), int(found[3])) <= 24:
        begin, end = (
            timedelta(hours=int(hour), minutes=int(minute or 0))
            for hour, minute in (found.group(1, 2), found.group(3, 4))
        )
        return begin, end if end > begin else end + timedelta(days=1)
    return next((hours for word, hours in _SHIFTS.items() if word in written), None)


def _within(span: Span, hours: Hours | None) -> Span:
    if hours is None:
        return span
    midnight = datetime.combine(span[0].date(), time())
    return midnight + hours[0], midnight + hours[1]


def _span(line: Line, columns: list[int], year: int, problems: Problems) -> Span | None:
    """From when to when the row is, on the clock on the wall; ``None`` is noted as a problem."""
    cells = line.row.cells
    text = next((cells[at] for at in columns if at < len(cells) and cells[at]), "")
    moment = parse_moment(text, year) if text else None
    if moment is not None:
        start = datetime.combine(moment.date(), HANDOVER)
        return start, start + timedelta(days=1)
    written = unicodedata.normalize("NFKC", text)
    for mark in _TO.finditer(written):
        span = _from_to(written[: mark.start()], written[mark.end() :], year)
        if span is not None:
            return span
    reason = RowReason.DATE_INVALID if text else RowReason.MISSING
    problems.add(line.row.number, "starts_at", reason, sheet=line.row.sheet, text=text[:40])
    return None


def _from_to(first: str, last: str, year: int) -> Span | None:
    """7月1日8:00 to 7月2日8:00 or to 20:00; 7月1日 to 7月7日: until the morning after."""
    start, end = parse_moment(first, year), parse_moment(last, year)
    if start is not None and end is None:
        end = parse_moment(f"{start:%Y-%m-%d} {last}", year)
        if end is not None and end <= start:
            end += timedelta(days=1)
    if start is None or end is None:
        return None
    if start.time() == end.time() == time():
        start = datetime.combine(start.date(), HANDOVER)
        end = datetime.combine(end.date() + timedelta(days=1), HANDOVER)
    return (start, end) if start < end <= start + _LONGEST else None


def _year(table: Table) -> int | None:
    for title in (*table.titles, table.name):
        if (found := _YEAR.search(title)) is not None:
            return int(found[1])
    return None
