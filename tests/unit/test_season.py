"""Fire season and danger level: taken from the nearest division upward, orders before dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.season.model import (
    DEFAULT_PERIODS,
    DangerLevel,
    Period,
    Season,
    in_season,
    nearest_danger,
    parse_danger_level,
    parse_period,
)
from data.errors import InvalidInput

PROVINCE, CITY, COUNTY = "220000000000", "222400000000", "222403000000"
VILLAGE = "222403101200"
DAY = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        ((3, 14), False),
        ((3, 15), True),
        ((6, 15), True),
        ((6, 16), False),
        ((9, 14), False),
        ((9, 15), True),
        ((11, 30), True),
        ((12, 1), False),
    ],
)
def test_without_an_order_the_usual_seasons_hold(day: tuple[int, int], inside: bool) -> None:
    assert in_season({}, DEFAULT_PERIODS, VILLAGE, date(2026, *day)) is inside


def test_an_order_replaces_the_usual_season_of_its_year_only() -> None:
    orders = {COUNTY: [Season(COUNTY, date(2026, 9, 25), date(2026, 11, 10))]}
    assert not in_season(orders, DEFAULT_PERIODS, VILLAGE, date(2026, 9, 20))
    assert in_season(orders, DEFAULT_PERIODS, VILLAGE, date(2026, 9, 25))
    assert not in_season(orders, DEFAULT_PERIODS, VILLAGE, date(2026, 11, 11))
    assert in_season(orders, DEFAULT_PERIODS, VILLAGE, date(2027, 9, 20))
    assert in_season(orders, DEFAULT_PERIODS, "222402000000", date(2026, 9, 20))


def test_the_nearest_order_upward_counts() -> None:
    orders = {
        PROVINCE: [Season(PROVINCE, date(2026, 9, 1), date(2026, 12, 31))],
        COUNTY: [Season(COUNTY, date(2026, 9, 25), date(2026, 10, 1))],
    }
    assert not in_season(orders, DEFAULT_PERIODS, VILLAGE, date(2026, 10, 2))
    assert in_season(orders, DEFAULT_PERIODS, CITY, date(2026, 10, 2))


def test_an_order_may_pass_new_year() -> None:
    orders = {COUNTY: [Season(COUNTY, date(2026, 11, 1), date(2027, 1, 31))]}
    assert in_season(orders, DEFAULT_PERIODS, COUNTY, date(2027, 1, 15))
    assert Period((11, 1), (1, 31)).covers(date(2027, 1, 15))
    assert not Period((11, 1), (1, 31)).covers(date(2027, 2, 1))


def test_the_danger_is_the_divisions_own_or_that_above() -> None:
    levels = {CITY: DangerLevel.RED, COUNTY: DangerLevel.BLUE}
    here = nearest_danger(levels, VILLAGE, DAY)
    assert (here.level, here.decided_for, here.red) == (DangerLevel.BLUE, COUNTY, False)
    assert nearest_danger(levels, "222402000000", DAY).red
    nothing = nearest_danger(levels, "220100000000", DAY)
    assert (nothing.level, nothing.decided_for, nothing.red) == (None, None, False)


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("红", 5),
        ("red", 5),
        ("5", 5),
        ("五级", 5),
        (" Red ", 5),
        ("绿", 1),
        ("一级", 1),
        ("橙色", 4),
    ],
)
def test_levels_in_words_and_numbers(word: str, level: int) -> None:
    assert parse_danger_level(word) is DangerLevel(level)


@given(st.text(max_size=8))
def test_any_other_word_is_no_level(word: str) -> None:
    found = parse_danger_level(word)
    assert found is None or word.strip()


@pytest.mark.parametrize("text", ["", "03-15", "03-15..", "13-01..12-01", "02-30..03-01", "a..b"])
def test_a_period_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_period(text)
    assert parse_period("03-15..06-15") == Period((3, 15), (6, 15))
