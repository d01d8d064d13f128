"""The ladder of reminders: the table in DOMAIN, and rules that hold for every ladder."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.calls import Call, CallState, Reach
from alerts.escalation import (
    ChaseReason,
    Due,
    Policy,
    ReportStep,
    Step,
    due_step,
    next_report_due,
    next_step,
    report_due,
    report_step,
)
from alerts.model import Level
from alerts.rules import DEFAULT_POLICIES

START = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


def call(**changes: object) -> Call:
    made = Call(
        1,
        1,
        7,
        "222403100200",
        "village_responsible",
        CallState.WAITING,
        Reach.DELIVERED,
        START,
        delivered_at=START,
    )
    return made._replace(**changes)  # type: ignore[arg-type]


def climb(policy: Policy, silent: Call, minutes: float) -> list[tuple[float, Step]]:
    """Take every step as it comes due, for so many minutes of silence."""
    taken = []
    end = START + timedelta(minutes=minutes)
    stands = silent.ladder_state
    while (due := next_step(policy, stands)) is not None and due.at <= end:
        taken.append(((due.at - START).total_seconds() / 60, due.step))
        stands = stands._replace(steps=stands.steps | due.step, last_step_at=due.at)
    return taken


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (
            Level.RED,
            [
                (2, Step.REMIND),
                (5, Step.STAND_IN),
                (8, Step.DUTY_OFFICER),
                (15, Step.COMMANDER),
                (25, Step.REPEAT),
                (35, Step.REPEAT),
            ],
        ),
        (
            Level.ORANGE,
            [
                (5, Step.REMIND),
                (10, Step.STAND_IN),
                (20, Step.DUTY_OFFICER),
                (30, Step.COMMANDER),
            ],
        ),
        (Level.YELLOW, [(15, Step.REMIND), (30, Step.STAND_IN)]),
        (Level.BLUE, []),
    ],
)
def test_the_default_ladders(level: Level, expected: list[tuple[float, Step]]) -> None:
    assert climb(DEFAULT_POLICIES[level], call(), 40) == expected


def test_yellow_and_blue_come_to_an_end() -> None:
    assert climb(DEFAULT_POLICIES[Level.YELLOW], call(), 10_000)[-1] == (60, Step.DUTY_OFFICER)
    assert climb(DEFAULT_POLICIES[Level.BLUE], call(), 10_000) == [(60, Step.REMIND)]


def test_who_cannot_be_reached_skips_ahead_at_once() -> None:
    lost = call(reach=Reach.UNREACHABLE, delivered_at=None)
    taken = climb(DEFAULT_POLICIES[Level.RED], lost, 20)
    assert taken == [(0, Step.STAND_IN), (0, Step.DUTY_OFFICER), (15, Step.COMMANDER)]
    due = next_step(DEFAULT_POLICIES[Level.RED], lost.ladder_state)
    assert due is not None
    assert due.reason is ChaseReason.UNREACHABLE


def test_a_message_still_in_the_queue_is_not_reminded_of() -> None:
    queued = call(reach=Reach.QUEUED, delivered_at=None)
    assert climb(DEFAULT_POLICIES[Level.RED], queued, 16) == [
        (8, Step.DUTY_OFFICER),
        (15, Step.COMMANDER),
    ]


def test_the_reminder_counts_from_the_delivery() -> None:
    late = call(delivered_at=START + timedelta(minutes=7))
    assert climb(DEFAULT_POLICIES[Level.RED], late, 12) == [
        (8, Step.DUTY_OFFICER),
        (9, Step.REMIND),
        (12, Step.STAND_IN),
    ]


def test_the_report_is_due_after_the_answer() -> None:
    assert report_due(DEFAULT_POLICIES[Level.RED], START) == START + timedelta(minutes=30)
    assert report_due(DEFAULT_POLICIES[Level.BLUE], START) is None


def test_a_late_report_climbs_three_rungs_each_after_the_same_time() -> None:
    red, now, steps = DEFAULT_POLICIES[Level.RED], START, int(Step.REMIND | Step.STAND_IN)
    climbed = []
    while (step := report_step(steps)) is not None:
        climbed.append(step)
        steps |= step
        due = next_report_due(red, steps, now)
        assert due == (now + timedelta(minutes=30) if len(climbed) < 3 else None)
    assert climbed == [ReportStep.ASKED, ReportStep.OFFICER, ReportStep.NEXT_TIER]
    assert next_report_due(DEFAULT_POLICIES[Level.BLUE], 0, now) is None


def test_the_rungs_of_a_report_are_none_of_the_ladder() -> None:
    assert not sum(Step) & sum(ReportStep)


def test_what_follows_a_step_is_the_same_while_it_is_taken_and_after() -> None:
    red, stands = DEFAULT_POLICIES[Level.RED], call().ladder_state
    followed_by = []
    for _ in range(6):
        due = next_step(red, stands)
        assert due is not None
        following = next_step(red, stands, taking=Due(due.step, due.at, due.reason))
        stands = stands._replace(steps=stands.steps | due.step, last_step_at=due.at)
        assert following == next_step(red, stands)
        followed_by.append(following and following.step)
    rest_of_rungs = [Step.STAND_IN, Step.DUTY_OFFICER, Step.COMMANDER]
    assert followed_by == [*rest_of_rungs, Step.REPEAT, Step.REPEAT, Step.REPEAT]


MINUTES = st.none() | st.floats(0.1, 600, allow_nan=False)
POLICIES = st.builds(Policy, MINUTES, MINUTES, MINUTES, MINUTES, MINUTES, MINUTES)
CALLS = st.builds(
    call,
    reach=st.sampled_from(Reach),
    delivered_at=st.none()
    | st.integers(0, 900).map(lambda seconds: START + timedelta(seconds=seconds)),
)


@given(POLICIES, CALLS)
def test_each_rung_once_in_order_of_time(policy: Policy, silent: Call) -> None:
    taken = climb(policy, silent, 500)
    times = [minute for minute, _ in taken]
    assert times == sorted(times)
    rungs = [step for _, step in taken if step is not Step.REPEAT]
    assert len(rungs) == len(set(rungs))


@given(POLICIES, CALLS, st.sampled_from([state for state in CallState if state.value != "waiting"]))
def test_nobody_who_is_settled_is_chased(policy: Policy, silent: Call, state: CallState) -> None:
    assert next_step(policy, silent._replace(state=state).ladder_state) is None


@given(POLICIES, CALLS, st.integers(0, 10_000))
def test_a_step_is_due_from_its_time_on_and_not_before(
    policy: Policy, silent: Call, seconds: int
) -> None:
    now = START + timedelta(seconds=seconds)
    coming = next_step(policy, silent.ladder_state)
    due = due_step(policy, silent.ladder_state, now)
    assert due == (coming if coming is not None and coming.at <= now else None)
