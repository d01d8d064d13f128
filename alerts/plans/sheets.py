"""The rows of the files that plan a season: danger levels, season dates, patrol hours. Pure.

Days are local; hours that end before they begin end the next morning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import TypeVar

from alerts.patrol.shifts.model import MAX_EVERY_MINUTES, Shift
from alerts.season.model import DangerLevel, parse_danger_level
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Person
from contacts.roster.columns import DIVISION_CODE, PHONE, Column
from contacts.roster.rows import Cells, Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet

LEAST_EVERY_MINUTES = 10
"""More often than that nobody can patrol (ours)."""


class PlanKind(Enum):
    """What a file plans; the value is the word of the command line."""

    DANGER = "danger"
    SEASON = "season"
    SHIFTS = "shifts"
    CLOSED = "closed"


_DAY = Column("date", ("日期", "day"))
PLAN_COLUMNS: Mapping[PlanKind, tuple[Column, ...]] = {
    PlanKind.DANGER: (
        DIVISION_CODE,
        _DAY,
        Column("level", ("火险等级", "等级", "级别")),
    ),
    PlanKind.SEASON: (
        DIVISION_CODE,
        Column("starts_on", ("开始日期", "开始", "起始日期")),
        Column("ends_on", ("结束日期", "结束", "截止日期")),
    ),
    PlanKind.CLOSED: (
        DIVISION_CODE,
        Column("starts_on", ("开始日期", "开始", "起始日期")),
        Column("ends_on", ("结束日期", "结束", "截止日期")),
        Column("by_order", ("文号", "命令", "依据"), required=False),
    ),
    PlanKind.SHIFTS: (
        Column("phone", PHONE.also, required=False),
        Column("division_code", DIVISION_CODE.also, required=False),
        _DAY,
        Column("start", ("上岗", "开始", "上岗时间", "开始时间")),
        Column("end", ("下岗", "结束", "下岗时间", "结束时间")),
        Column("every_minutes", ("间隔分钟", "报位间隔", "间隔")),
    ),
}

Dangers = dict[tuple[str, date], DangerLevel]
Seasons = dict[tuple[str, date], date]
ClosedTimes = dict[tuple[str, date], tuple[date, str]]
"""The last day and the order, by division and first day."""

LONGEST_CLOSED = timedelta(days=200)
"""A closed time that lasts longer has a slip in its dates (ours)."""

Hours = dict[tuple[int | str, date], tuple[Shift, ...]]
"""By person (id) or division (code), and day."""

Key = TypeVar("Key")


def danger_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[Dangers, tuple[str, ...]]:
    """The danger levels of ``sheet``, and its columns that are not used."""
    rows, ignored = rows_of(sheet, PLAN_COLUMNS[PlanKind.DANGER], problems)
    found: Dangers = {}
    seen: dict[tuple[str, date], int] = {}
    for cells in rows:
        code = cells.division(gazetteer)
        day = _day(cells, "date")
        level = cells.word("level", parse_danger_level, RowReason.DANGER_UNKNOWN)
        if day is None or not code or not _once(cells, "date", seen, (code, day)):
            continue
        if cells.good and level is not None:
            found[code, day] = level
    return found, ignored


def season_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[Seasons, tuple[str, ...]]:
    """The season dates of ``sheet``, and its columns that are not used."""
    rows, ignored = rows_of(sheet, PLAN_COLUMNS[PlanKind.SEASON], problems)
    found: Seasons = {}
    seen: dict[tuple[str, date], int] = {}
    for cells in rows:
        code = cells.division(gazetteer)
        first, last = _day(cells, "starts_on"), _day(cells, "ends_on")
        if first is not None and last is not None and last < first:
            cells.refuse("ends_on", RowReason.DATE_ORDER)
        if first is None or not code or not _once(cells, "starts_on", seen, (code, first)):
            continue
        if cells.good and last is not None:
            found[code, first] = last
    return found, ignored


def closed_rows(
    sheet: Sheet, gazetteer: Gazetteer, problems: Problems
) -> tuple[ClosedTimes, tuple[str, ...]]:
    """The closed times of ``sheet``, and its columns that are not used."""
    rows, ignored = rows_of(sheet, PLAN_COLUMNS[PlanKind.CLOSED], problems)
    found: ClosedTimes = {}
    seen: dict[tuple[str, date], int] = {}
    for cells in rows:
        code = cells.division(gazetteer, named=True)
        first, last = _day(cells, "starts_on"), _day(cells, "ends_on")
        order = cells.text("by_order")
        if first is not None and last is not None and not first <= last <= first + LONGEST_CLOSED:
            cells.refuse("ends_on", RowReason.DATE_ORDER)
        if first is None or not code or not _once(cells, "starts_on", seen, (code, first)):
            continue
        if cells.good and last is not None:
            found[code, first] = last, order
    return found, ignored


def shift_rows(
    sheet: Sheet,
    gazetteer: Gazetteer,
    people: Mapping[str, Person],
    zone: tzinfo,
    problems: Problems,
) -> tuple[Hours, tuple[str, ...]]:
    """The patrol hours of ``sheet``, and its columns that are not used.

    :param people: everybody stored, by phone.
    """
    rows, ignored = rows_of(sheet, PLAN_COLUMNS[PlanKind.SHIFTS], problems)
    found: dict[tuple[int | str, date], list[Shift]] = {}
    seen: dict[tuple[int | str, date, time], int] = {}
    for cells in rows:
        owner = _owner(cells, gazetteer, people)
        day = _day(cells, "date")
        start, end = _hour(cells, "start"), _hour(cells, "end")
        text = cells.required("every_minutes")
        every = (
            cells.integer("every_minutes", text, RowReason.EVERY_INVALID, 0, MAX_EVERY_MINUTES)
            if text
            else None
        )
        if every is not None and 0 < every < LEAST_EVERY_MINUTES:
            cells.refuse("every_minutes", RowReason.EVERY_INVALID, text=text[:40])
        if owner is None or day is None or start is None or end is None:
            continue
        if not _once(cells, "start", seen, (owner, day, start)) or not cells.good:
            continue
        assert every is not None
        found.setdefault((owner, day), []).append(_shift(day, start, end, every, zone))
    ordered = {
        key: tuple(sorted(shifts, key=lambda shift: shift.starts_at))
        for key, shifts in found.items()
    }
    return ordered, ignored


def _owner(cells: Cells, gazetteer: Gazetteer, people: Mapping[str, Person]) -> int | str | None:
    given, code = cells.optional("phone"), cells.optional("division_code")
    if given and code:
        cells.refuse("phone", RowReason.TWO_OWNERS)
        return None
    if code:
        return cells.division(gazetteer) or None
    if not given:
        cells.refuse("phone", RowReason.NO_OWNER)
        return None
    phone = cells.phone()
    person = people.get(phone)
    if phone and person is None:
        cells.refuse("phone", RowReason.PERSON_UNKNOWN, text=phone)
    return None if person is None else person.id


def _shift(day: date, start: time, end: time, every: int, zone: tzinfo) -> Shift:
    until = day if end > start else day + timedelta(days=1)
    starts_at = datetime.combine(day, start, zone).astimezone(UTC)
    return Shift(starts_at, datetime.combine(until, end, zone).astimezone(UTC), every)


def _once(cells: Cells, column: str, seen: dict[Key, int], key: Key) -> bool:
    other = seen.setdefault(key, cells.row)
    if other != cells.row:
        cells.refuse(column, RowReason.DAY_TWICE, other=other)
    return other == cells.row


_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?( 00:00:00)?")
_HOUR = re.compile(r"(\d{1,2})[:：](\d{2})(:00)?")


def _day(cells: Cells, column: str) -> date | None:
    text = cells.required(column)
    if not text:
        return None
    day = parse_day(text)
    if day is None:
        cells.refuse(column, RowReason.DATE_INVALID, text=text[:40])
    return day


def _hour(cells: Cells, column: str) -> time | None:
    text = cells.required(column)
    if not text:
        return None
    found = _HOUR.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2])) if found is not None else (99, 0)
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59:
        cells.refuse(column, RowReason.HOUR_INVALID, text=text[:40])
        return None
    return time(hour, minute)


def parse_day(text: str) -> date | None:
    """A written day (2026-09-15, 2026/9/15, 20260915, 2026年9月15日); ``None`` when it is none."""
    found = _DATE.fullmatch(text.strip())
    try:
        return None if found is None else date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
