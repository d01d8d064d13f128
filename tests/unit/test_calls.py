"""The states of one call: what it can become, whatever happens in whatever order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts import calls
from alerts.calls import ANSWERED, Call, CallOutcome, CallState, Reach, Report, Via

START = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)

EVENTS = st.sampled_from(["acknowledge", "words", "proxy", "done", "moved", "discharge", "cancel"])


def waiting() -> Call:
    return Call(
        1, 1, 7, "222403100200", "village_responsible", CallState.WAITING, Reach.QUEUED, START
    )


def _over(call: Call) -> tuple[Call, CallOutcome]:
    """The warning ends, as ``alerts.end_store`` writes it down of all its calls at once."""
    if not call.open:
        return call, CallOutcome.CLOSED
    return call._replace(state=CallState.CANCELLED), CallOutcome.RECORDED


def apply(call: Call, event: str, now: datetime) -> tuple[Call, CallOutcome]:
    match event:
        case "acknowledge":
            return calls.acknowledge(call, Via.BUTTON, now)
        case "words":
            return calls.acknowledge(call, Via.WORDS, now)
        case "proxy":
            return calls.proxy(call, 99, "phone", now)
        case "done":
            return calls.report(call, Report.DONE, now)
        case "moved":
            return calls.report(call, Report.MOVED, now, households=3, persons=9)
        case "discharge":
            return calls.discharge(call, 99, "村民已外出")
        case _:
            return _over(call)


@given(st.lists(EVENTS, max_size=12))
def test_whatever_happens_only_recorded_changes_anything(events: list[str]) -> None:
    call = waiting()
    for minute, event in enumerate(events):
        after, outcome = apply(call, event, START + timedelta(minutes=minute))
        assert (after == call) is (outcome is not CallOutcome.RECORDED)
        call = after


@given(st.lists(EVENTS, max_size=12))
def test_an_answer_is_never_taken_back(events: list[str]) -> None:
    call = waiting()
    answered = False
    for minute, event in enumerate(events):
        call, _ = apply(call, event, START + timedelta(minutes=minute))
        answered = answered or call.answered
        assert call.answered is answered
        assert (call.answered_at is not None) is answered


@given(st.lists(EVENTS, max_size=12), EVENTS)
def test_the_same_again_records_nothing_new(events: list[str], last: str) -> None:
    call = waiting()
    for event in events:
        call, _ = apply(call, event, START)
    once, _ = apply(call, last, START)
    twice, outcome = apply(once, last, START + timedelta(minutes=1))
    assert twice == once
    assert outcome is not CallOutcome.RECORDED


@given(st.lists(EVENTS, max_size=12))
def test_a_report_needs_an_answer(events: list[str]) -> None:
    call = waiting()
    for event in events:
        before = call
        call, outcome = apply(call, event, START)
        if event in ("done", "moved") and before.open:
            assert outcome is CallOutcome.NEEDS_ANSWER
    assert call.report is None or call.state is CallState.REPORTED


def test_the_person_answering_after_a_proxy_counts_as_the_person() -> None:
    call, _ = calls.proxy(waiting(), 99, "phone", START)
    assert call.state is CallState.PROXIED
    later = START + timedelta(minutes=3)
    call, outcome = calls.acknowledge(call, Via.BUTTON, later)
    assert outcome is CallOutcome.RECORDED
    assert (call.state, call.answered_at, call.proxy_by) == (CallState.ACKNOWLEDGED, later, 99)


def test_a_proxy_after_the_persons_own_answer_changes_nothing() -> None:
    call, _ = calls.acknowledge(waiting(), Via.BUTTON, START)
    assert calls.proxy(call, 99, "phone", START) == (call, CallOutcome.ALREADY)


def test_a_second_report_adds_to_the_first() -> None:
    call, _ = calls.acknowledge(waiting(), Via.BUTTON, START)
    call, _ = calls.report(call, Report.MOVED, START, households=12, persons=35)
    call, outcome = calls.report(call, Report.DONE, START, text="全部到安置点")
    assert outcome is CallOutcome.RECORDED
    assert (call.report, call.households, call.persons) == (Report.DONE, 12, 35)


def test_nothing_answers_a_cancelled_call() -> None:
    call, _ = _over(waiting())
    for event in ("acknowledge", "proxy", "done", "discharge"):
        assert apply(call, event, START) == (call, CallOutcome.CLOSED)


def test_states_that_count_as_answered() -> None:
    for state in CallState:
        assert waiting()._replace(state=state).answered is (state in ANSWERED)


@given(EVENTS, st.integers(-90, 90).filter(bool))
def test_only_what_was_answered_before_the_end_counts_after_it(event: str, minutes: int) -> None:
    """Heard after it: the answer of whoever was called, or an officer's for them."""
    over, answered_at = START + timedelta(hours=3), START + timedelta(hours=3, minutes=minutes)
    ended, _ = _over(waiting())
    struck_off, _ = calls.discharge(waiting(), 99, "村民已外出")
    if event == "proxy":
        answer = lambda call: calls.proxy(call, 99, "phone", answered_at, over)  # noqa: E731
    else:
        answer = lambda call: calls.acknowledge(call, Via.WORDS, answered_at, over)  # noqa: E731
    changed, outcome = answer(ended)
    counted = minutes < 0
    assert outcome is (CallOutcome.RECORDED if counted else CallOutcome.CLOSED)
    assert changed.answered is counted
    assert answer(struck_off)[1] is CallOutcome.CLOSED
