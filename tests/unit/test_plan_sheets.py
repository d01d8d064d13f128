"""The files that plan a fire season: good rows in many notations, bad rows and their reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from alerts.patrol.shifts.model import Shift
from alerts.plans.sheets import PlanKind, danger_rows, parse_day, season_rows, shift_rows
from alerts.season.model import DangerLevel
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division, Gazetteer
from contacts.people import Person, Role
from contacts.roster.rows import Problems, RowReason
from contacts.roster.sheet import Sheet, SheetRow
from data.errors import InvalidInput

COUNTY, VILLAGE = "222403000000", "222403101200"
GAZETTEER = Gazetteer(
    [
        Division("220000000000", "吉林省", Tier.PROVINCE),
        Division(COUNTY, "敦化市", Tier.COUNTY, "220000000000"),
        Division(VILLAGE, "团山子村", Tier.VILLAGE, COUNTY),
    ]
)
RANGER = Person(40, "护林员", "+8613900000040", VILLAGE, Role.RANGER, 1)
ZONE = ZoneInfo("Asia/Shanghai")
HEADS = {
    PlanKind.DANGER: ("division_code", "date", "level"),
    PlanKind.SEASON: ("division_code", "starts_on", "ends_on"),
    PlanKind.SHIFTS: ("phone", "division_code", "date", "start", "end", "every_minutes"),
}


def sheet(plan: PlanKind, *rows: tuple[str, ...]) -> Sheet:
    lines = tuple(SheetRow(number, row) for number, row in enumerate(rows, start=2))
    return Sheet("f.csv", "0", HEADS[plan], lines, True)


def read(plan: PlanKind, *rows: tuple[str, ...]):
    problems = Problems()
    if plan is PlanKind.DANGER:
        found, _ = danger_rows(sheet(plan, *rows), GAZETTEER, problems)
    elif plan is PlanKind.SEASON:
        found, _ = season_rows(sheet(plan, *rows), GAZETTEER, problems)
    else:
        people = {RANGER.phone: RANGER}
        found, _ = shift_rows(sheet(plan, *rows), GAZETTEER, people, ZONE, problems)
    return found, [(problem.row, problem.column, problem.reason) for problem in problems.shown]


@pytest.mark.parametrize(
    "text", ["2026-09-15", "2026/9/15", "20260915", "2026年9月15日", "2026-09-15 00:00:00"]
)
def test_days_in_every_writing(text: str) -> None:
    assert parse_day(text) == date(2026, 9, 15)


@pytest.mark.parametrize("text", ["", "2026-13-01", "9-15", "2026-09-31", "今天", "46280"])
def test_what_is_no_day(text: str) -> None:
    assert parse_day(text) is None


def test_danger_levels() -> None:
    found, bad = read(PlanKind.DANGER, (COUNTY, "2026-09-15", "红"), (VILLAGE, "2026-09-15", "2"))
    assert bad == []
    assert found == {
        (COUNTY, date(2026, 9, 15)): DangerLevel.RED,
        (VILLAGE, date(2026, 9, 15)): DangerLevel.BLUE,
    }


def test_season_dates() -> None:
    found, bad = read(PlanKind.SEASON, (COUNTY, "2026-09-15", "2026-11-30"))
    assert (found, bad) == ({(COUNTY, date(2026, 9, 15)): date(2026, 11, 30)}, [])


def test_hours_of_a_person_of_a_division_at_night_and_on_a_day_off() -> None:
    found, bad = read(
        PlanKind.SHIFTS,
        ("13900000040", "", "2026-10-01", "14:00", "18:00", "60"),
        ("13900000040", "", "2026-10-01", "08:00", "12:00:00", "120"),
        ("", COUNTY, "2026-10-01", "20:00", "06:00", "240"),
        ("", VILLAGE, "2026-10-01", "8：00", "24:00", "0"),
    )

    def hour(hours: int, minutes: int = 0) -> datetime:
        return datetime(2026, 10, 1, 0, minutes, tzinfo=UTC).replace(hour=hours)

    assert bad == []
    assert found == {
        (40, date(2026, 10, 1)): (Shift(hour(0), hour(4), 120), Shift(hour(6), hour(10), 60)),
        (COUNTY, date(2026, 10, 1)): (Shift(hour(12), hour(22), 240),),
        (VILLAGE, date(2026, 10, 1)): (Shift(hour(0), hour(16), 0),),
    }


@pytest.mark.parametrize(
    ("plan", "row", "column", "reason"),
    [
        (
            PlanKind.DANGER,
            ("999999999999", "2026-09-15", "5"),
            "division_code",
            RowReason.DIVISION_UNKNOWN,
        ),
        (PlanKind.DANGER, (COUNTY, "soon", "5"), "date", RowReason.DATE_INVALID),
        (PlanKind.DANGER, (COUNTY, "2026-09-15", "6"), "level", RowReason.DANGER_UNKNOWN),
        (PlanKind.DANGER, (COUNTY, "2026-09-15", ""), "level", RowReason.MISSING),
        (PlanKind.DANGER, (COUNTY, "2026-09-15"), "", RowReason.ROW_TOO_SHORT),
        (PlanKind.SEASON, (COUNTY, "2026-09-15", "2026-09-14"), "ends_on", RowReason.DATE_ORDER),
        (
            PlanKind.SHIFTS,
            ("1", "", "2026-10-01", "08:00", "18:00", "60"),
            "phone",
            RowReason.PHONE_LENGTH,
        ),
        (
            PlanKind.SHIFTS,
            ("13900000041", "", "2026-10-01", "08:00", "18:00", "60"),
            "phone",
            RowReason.PERSON_UNKNOWN,
        ),
        (
            PlanKind.SHIFTS,
            ("", "", "2026-10-01", "08:00", "18:00", "60"),
            "phone",
            RowReason.NO_OWNER,
        ),
        (
            PlanKind.SHIFTS,
            ("13900000040", COUNTY, "2026-10-01", "08:00", "18:00", "60"),
            "phone",
            RowReason.TWO_OWNERS,
        ),
        (
            PlanKind.SHIFTS,
            ("", COUNTY, "2026-10-01", "25:00", "18:00", "60"),
            "start",
            RowReason.HOUR_INVALID,
        ),
        (
            PlanKind.SHIFTS,
            ("", COUNTY, "2026-10-01", "08:00", "late", "60"),
            "end",
            RowReason.HOUR_INVALID,
        ),
        (
            PlanKind.SHIFTS,
            ("", COUNTY, "2026-10-01", "08:00", "18:00", "5"),
            "every_minutes",
            RowReason.EVERY_INVALID,
        ),
        (
            PlanKind.SHIFTS,
            ("", COUNTY, "2026-10-01", "08:00", "18:00", "1e3"),
            "every_minutes",
            RowReason.SCIENTIFIC,
        ),
        (
            PlanKind.SHIFTS,
            ("", COUNTY, "2026-10-01", "08:00", "18:00", "=1+1"),
            "every_minutes",
            RowReason.FORMULA,
        ),
    ],
)
def test_a_bad_row_is_named(
    plan: PlanKind, row: tuple[str, ...], column: str, reason: RowReason
) -> None:
    found, bad = read(plan, row)
    assert found == {}
    assert (2, column, reason) in bad


def test_the_same_day_twice_is_named() -> None:
    _, bad = read(PlanKind.DANGER, (COUNTY, "2026-09-15", "5"), (COUNTY, "2026/9/15", "1"))
    assert bad == [(3, "date", RowReason.DAY_TWICE)]


def test_a_missing_column_is_named() -> None:
    bare = Sheet("f.csv", "0", ("division_code", "level"), (SheetRow(2, (COUNTY, "5")),), True)
    with pytest.raises(InvalidInput):
        danger_rows(bare, GAZETTEER, Problems())
