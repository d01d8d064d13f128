"""The clock of the ladders follows drift but not sudden steps, and never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.clocks import FOLLOWED, LASTING_SECONDS, SteadyClock

START = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.off = timedelta(0)

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.seconds) + self.off

    def elapsed(self) -> float:
        return self.seconds


@pytest.mark.parametrize("hours", [1, -1])
def test_an_hour_s_step_is_not_followed(hours: int) -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, machine.elapsed)
    machine.seconds = 60
    machine.off = timedelta(hours=hours)
    assert clock() == START + timedelta(seconds=60)
    assert clock.stepped_by == timedelta(hours=hours)
    machine.off = timedelta(0)  # somebody put it right
    machine.seconds = 120
    assert clock() == START + timedelta(seconds=120)
    assert clock.stepped_by == timedelta(0)


def test_drift_is_followed() -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, machine.elapsed)
    for minute in range(1, 100):
        machine.seconds = minute * 60.0
        machine.off += timedelta(seconds=0.1)
        assert clock() == machine.wall()


class Paused(Machine):
    """A virtual machine: while it is paused no seconds pass in it, and then its clock is set."""

    def pause(self, hours: float) -> None:
        self.off += timedelta(hours=hours)


@pytest.mark.parametrize("hours", [9, 24 * 56])
def test_a_step_forward_that_lasts_is_followed_within_minutes(hours: float) -> None:
    """A paused machine, and one that started years before it knew the time."""
    machine = Paused()
    clock = SteadyClock(machine.wall, machine.elapsed)
    machine.pause(hours)
    clock()
    for _ in range(8):
        machine.seconds += 60
        clock()
    assert clock() == machine.wall()
    assert clock.stepped_by == timedelta(0)
    assert clock.last_step is not None and clock.last_step.followed
    assert clock.last_step.by == timedelta(hours=hours)


def test_a_step_forward_that_is_put_right_is_not_followed() -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, machine.elapsed)
    machine.off = timedelta(hours=2)
    clock()
    machine.seconds, machine.off = LASTING_SECONDS - 1, timedelta(0)
    assert clock() == machine.wall()
    assert clock.last_step is None


def test_another_step_begins_its_time_anew() -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, machine.elapsed)
    machine.off = timedelta(hours=2)
    clock()
    machine.seconds, machine.off = LASTING_SECONDS - 1, timedelta(hours=5)
    clock()
    machine.seconds += LASTING_SECONDS / 2
    assert clock() < machine.wall()
    machine.seconds += LASTING_SECONDS / 2
    assert clock() == machine.wall()


def test_a_step_back_is_kept_out_and_said() -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, machine.elapsed)
    machine.off = timedelta(hours=-3)
    clock()
    machine.seconds = 10 * LASTING_SECONDS
    assert clock() == START + timedelta(seconds=machine.seconds)
    assert clock.last_step is not None and not clock.last_step.followed


def test_a_machine_that_starts_before_it_knows_the_time_waits_for_it() -> None:
    """It shows 2020, and then the right time; nothing is done as if it were 2020."""
    machine = Machine()
    machine.off = timedelta(days=-2300)
    clock = SteadyClock(machine.wall, machine.elapsed, START - timedelta(hours=3))
    machine.seconds = 60
    assert clock() == START - timedelta(hours=3) + timedelta(seconds=60)
    assert clock.last_step is not None and not clock.last_step.followed
    machine.seconds, machine.off = 90, timedelta(0)
    assert clock() == machine.wall()
    assert clock.last_step.followed and clock.last_step.by == timedelta(hours=3)
    machine.seconds, machine.off = 120, timedelta(hours=1)  # from then on a step is a step
    assert clock() < machine.wall()


def test_a_machine_that_never_learns_the_time_is_kept_at_what_is_known() -> None:
    machine = Machine()
    machine.off = timedelta(hours=-2)
    clock = SteadyClock(machine.wall, machine.elapsed, START)
    machine.seconds = 10 * LASTING_SECONDS
    assert clock() == START + timedelta(seconds=machine.seconds)
    machine.off = timedelta(0)
    assert clock() == machine.wall() and clock.stepped_by == timedelta(0)
    assert SteadyClock(machine.wall, machine.elapsed, START)() == machine.wall()


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(-7200, 7200)), max_size=30))
def test_it_never_goes_back_and_never_runs_away(moves: list[tuple[float, float]]) -> None:
    machine = Machine()
    clock = SteadyClock(machine.wall, machine.elapsed)
    before = clock()
    for passed, step in moves:
        machine.seconds += passed
        machine.off = timedelta(seconds=step)
        now = clock()
        assert now >= before
        followed = clock.last_step is not None and clock.last_step.followed
        assert followed or now - before <= timedelta(seconds=passed) + FOLLOWED
        before = now
