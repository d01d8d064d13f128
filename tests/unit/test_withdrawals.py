"""Answers taken back and doubted: whatever happens in whatever order, and the ladder after it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts import calls
from alerts.calls import Call, CallState, Reach, Report, Via
from alerts.escalation import Due, ReportStep, Step, next_step
from alerts.model import Level
from alerts.rules import DEFAULT_POLICIES
from alerts.withdrawals.model import Withdrawn, asked_again, doubt, is_asked_again, take_back

START = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
WITHIN = timedelta(minutes=5)
RED = DEFAULT_POLICIES[Level.RED]

EVENTS = st.sampled_from(
    ["answer", "proxy", "done", "moved", "discharge", "cancel", "take_back", "doubt", "doubt_old"]
)
STEPS = st.sets(st.sampled_from([*Step, *ReportStep])).map(sum)
REACHES = st.sampled_from(list(Reach))


def waiting(steps: int = 0, reach: Reach = Reach.DELIVERED) -> Call:
    delivered = START if reach is Reach.DELIVERED else None
    return Call(
        1, 1, 7, "222403100200", "village_responsible", CallState.WAITING, reach, START,
        delivered_at=delivered, steps=steps,
    )  # fmt: skip


def apply(call: Call, event: str, now: datetime) -> tuple[Call, Withdrawn | None]:
    recorded = call.answered_at
    match event:
        case "answer":
            return calls.acknowledge(call, Via.BUTTON, now)[0], None
        case "proxy":
            return calls.proxy(call, 99, "phone", now)[0], None
        case "done":
            return calls.report(call, Report.DONE, now)[0], None
        case "moved":
            return calls.report(call, Report.MOVED, now, households=3, persons=9)[0], None
        case "discharge":
            return calls.discharge(call, 99, "外出")[0], None
        case "cancel":
            return call._replace(state=CallState.CANCELLED) if call.open else call, None
        case "take_back":
            return take_back(call, recorded, recorded, now, now, WITHIN)
        case "doubt":
            return doubt(call, None, now, reach=Reach.QUEUED)
        case _:
            return doubt(call, START - WITHIN, now, reach=Reach.QUEUED)


@given(st.lists(st.tuples(EVENTS, st.integers(0, 8)), max_size=14), STEPS)
def test_only_an_answer_that_counts_is_withdrawn_and_nothing_of_it_is_left(
    events: list[tuple[str, int]], steps: int
) -> None:
    call, now = waiting(steps), START
    for event, minutes in events:
        now += timedelta(minutes=minutes)
        before = call
        call, outcome = apply(call, event, now)
        if outcome is None:
            continue
        assert (outcome is Withdrawn.RECORDED) is (call != before)
        if outcome is not Withdrawn.RECORDED:
            assert call is before
            continue
        assert before.answered and event != "doubt_old"
        assert call.open and is_asked_again(call) and call.called_at == now
        told = (call.answered_at, call.answered_via, call.proxy_by, call.proxy_how, call.report)
        moved = (call.reported_at, call.households, call.persons, call.report_text)
        assert set(told + moved) == {None}
        if event == "take_back":
            assert before.state is CallState.ACKNOWLEDGED
            assert before.answered_at is not None and now - before.answered_at <= WITHIN
    assert (call.report is not None) is (call.state is CallState.REPORTED)


@given(STEPS, REACHES, st.integers(1, 600))
def test_the_ladder_goes_on_from_then_and_no_two_rungs_come_at_once(
    steps: int, reach: Reach, minutes: int
) -> None:
    answered, _ = calls.acknowledge(waiting(steps, reach), Via.BUTTON, START)
    now = START + timedelta(minutes=minutes)
    call = asked_again(answered, now, reach=Reach.QUEUED)
    call = call._replace(reach=Reach.DELIVERED, delivered_at=now)  # the message arrived
    at, taken, clock = [], [], call.ladder_state
    while (due := next_step(RED, clock)) is not None and due.step is not Step.REPEAT:
        at.append(due.at - now)
        taken.append(due.step)
        following = Due(due.step, due.at, due.reason)
        clock = clock._replace(steps=clock.steps | following.step, last_step_at=due.at)
    minutes_after = {Step.REMIND: 2, Step.STAND_IN: 5, Step.DUTY_OFFICER: 8, Step.COMMANDER: 15}
    if steps & Step.STAND_IN:  # whoever was called in their place is called again at once
        del minutes_after[Step.STAND_IN]
    assert dict(zip(taken, at, strict=True)) == {
        step: timedelta(minutes=after) for step, after in minutes_after.items()
    }


def test_a_doubt_of_an_answer_that_was_replaced_does_nothing() -> None:
    first, _ = calls.acknowledge(waiting(), Via.BUTTON, START)
    again, _ = doubt(first, START, START + timedelta(minutes=1), reach=Reach.QUEUED)
    second, _ = calls.acknowledge(again, Via.BUTTON, START + timedelta(minutes=2))
    later = START + timedelta(minutes=3)
    assert doubt(second, START, later, reach=Reach.QUEUED) == (second, Withdrawn.ANOTHER)
    assert take_back(second, START, START, later, later, WITHIN) == (second, Withdrawn.ANOTHER)
    assert doubt(again, START, later, reach=Reach.QUEUED) == (again, Withdrawn.OPEN)
    twice, outcome = doubt(second, second.answered_at, later, reach=Reach.UNREACHABLE)
    assert outcome is Withdrawn.RECORDED and next_step(RED, twice.ladder_state).at == later


def test_what_was_taken_back_in_time_counts_however_late_it_is_handled() -> None:
    call, _ = calls.acknowledge(waiting(), Via.BUTTON, START)
    handled = START + timedelta(hours=1)
    in_time, too_late = START + WITHIN, START + WITHIN + timedelta(seconds=1)
    assert take_back(call, START, START, in_time, handled, WITHIN)[1] is Withdrawn.RECORDED
    assert take_back(call, START, START, too_late, handled, WITHIN)[1] is Withdrawn.TOO_LATE
    told, _ = calls.report(call, Report.DONE, START)
    assert take_back(told, START, START, in_time, handled, WITHIN)[1] is Withdrawn.REPORTED
