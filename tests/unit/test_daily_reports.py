"""Daily figures add up, over the tree and over days; which days are due; what is written."""

from __future__ import annotations

import statistics
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.loop.daily.days import (
    DailyRules,
    Period,
    day_at,
    days_of,
    is_told,
    last_over,
    span_of,
    to_be_made,
)
from alerts.loop.daily.figures import (
    FLOWS,
    LASTING,
    NOTHING,
    STOCKS,
    Figure,
    Figures,
    Slowest,
    by_child,
    from_json,
    median_of,
    of_division,
    over_days,
    part_of,
    summed_up,
    to_json,
    total,
)
from bot.views.daily_words import DailyLine, read_line
from tests.every_case import hold_for_every

RULES = DailyRules()
PROVINCE = "220000000000"
CODES = (
    PROVINCE,
    "220200000000",
    "220200100000",  # a township right below its city
    "222400000000",
    "222402000000",
    "222403000000",
    "222403101000",
    "222403101200",
    "222403102000",
    "222403102207",
)


def _figures(counts: dict[Figure, int], answers: dict[int, int], code: str) -> Figures:
    over = {
        figure: count // 2 for figure, count in counts.items() if figure in LASTING and count > 1
    }
    return Figures(counts, answers, Slowest(max(answers), code) if answers else None, over)


figures = st.builds(
    _figures,
    st.dictionaries(st.sampled_from(Figure), st.integers(1, 50), max_size=6),
    st.dictionaries(st.integers(0, 40), st.integers(1, 3), max_size=5),
    st.sampled_from(CODES),
)
moments = st.integers(0, 366 * 1440).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
counted = st.lists(st.tuples(st.sampled_from(CODES), figures), max_size=12)


def parts_of(found: list[tuple[str, Figures]]) -> dict[str, Figures]:
    parts: dict[str, list[Figures]] = {}
    for code, each in found:
        parts.setdefault(part_of(code), []).append(each)
    return {code: total(of_it) for code, of_it in parts.items()}


@given(counted)
def test_each_division_is_the_sum_of_its_parts(found: list[tuple[str, Figures]]) -> None:
    """Whatever is counted is in the province once, and in each division around it once."""
    parts = parts_of(found)
    sums = summed_up(parts)
    assert sums.get(PROVINCE, NOTHING) == total(each for _code, each in found)
    for code in sums:
        assert sums[code] == of_division(parts, code)
        below = by_child(sums, parts.get(code, NOTHING), code)
        assert total(below.values()) == sums[code]


@given(st.lists(figures, min_size=1, max_size=6), st.integers(1, 5))
def test_days_add_up_whichever_way_they_are_taken_together(days: list[Figures], cut: int) -> None:
    whole = over_days(days)
    assert whole == over_days([over_days(days[:cut]), *days[cut:]])
    for figure in FLOWS:
        assert whole[figure] == sum(day[figure] for day in days)
    for figure in STOCKS:
        assert whole[figure] == days[-1][figure]
    for figure in LASTING:  # of a warning that ended once, of one that goes on as it stands last
        ended = sum(day.over.get(figure, 0) for day in days[:-1])
        assert whole[figure] == ended + days[-1][figure]


@given(figures)
def test_what_is_stored_is_what_was_counted(told: Figures) -> None:
    assert from_json(to_json(told)) == told
    assert from_json(to_json(told) | {"of_a_later_release": 3}) == told


@given(st.lists(st.integers(0, 5000), min_size=1))
def test_the_half_is_that_of_all_answers(seconds: list[int]) -> None:
    kept = {value: seconds.count(value) for value in seconds}
    assert median_of(kept) == statistics.median(seconds)
    assert median_of({}) is None


@given(moments, st.times())
def test_each_moment_is_in_one_day(now: datetime, at: time) -> None:
    rules = DailyRules(at=at.replace(second=0, microsecond=0))
    day = day_at(now, rules)
    span = span_of(day, rules)
    assert span.since <= now < span.until
    assert span_of(day + timedelta(days=1), rules).since == span.until
    assert last_over(now, rules) == day - timedelta(days=1)
    made = to_be_made(now, rules, last_over(now, rules))
    assert made == () and to_be_made(now, rules, None) == ()
    assert to_be_made(now, rules, day - timedelta(days=3)) == (
        day - timedelta(days=2),
        day - timedelta(days=1),
    )


def test_weeks_and_months_and_until_when_a_day_is_told() -> None:
    sunday = date(2026, 11, 29)
    assert days_of(Period.WEEK, sunday)[::6] == (date(2026, 11, 23), sunday)
    month = days_of(Period.MONTH, date(2028, 2, 11))
    assert (month[0], month[-1], len(month)) == (date(2028, 2, 1), date(2028, 2, 29), 29)
    evening = datetime(2026, 11, 29, 15, 59, tzinfo=UTC)  # 23:59 in Beijing
    assert is_told(sunday, evening, RULES)
    assert not is_told(sunday, evening + timedelta(minutes=1), RULES)
    assert not is_told(sunday, evening, DailyRules(at=None))


TODAY = date(2026, 11, 29)
LINES = {
    "": DailyLine("", None, Period.DAY),
    "敦化市": DailyLine("敦化市", None, Period.DAY),
    "敦化市 昨天": DailyLine("敦化市", date(2026, 11, 28), Period.DAY),
    "11-28 延边州": DailyLine("延边州", date(2026, 11, 28), Period.DAY),
    "敦化市　11月8日": DailyLine("敦化市", date(2026, 11, 8), Period.DAY),
    "12-30": DailyLine("", date(2025, 12, 30), Period.DAY),
    "2026-11-01": DailyLine("", date(2026, 11, 1), Period.DAY),
    "20261101 周": DailyLine("", date(2026, 11, 1), Period.WEEK),
    "上周": DailyLine("", date(2026, 11, 22), Period.WEEK),
    "敦化市 月": DailyLine("敦化市", None, Period.MONTH),
    "上月": DailyLine("", date(2026, 10, 31), Period.MONTH),
    "10月": DailyLine("", date(2026, 10, 1), Period.MONTH),
    "12月": DailyLine("", date(2025, 12, 1), Period.MONTH),
    "2026-02": DailyLine("", date(2026, 2, 1), Period.MONTH),
    "13-45": DailyLine("13-45", None, Period.DAY),
    "222403000000": DailyLine("222403000000", None, Period.DAY),
}


def _reads(line: str) -> None:
    assert read_line(line, TODAY) == LINES[line], read_line(line, TODAY)


def test_what_stands_behind_the_command() -> None:
    hold_for_every(LINES, _reads)
