"""The life of one call for help, with taps, rounds and time in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts.patrol.distress import model as machine
from alerts.patrol.distress.model import DistressCall, DistressRules, DistressStage

START = datetime(2026, 10, 1, tzinfo=UTC)
RULES = DistressRules()
PERSON, OFFICERS = 1, st.integers(2, 6)
ROUND = timedelta(minutes=RULES.repeat_minutes)


class CallForHelpMachine(RuleBasedStateMachine):
    """A call for help with a late sweep, a person who taps anything, and officers who race."""

    @initialize()
    def raised(self) -> None:
        self.now = START
        self.call = DistressCall(1, PERSON, START, due_at=machine.goes_out_at(START, RULES))
        self.sent: list[tuple[datetime, DistressStage]] = []
        self.takers: list[int] = []

    @rule(seconds=st.floats(0.1, 400))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(near=st.lists(OFFICERS, max_size=3))
    def swept(self, near: list[int]) -> None:
        while machine.due(self.call, self.now):  # ends: a round moves its due time past now
            self._ring(near)

    @precondition(lambda self: self.call.stage is DistressStage.PENDING)
    @rule(near=st.lists(OFFICERS, max_size=3))
    def confirmed(self, near: list[int]) -> None:
        self._ring(near)

    @rule(officer=OFFICERS)
    def taken(self, officer: int) -> None:
        if self.call.stage is not DistressStage.PENDING:  # the use case: nobody was asked yet
            before = self.call
            self.call = machine.taken(before, officer, self.now)
            if self.call is not before:
                self.takers.append(officer)

    @rule(by=st.integers(1, 6))
    def cleared(self, by: int) -> None:
        if self.call.stage is not DistressStage.PENDING or by == PERSON:
            self.call = machine.cleared(self.call, by, self.now)

    def _ring(self, near: list[int]) -> None:
        self.sent.append((self.now, self.call.stage))
        told = self.call.told
        self.call = machine.rung(self.call, tuple(dict.fromkeys(near)), self.now, RULES)
        assert self.call.told[: len(told)] == told  # whoever was told once stays told

    @invariant()
    def nothing_is_lost(self) -> None:
        """Whatever is pending or rings has a time at which the sweep will send it."""
        if self.call.stage in (DistressStage.PENDING, DistressStage.RINGING):
            assert self.call.due_at is not None
            assert self.call.due_at <= max(self.now, START) + max(ROUND, timedelta(seconds=10))

    @invariant()
    def nobody_is_called_without_need(self) -> None:
        assert all(
            stage in (DistressStage.PENDING, DistressStage.RINGING) for _, stage in self.sent
        )
        assert len(self.takers) <= 1
        if self.call.stage in (DistressStage.TAKEN, DistressStage.OVER):
            assert self.call.due_at is None

    @invariant()
    def rounds_keep_their_distance(self) -> None:
        times = [at for at, _ in self.sent]
        assert all(b - a >= ROUND for a, b in pairwise(times))
        assert self.call.rounds == len(times)
        assert len(set(self.call.told)) == len(self.call.told)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        if self.call.cleared_at is not None:
            assert self.call.stage is DistressStage.OVER
            assert machine.rung(self.call, (9,), self.now, RULES) is self.call
            assert machine.taken(self.call, 9, self.now) is self.call


CallForHelpMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=25)
TestCallForHelp = CallForHelpMachine.TestCase


def test_it_goes_out_ten_seconds_after_the_tap() -> None:
    call = DistressCall(1, PERSON, START, due_at=machine.goes_out_at(START, RULES))
    assert not machine.due(call, START + timedelta(seconds=9.999))
    assert machine.due(call, START + timedelta(seconds=10))


def test_after_a_standstill_one_round_leaves_not_a_burst() -> None:
    call = DistressCall(1, PERSON, START, due_at=machine.goes_out_at(START, RULES))
    late = START + timedelta(hours=1)
    call = machine.rung(call, (2,), late, RULES)
    assert not machine.due(call, late)
    assert call.due_at == late + ROUND
