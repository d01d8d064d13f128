"""Days and times as people and spreadsheets write them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from contacts.roster.reading.times import parse_date, parse_moment


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-01 08:30",
        "2026/12/1 8:30",
        "2026.12.01 8:30",
        "2026年12月1日 8:30",
        "2026年12月1日8时30分",
        "2026年12月1日 星期二 8：30",
        "2026-12-01T08:30:00",
        "20261201 08:30",
        "46357.3541666667",
    ],
)
def test_moments(written: str) -> None:
    assert parse_moment(written) == datetime(2026, 12, 1, 8, 30)  # noqa: DTZ001 - a wall clock


def test_midnight_at_the_end_of_a_day() -> None:
    assert parse_moment("2026-12-31 24:00") == datetime(2027, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize("written", ["12月1日", "12.1", "12/1"])
def test_a_day_without_its_year(written: str) -> None:
    assert parse_date(written) is None
    assert parse_date(written, 2026) == date(2026, 12, 1)


@pytest.mark.parametrize(
    "written", ["", "明天", "2026-13-01", "2026-02-30", "2026-12-01 25:00", "24:30", "12", "99999"]
)
def test_what_is_no_time(written: str) -> None:
    assert parse_moment(written, 2026) is None
