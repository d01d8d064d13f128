"""A duty plan as spans: where nobody watches, and who hands over to whom."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.duty.model import AHEAD, GapRung, next_rung_at, rungs_due
from contacts.duty_plan import Change, Shift, Span, changes, uncovered
from tests.roster import COUNTY, NOW

HOUR = timedelta(hours=1)


def span(begin: float, end: float) -> Span:
    return Span(NOW + begin * HOUR, NOW + end * HOUR)


def shift(begin: float, end: float, person: int) -> Shift:
    return Shift(NOW + begin * HOUR, NOW + end * HOUR, person * 100, person, COUNTY)


@given(st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 20)), max_size=12))
def test_every_hour_is_covered_or_in_a_gap(spans: list[tuple[int, int]]) -> None:
    shifts = [span(begin, begin + hours) for begin, hours in spans]
    found = uncovered(shifts, NOW, NOW + 30 * HOUR)
    for hour in range(30):
        at = NOW + hour * HOUR
        covered = any(each.covers(at) for each in shifts)
        assert covered != any(gap.covers(at) for gap in found)
    assert found == sorted(found, key=lambda each: each.starts_at)
    assert all(gap.seconds >= 60 for gap in found)


def test_a_watch_that_changes_hands() -> None:
    day = [shift(0, 8, 1), shift(8, 16, 2), shift(0, 24, 9), shift(16, 24, 2), shift(24, 32, 3)]
    assert changes(day, NOW, NOW + 48 * HOUR) == [
        Change(NOW + 8 * HOUR, frozenset({1}), frozenset({2})),
        Change(NOW + 24 * HOUR, frozenset({2, 9}), frozenset({3})),
    ]
    assert changes([shift(0, 8, 1), shift(9, 16, 2)], NOW, NOW + 48 * HOUR) == []  # a gap between


def test_each_rung_is_told_once_and_a_late_one_tells_for_those_before() -> None:
    starts = NOW + timedelta(days=30)
    assert rungs_due(starts, 0, NOW) == 0
    assert next_rung_at(starts, 0) == starts - AHEAD[GapRung.WEEK]
    assert rungs_due(starts, 0, starts - timedelta(days=7)) == GapRung.WEEK
    assert rungs_due(starts, GapRung.WEEK, starts - timedelta(days=6)) == 0
    assert rungs_due(starts, GapRung.WEEK, starts - timedelta(hours=23)) == GapRung.DAY
    assert rungs_due(starts, 0, starts) == GapRung.WEEK | GapRung.DAY | GapRung.HOUR
    assert next_rung_at(starts, 7) is None
