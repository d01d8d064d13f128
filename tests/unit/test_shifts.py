"""Expected check-ins and the chase of a missed one: examples, and rules for any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.patrol.shifts.model import (
    FORGOTTEN,
    Rung,
    Seen,
    Shift,
    ShiftRules,
    Timing,
    Watch,
    advance,
    check_in_times,
    due_at,
    opens_at,
    plan_key,
    planned,
    seen,
    usual_shift,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 10, 1)
RULES = ShiftRules()
TIMES = check_in_times([usual_shift(DAY, RULES)])


def at(hour: int, minute: int = 0, *, day: int = 1) -> datetime:
    """A time of the test's October, in Beijing."""
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


def waiting(hour: int = 8) -> Watch:
    return Watch(7, "plan", at(hour), times=TIMES)


def test_a_usual_day_asks_every_two_hours_from_eight_to_six() -> None:
    assert [each.astimezone(ZONE).hour for each in TIMES] == [8, 10, 12, 14, 16, 18]


def test_a_night_shift_ends_the_next_morning() -> None:
    night = usual_shift(DAY, ShiftRules(first=time(20), last=time(4), every_minutes=240))
    assert check_in_times([night]) == (at(20), at(0, day=2), at(4, day=2))


def test_a_day_off_asks_for_nothing_and_two_shifts_ask_once_at_the_same_time() -> None:
    assert check_in_times([Shift(at(8), at(18), 0)]) == ()
    both = check_in_times([Shift(at(8), at(10), 60), Shift(at(10), at(12), 120)])
    assert both == (at(8), at(9), at(10), at(12))


def test_nothing_is_missed_within_the_grace() -> None:
    assert advance(waiting(), RULES, at(8, 14)).tell == ()
    assert due_at(waiting(), RULES) == at(8, 15)


def test_the_patroller_then_the_station_then_the_county() -> None:
    step = advance(waiting(), RULES, at(8, 15))
    assert (step.tell, step.missed) == ((Rung.PATROLLER,), (at(8),))
    assert step.watch.expected_at == at(10)
    assert due_at(step.watch, RULES) == at(8, 30)
    step = advance(step.watch, RULES, at(8, 30))
    assert step.tell == (Rung.STATION,)
    step = advance(step.watch, RULES, at(8, 45))
    assert step.tell == (Rung.COUNTY,)
    assert due_at(step.watch, RULES) == at(10, 15)


def test_who_cannot_be_written_to_is_looked_for_at_once() -> None:
    step = advance(waiting(), RULES, at(8, 15), reachable=False)
    assert step.tell == (Rung.STATION,)
    assert due_at(step.watch, RULES, reachable=False) == at(8, 45)


def test_a_further_miss_begins_another_round() -> None:
    step = advance(waiting(), RULES, at(8, 45))
    assert step.tell == (Rung.PATROLLER, Rung.STATION, Rung.COUNTY)
    step = advance(step.watch, RULES, at(10, 15))
    assert step.tell == (Rung.PATROLLER,)
    assert (step.watch.missed_at, step.watch.missed) == (at(8), 2)


def test_a_bot_that_was_away_climbs_each_rung_once() -> None:
    step = advance(waiting(), RULES, at(15))
    assert step.missed == (at(8), at(10), at(12), at(14))
    assert step.tell == (Rung.PATROLLER, Rung.STATION, Rung.COUNTY)
    assert advance(step.watch, RULES, at(15)).tell == ()


@pytest.mark.parametrize(
    ("hour", "minute", "timing", "then"),
    [
        (8, 59, Timing.EXTRA, 10),  # half the way from eight
        (9, 0, Timing.ON_TIME, 12),
        (10, 15, Timing.ON_TIME, 12),
        (10, 16, Timing.LATE, 12),
        (11, 30, Timing.LATE, 14),  # late for ten, in time for twelve
    ],
)
def test_a_check_in_counts_for_the_nearest_time(
    hour: int, minute: int, timing: Timing, then: int
) -> None:
    found = seen(waiting(10), at(hour, minute), RULES)
    assert (found.timing, found.watch.expected_at) == (timing, at(then))


def test_a_check_in_ends_the_chase_and_those_told_will_hear() -> None:
    chased = advance(waiting(), RULES, at(8, 30)).watch
    found = seen(chased, at(8, 40), RULES)
    assert (found.ended, found.timing, found.late) == (True, Timing.LATE, timedelta(minutes=40))
    assert found.watch.missed_at is None
    assert found.watch.back_at == at(8, 40)
    assert found.watch.told & Rung.STATION
    assert due_at(found.watch, RULES) == at(8, 40) + timedelta(seconds=30)


def test_nobody_hears_of_a_return_who_did_not_hear_of_the_silence() -> None:
    reminded = advance(waiting(), RULES, at(8, 15)).watch
    assert seen(reminded, at(8, 20), RULES).watch.back_at is None


def test_a_position_long_on_its_way_counts_for_when_it_was_taken() -> None:
    chased = advance(waiting(), RULES, at(8, 30)).watch
    assert seen(chased, at(8, 5), RULES).timing is Timing.ON_TIME
    older = seen(chased, at(6), RULES)
    assert not older.ended
    assert older.watch.missed_at == at(8)


def test_a_new_day_keeps_a_chase_but_not_for_ever() -> None:
    chased = advance(waiting(18), RULES, at(19)).watch
    tomorrow = check_in_times([usual_shift(date(2026, 10, 2), RULES)])
    next_day = planned(chased, (*TIMES, *tomorrow), "2", at(0, day=2))
    assert (next_day.missed_at, next_day.expected_at) == (at(18), at(8, day=2))
    assert planned(chased, (), "2", at(18) + FORGOTTEN).missed_at == at(18)
    assert planned(chased, (), "2", at(18, 1) + FORGOTTEN).missed_at is None


def test_a_change_of_plan_does_not_forget_what_is_being_waited_for() -> None:
    assert planned(waiting(10), TIMES, "2", at(10, 5)).expected_at == at(10)
    assert planned(waiting(9), TIMES, "2", at(10, 5)).expected_at == at(12)
    assert planned(Watch(7), TIMES, "1", at(10, 5)).expected_at == at(12)


def test_the_plans_name_changes_with_the_day_and_the_rules() -> None:
    names = {
        plan_key(RULES, at(12)),
        plan_key(RULES, at(12, day=2)),
        plan_key(ShiftRules(every_minutes=60), at(12)),
        plan_key(ShiftRules(expected=False), at(12)),
    }
    assert len(names) == 4
    assert plan_key(RULES, at(0)) == plan_key(RULES, at(23, 59))


# ------------------------------------------------------------------------- for any history at all

minutes = st.integers(0, 24 * 60)
plans = st.lists(minutes, max_size=12, unique=True).map(
    lambda marks: tuple(
        datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=minute) for minute in sorted(marks)
    )
)
rule_sets = st.builds(
    ShiftRules,
    late_minutes=st.integers(0, 60),
    patroller_minutes=st.none() | st.integers(0, 90),
    station_minutes=st.none() | st.integers(0, 90),
    county_minutes=st.none() | st.integers(0, 90),
)
events = st.lists(st.tuples(st.integers(0, 180), st.booleans(), st.booleans()), max_size=20)


@given(plans, rule_sets, events)
def test_a_sweep_leaves_nothing_due_and_repeats_nothing(
    times: tuple[datetime, ...], rules: ShiftRules, history: list[tuple[int, bool, bool]]
) -> None:
    watch = planned(Watch(1), times, "p", datetime(2026, 9, 30, tzinfo=UTC))
    now = datetime(2026, 10, 1, tzinfo=UTC)
    silent_since: datetime | None = None
    for passed, reports, reachable in history:
        now += timedelta(minutes=passed)
        if reports:
            found: Seen = seen(watch, now, rules)
            watch, silent_since = found.watch, None
            assert watch.missed_at is None
            assert watch.expected_at is None or opens_at(times, watch.expected_at) > now
        step = advance(watch, rules, now, reachable=reachable)
        again = advance(step.watch, rules, now, reachable=reachable)
        assert (again.tell, again.missed, again.watch) == ((), (), step.watch)
        due = due_at(step.watch, rules, reachable=reachable)
        assert due is None or due > now or step.watch.back_at is not None
        assert list(step.missed) == sorted(set(step.missed))
        if step.missed and silent_since is None:
            silent_since = step.missed[0]
        assert step.watch.missed_at == silent_since
        assert (step.watch.missed > 0) == (silent_since is not None)
        if not reachable:
            assert Rung.PATROLLER not in step.tell
        watch = step.watch


@given(plans, rule_sets)
def test_somebody_silent_all_day_is_reported_all_the_way_up(
    times: tuple[datetime, ...], rules: ShiftRules
) -> None:
    watch = planned(Watch(1), times, "p", datetime(2026, 9, 30, tzinfo=UTC))
    missed: list[datetime] = []
    told: set[Rung] = set()
    for hour in range(72):
        step = advance(watch, rules, datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=hour))
        watch = step.watch
        missed += step.missed
        told |= set(step.tell)
    assert tuple(missed) == times
    assert told == ({rung for rung, _ in rules.rungs} if times else set())


def test_what_nobody_looked_at_for_a_day_is_not_chased_as_if_of_today() -> None:
    """jiaoying was out from the morning of the first to the noon of the second, and longer."""
    times = TIMES + check_in_times([usual_shift(date(2026, 10, 2), RULES)])
    for back in (at(12, 30, day=2), at(7, day=3)):
        watch = Watch(7, "plan", at(8), times=times)
        step = advance(watch, RULES, back)
        assert step.missed == tuple(
            each for each in times if back - FORGOTTEN <= each + RULES.late <= back
        )
        assert step.watch.missed == len(step.missed)
    assert advance(Watch(7, "plan", at(8), times=TIMES), RULES, at(7, day=3)).tell == ()


def test_a_chase_interrupted_for_a_day_tells_nobody_of_the_day_before() -> None:
    chased = advance(waiting(), RULES, at(8, 15)).watch  # the patroller was reminded
    quiet = replace(chased, expected_at=None)
    step = advance(quiet, RULES, at(10, day=2))
    assert (step.tell, step.missed) == ((), ())
    assert step.watch.missed_at == at(8)  # still silent, and listed so
    today = check_in_times([usual_shift(date(2026, 10, 2), RULES)])
    expected = replace(step.watch, times=today, expected_at=today[0])
    again = advance(expected, RULES, at(8, 15, day=2))
    assert (again.tell, again.missed) == ((Rung.PATROLLER,), (at(8, day=2),))


def test_within_a_day_everything_missed_is_chased_as_ever() -> None:
    step = advance(waiting(), RULES, at(7, day=2))
    assert len(step.missed) == 6 and Rung.PATROLLER in step.tell and Rung.STATION in step.tell
