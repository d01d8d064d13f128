"""Lines crossed, jumps held back, rain summed, slopes extended: as state machines, any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.sources.gauges.crossings import Passed, Passing, Standing, sight, step
from alerts.sources.gauges.judging import (
    Doubt,
    Trace,
    judge,
    silent_after,
    stuck,
    unit_meant,
)
from alerts.sources.gauges.model import Quantity, Reading
from alerts.sources.gauges.rain import rain_sight, rain_sum
from alerts.sources.gauges.rising import rate, until
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import Line, LineKind, next_line

RULES = WaterRules()
START = datetime(2023, 7, 3, 0, 0, tzinfo=UTC)
FRZ = Line(Quantity.LEVEL, LineKind.DEFENCE, 210.0)
WRZ = Line(Quantity.LEVEL, LineKind.WARNING, 211.0)
GRZ = Line(Quantity.LEVEL, LineKind.GUARANTEE, 213.0)
LINES = (FRZ, WRZ, GRZ)


def level(minutes: float, value: float) -> Reading:
    return Reading("S", Quantity.LEVEL, START + timedelta(minutes=minutes), value)


def rain(minutes: float, value: float, interval: int = 60) -> Reading:
    return Reading("S", Quantity.RAIN, START + timedelta(minutes=minutes), value, interval)


def run(readings: list[Reading], standing: Standing | None = None) -> tuple[Standing, list[Passed]]:
    standing, passed = standing or Standing(), []
    for one in readings:
        standing, what = step(standing, sight(one.at, one.value, LINES, RULES), RULES)
        passed += [what] if what else []
    return standing, passed


def told(passed: list[Passed]) -> list[tuple[str, int]]:
    return [(one.passing.value, one.rank) for one in passed]


# -- lines -------------------------------------------------------------------------------------


def test_up_at_once_and_down_after_hours() -> None:
    wave = [209, 210.2, 211.4, 213.0, 212.5, 212.5, 209.5, 209.5]
    readings = [level(60 * hour, value) for hour, value in enumerate(wave)]
    standing, passed = run(readings)
    assert told(passed) == [("risen", 1), ("risen", 2), ("risen", 3)]
    assert standing.held == 3 and standing.since == readings[1].at
    calm = [level(60 * (8 + hour), 209.5) for hour in range(4)]
    standing, passed = run(calm, standing)
    assert told(passed) == [("calm", 0)] and passed[0].since == readings[1].at
    assert (standing.held, standing.since) == (0, None)
    # The next wave is another episode.
    assert run([level(2000, 211.2)], standing)[1][0].since == level(2000, 0).at


def test_a_lower_line_is_held_on_the_way_down_and_crossed_again_on_the_way_up() -> None:
    high = [level(0, 213.2)] + [level(60 * hour, 211.5) for hour in range(1, 9)]
    standing, passed = run(high)
    assert told(passed) == [("risen", 3), ("fallen", 2)]
    assert told(run([level(600, 213.1)], standing)[1]) == [("risen", 3)]


def test_a_silence_is_no_sign_of_calm() -> None:
    standing, passed = run([level(0, 211.2), level(60, 209), level(60 * 9, 209)])
    assert told(passed) == [("risen", 2)] and standing.below_since == level(60 * 9, 0).at


@given(st.lists(st.floats(210.91, 211.09), min_size=1, max_size=60))
def test_a_level_that_flutters_crosses_once(flutter: list[float]) -> None:
    readings = [level(0, 211.0)] + [level(10 * n, v) for n, v in enumerate(flutter, start=1)]
    assert told(run(readings)[1]) == [("risen", 2)]


_levels = st.lists(
    st.tuples(st.integers(0, 3000), st.floats(205, 215).map(lambda v: round(v, 2))), max_size=40
).map(lambda rows: [level(minutes, value) for minutes, value in dict(rows).items()])


@given(_levels)
def test_late_and_double_readings_change_nothing(readings: list[Reading]) -> None:
    in_order = sorted(readings, key=lambda one: one.at)
    expected = run(in_order)
    assert run([one for one in in_order for _ in range(2)]) == expected
    late = [other for n, one in enumerate(in_order) for other in (one, *in_order[:n][-2:-1])]
    assert run(late) == expected
    half = len(in_order) // 2  # a restart between two polls
    standing, before = run(in_order[:half])
    after, rest = run(in_order[half:], standing)
    assert (after, before + rest) == expected


@given(_levels)
def test_what_is_passed_makes_sense(readings: list[Reading]) -> None:
    in_order = sorted(readings, key=lambda one: one.at)
    standing, passed = run(in_order)
    for first, second in pairwise(passed):
        assert first.rank == second.before
    for one in passed:
        if one.passing is Passing.RISEN:
            assert one.rank > one.before and one.sight.reached == one.rank
        elif one.passing is Passing.FALLEN:
            assert 0 < one.rank < one.before
        else:
            assert one.rank == 0 < one.before
    if in_order:
        assert standing.held >= sight(in_order[-1].at, in_order[-1].value, LINES, RULES).reached
        assert (standing.since is None) == (standing.held == 0)


def test_the_next_line() -> None:
    assert next_line(LINES, 209) is FRZ and next_line(LINES, 211.5) is GRZ
    assert next_line(LINES, 214) is None


# -- readings that cannot be true ----------------------------------------------------------------


def judged(readings: list[Reading], lines: tuple[Line, ...] = LINES) -> list[Doubt | None]:
    trace, doubts = Trace(), []
    for one in readings:
        trace, doubt = judge(trace, one, lines, RULES)
        doubts.append(doubt)
    return doubts


@pytest.mark.parametrize(
    ("value", "doubt", "scale"),
    [
        (211.0, None, None),
        (21100.0, Doubt.UNIT, 0.01),
        (211000.0, Doubt.UNIT, 0.001),
        (2.11, Doubt.UNIT, 100.0),
        (512.3, Doubt.DATUM, None),
        (692.0, Doubt.DATUM, None),
        (217.9, None, None),
        (119.0, None, None),
        (30.0, Doubt.DATUM, None),
    ],
)
def test_units_and_datums(value: float, doubt: Doubt | None, scale: float | None) -> None:
    _trace, found = judge(Trace(last_at=START, last_value=value), level(60, value), LINES, RULES)
    assert found is doubt
    if doubt:
        assert unit_meant(value, LINES, RULES) == scale


def test_a_spike_waits_and_is_forgotten_and_a_wave_is_believed_when_it_is_still_there() -> None:
    spike = [level(0, 209), level(10, 214), level(20, 209.1)]
    assert judged(spike) == [None, Doubt.JUMP, None]
    wave = [level(0, 209), level(10, 213), level(20, 214.2), level(30, 214.5)]
    assert judged(wave) == [None, Doubt.JUMP, None, None]
    # After hours a level may have risen by as many times as much.
    assert judged([level(0, 207), level(120, 212.5)]) == [None, None]


def test_the_first_reading_ever_above_a_line_is_seen_twice() -> None:
    assert judged([level(0, 211.5), level(10, 211.6)]) == [Doubt.JUMP, None]
    assert judged([level(0, 209.5)]) == [None]
    assert judged([level(0, 3.5)], lines=()) == [None]


@given(_levels)
def test_one_wrong_value_alone_never_crosses(readings: list[Reading]) -> None:
    """Whatever a gauge says once among quiet readings, no line is passed."""
    quiet = [level(10 * n, 209.0) for n in range(301)]
    odd = {one.at: one for one in readings[:1] if abs(one.value - 209.0) > RULES.jump_m}
    trace, standing = Trace(), Standing()
    for one in [odd.get(each.at, each) for each in quiet]:
        trace, doubt = judge(trace, one, LINES, RULES)
        if doubt is None:
            standing, passed = step(standing, sight(one.at, one.value, LINES, RULES), RULES)
            assert passed is None


def test_gauges_that_stick_or_fall_silent() -> None:
    trace = Trace()
    for hour in range(26):
        trace, _doubt = judge(trace, level(60 * hour, 209.0), LINES, RULES)
    assert stuck(trace, RULES) and trace.every_s == 3600
    moved, _doubt = judge(trace, level(60 * 26, 209.01), LINES, RULES)
    assert not stuck(moved, RULES)
    assert silent_after(trace, Quantity.LEVEL, RULES) == timedelta(hours=4)
    assert silent_after(replace(trace, every_s=300), Quantity.LEVEL, RULES) == RULES.silent
    assert silent_after(Trace(), Quantity.RAIN, RULES) == RULES.silent_rain
    same = [rain(60 * hour, 12.5) for hour in range(7)]
    assert judged(same, lines=())[-3:] == [None, Doubt.STUCK, Doubt.STUCK]
    assert judged([rain(60 * hour, 0.0) for hour in range(50)], lines=()) == [None] * 50


# -- rain ---------------------------------------------------------------------------------------

HOUR = Line(Quantity.RAIN, LineKind.READY, 30.0, 60)
SIX = Line(Quantity.RAIN, LineKind.READY, 80.0, 360)
NOW_HOUR = Line(Quantity.RAIN, LineKind.MOVE, 60.0, 60)


def test_windows_slide_and_say_what_is_missing() -> None:
    hours = [rain(60 * n, 10.0) for n in range(1, 5)]
    found = rain_sum(hours, START + timedelta(hours=4), 360)
    assert (found.mm, found.known, found.missing) == (40.0, 240, 120)
    assert rain_sum(hours, START + timedelta(hours=4.5), 60).mm == 5.0
    assert rain_sum(hours, START + timedelta(hours=9), 180).mm == 0
    # A day's total does not count again what its hours said, and says nothing about an hour.
    day = rain(240, 100.0, 1440)
    assert rain_sum([*hours, day], START + timedelta(hours=4), 360).mm == 40.0
    assert rain_sum([day], START + timedelta(hours=4), 60).known == 0
    # Five-minute rain beside hourly rain of the same station is counted once.
    fine = [rain(180 + 5 * n, 1.0, 5) for n in range(1, 13)]
    assert rain_sum([*hours, *fine], START + timedelta(hours=4), 240).mm == 42.0
    # Of which some are missing: the hour knows of more.
    assert rain_sum([*hours, *fine[:5]], START + timedelta(hours=4), 240).mm == 40.0
    heavy = [rain(180 + 5 * n, 6.0, 5) for n in range(1, 6)]
    assert rain_sum([*hours, *heavy], START + timedelta(hours=4), 240).mm == 60.0
    # "The last hour" every five minutes: the newest of them is the hour, every twelfth three hours.
    rolling = [rain(5 * n, 60.0 + n) for n in range(1, 49)]
    hour, three = (rain_sum(rolling, START + timedelta(hours=4), each) for each in (60, 180))
    assert (hour.mm, hour.known) == (108.0, 60) and (three.mm, three.known) == (288.0, 180)
    # A dry hour that lies across a wet one does not make three hours dry.
    across = rain_sum([rain(180, 72.0), rain(210, 1.0)], START + timedelta(hours=4), 180)
    assert (across.mm, across.known) == (72.0, 60)


def test_the_highest_line_counts_and_else_the_nearest() -> None:
    at, lines = START + timedelta(hours=2), (HOUR, SIX, NOW_HOUR)
    seen, total = rain_sight([rain(60, 20.0), rain(120, 65.0)], at, lines, RULES)
    assert (seen.reached, seen.line, total and total.mm) == (2, NOW_HOUR, 65.0)
    seen, total = rain_sight([rain(60, 55.0), rain(120, 20.0)], at, lines, RULES)
    assert (seen.reached, seen.kept, total and total.minutes) == (0, 1, 360)


_intervals = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([5, 60, 180, 1440]), st.floats(0, 50)),
    max_size=12,
).map(lambda rows: [rain(30 * place, value, minutes) for place, minutes, value in rows])


@given(_intervals, st.integers(0, 40), st.sampled_from([60, 180, 360, 1440]))
@example([rain(0, 0.0, 5), rain(0, 1.0, 5), rain(30, 0.0, 5)], 1, 60)  # one said twice, differently
def test_sums_are_bounded_and_do_not_depend_on_order(
    intervals: list[Reading], place: int, minutes: int
) -> None:
    at = START + timedelta(minutes=30 * place)
    found = rain_sum(intervals, at, minutes)
    assert 0 <= found.known <= minutes and found.missing == minutes - found.known
    assert found.mm <= sum(one.value for one in intervals) + 0.01
    begins = at - timedelta(minutes=minutes)
    within = [one.value for one in intervals if begins <= one.since and one.at <= at]
    assert found.mm >= max(within, default=0.0) - 0.01, "less than one interval says by itself"
    assert rain_sum(list(dict.fromkeys(reversed(intervals))), at, minutes) == found


# -- slopes --------------------------------------------------------------------------------------


def test_the_slope_and_when_it_reaches_a_line() -> None:
    points = [(level(10 * n, 0).at, 209 + 0.1 * n) for n in range(13)]
    slope = rate(points, points[-1][0])
    assert slope == pytest.approx(0.6) and until(210.2, 211.0, slope) == timedelta(
        hours=0.8 / slope
    )
    hourly = [(level(0, 0).at, 209.0), (level(120, 0).at, 210.0)]
    assert rate(hourly, hourly[-1][0]) == 0.5
    assert rate(points[:1], points[0][0]) is None and until(210, 211, None) is None
    assert until(210, 211, 0.01) is None and until(210, 211, -1.0) is None
    assert until(210, 260, 0.5) is None, "nobody extends a slope for four days"
    assert until(211, 210, 1.0) is None
