"""When a test rings, what a code proves, who was reached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.model import Progress
from alerts.test_calls import model
from alerts.test_calls.model import (
    CODES,
    WRONG_CODES,
    CodeState,
    HowProven,
    Line,
    Outcome,
    Typed,
    by_area,
    code_in,
    result_of,
    typed,
)
from contacts.address_standing import AddressFacts, Standing, standing
from contacts.channels import Cause, Channel

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)  # 12:00 in Beijing
RULES = model.TestRules()
TOWN, OTHER_TOWN = "222403104000", "222403105000"


@pytest.mark.parametrize(
    ("beijing", "rings", "opens"),
    [(12, True, 12), (20.99, True, 20.99), (21, False, 31), (23, False, 31), (6.99, False, 7)],
)
def test_nobody_is_woken(beijing: float, rings: bool, opens: float) -> None:
    midnight = NOON - timedelta(hours=12)
    at = midnight + timedelta(hours=beijing)
    assert RULES.may_ring(at) is rings
    assert RULES.opens(at) == midnight + timedelta(hours=opens)
    assert RULES.ends(at) == RULES.opens(at) + timedelta(hours=4)


def test_hours_may_span_midnight_or_be_all() -> None:
    by_night = model.TestRules(first=RULES.last, last=RULES.first)
    assert not by_night.may_ring(NOON) and by_night.may_ring(NOON + timedelta(hours=12))
    assert model.TestRules(first=RULES.first, last=RULES.first).may_ring(NOON)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4827", "4827"),
        ("验证码是 ４８２７。", "4827"),
        ("20 35", ""),
        ("482713", "482713"),
        ("1", ""),
        ("收到", ""),
        ("12户 35人", ""),
        ("转移 1200 户 3500 人", ""),
        ("我在山上，2026 年的路断了，先不说了，等会儿再打", ""),
        ("19900000001", ""),
    ],
)
def test_what_is_a_code(text: str, code: str) -> None:
    assert code_in(text) == code


@given(st.lists(st.sampled_from(["right", "wrong", "of before"]), max_size=14))
def test_no_guessing_proves_and_nothing_counts_twice(tries: list[str]) -> None:
    """Whatever is typed in whatever order: three wrong ones spend a code, three codes are sent."""
    fresh = map(str, count(5001))
    state, spent, wrong_in_a_row, over = CodeState(next(fresh)), [], 0, False
    for what in tries:
        code = {"right": state.code or "5001", "wrong": "9999"}.get(what, [*spent, "9999"][0])
        before = state
        state, found = typed(state, code, next(fresh))
        if over:
            assert (state, found) == (before, Typed.NO_MORE)
            continue
        if what == "right":
            assert found is Typed.RIGHT and state == before
            continue
        wrong_in_a_row += 1
        if wrong_in_a_row < WRONG_CODES:
            assert found is Typed.WRONG and state.code == before.code
        elif before.codes < CODES:
            assert found is Typed.NEW_CODE and state.code != before.code
            spent.append(before.code)
            wrong_in_a_row = 0
        else:
            assert found is Typed.NO_MORE and state.code == ""
            over = True
        assert state.codes <= CODES and state.wrong <= WRONG_CODES


LONG_AGO = NOON - timedelta(days=181)


@pytest.mark.parametrize(
    ("verified", "failures", "cause", "found"),
    [
        (None, 0, None, Standing.UNPROVEN),
        (None, 2, Cause.NO_ANSWER, Standing.UNPROVEN),
        (NOON, 0, None, Standing.PROVEN),
        (NOON, 2, Cause.POWERED_OFF, Standing.PROVEN),
        (NOON, 3, Cause.POWERED_OFF, Standing.MARKED),
        (NOON, 1, Cause.NO_SUCH_NUMBER, Standing.MARKED),
        (LONG_AGO, 0, None, Standing.OLD),
        (LONG_AGO, 3, Cause.BUSY, Standing.MARKED),
    ],
)
def test_what_counts(
    verified: datetime | None, failures: int, cause: Cause | None, found: Standing
) -> None:
    facts = AddressFacts(1, Channel.VOICE, "+8613900000001", verified, failures, cause)
    assert standing(facts, timedelta(days=180), NOON) is found
    if found is Standing.OLD:
        assert standing(facts, None, NOON) is Standing.PROVEN


def test_a_number_of_which_nothing_is_known_is_unproven() -> None:
    assert standing(None, None, NOON) is Standing.UNPROVEN


def line(person: int | None, code: str, proven: bool = False) -> Line:
    at, how = (NOON, HowProven.KEY) if proven else (None, None)
    return Line(1, 1, person, code, "", Channel.VOICE, "+8613900000001", "", 0, 1, at, how)


@pytest.mark.parametrize(
    ("proven", "state", "cause", "tries", "arrived", "over", "outcome"),
    [
        (True, Progress.ACCEPTED, None, 1, False, False, Outcome.PROVEN),
        (False, None, None, 0, False, False, Outcome.WAITS),
        (False, None, None, 0, False, True, Outcome.NOT_SENT),
        (False, Progress.FAILED, Cause.NO_ANSWER, 3, False, False, Outcome.FAILED),
        (False, Progress.QUEUED, Cause.BUSY, 1, False, False, Outcome.WAITS),
        (False, Progress.DROPPED, Cause.BUSY, 1, False, True, Outcome.FAILED),
        (False, Progress.DROPPED, None, 0, False, False, Outcome.MOVED),
        (False, Progress.ACCEPTED, None, 1, False, True, Outcome.SENT),
        (False, Progress.DELIVERED, None, 1, True, True, Outcome.HEARD),
    ],
)
def test_what_came_of_an_address(
    proven: bool,
    state: Progress | None,
    cause: Cause | None,
    tries: int,
    arrived: bool,
    over: bool,
    outcome: Outcome,
) -> None:
    sent = NOON - timedelta(seconds=12)
    its = line(7, TOWN, proven)
    found = result_of(its, state, cause, tries, sent, arrived, over=over)
    assert found.outcome is outcome
    assert found.seconds == (12 if proven else None)


def test_the_worst_township_stands_first() -> None:
    village, other = "222403104201", "222403105201"

    def result(person: int | None, code: str, proven: bool) -> model.Result:
        state = Progress.ACCEPTED
        return result_of(line(person, code, proven), state, None, 1, None, False, over=True)

    results = [
        result(1, village, True),
        result(1, village, False),  # another number of the same person
        result(2, other, True),
        result(3, other, False),
        result(None, other, True),  # a satellite telephone
    ]
    worst, best = by_area(results, "222403000000")
    assert (worst.division_code, worst.persons_proven, worst.persons) == (OTHER_TOWN, 1, 2)
    assert (worst.satellites, worst.satellites_proven) == (1, 1)
    assert (best.division_code, best.persons_proven, best.persons) == (TOWN, 1, 1)
    assert (best.lines, best.proven) == (2, 1)
    [by_village] = by_area([each for each in results if each.line.person_id == 1], TOWN)
    assert by_village.division_code == village
