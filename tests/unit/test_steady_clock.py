"""The clock of the ladders follows drift but not sudden steps, and never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.clocks import FOLLOWED, SteadyClock

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
        assert now - before <= timedelta(seconds=passed) + FOLLOWED
        before = now
