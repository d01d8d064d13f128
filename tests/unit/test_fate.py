"""What a change means for each who has a call: asked again, told, stood down, or left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.calls import COUNTED, CallState
from alerts.lifecycle import Change, ChangeKind
from alerts.model import Draft, Hazard, Level
from alerts.updates.fate import Fate, Standing, fate, relieves
from alerts.updates.model import DECIDE_WITHIN, ChangeState, PendingChange

AT = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
WAITS = Standing(1, CallState.WAITING, False, True, True, True, True, AT - timedelta(hours=1))
flags = st.booleans()
standings = st.builds(
    Standing,
    st.just(1),
    st.sampled_from(CallState),
    flags,
    flags,
    flags,
    flags,
    flags,
    st.sampled_from([AT - timedelta(minutes=1), AT, AT + timedelta(minutes=1)]),
    flags,
)


@given(standings, flags, flags, flags, flags)
def test_nobody_is_asked_told_or_stood_down_who_need_not_be(
    call: Standing, raised: bool, told: bool, staged: bool, relieved: bool
) -> None:
    what = fate(call, AT, raised=raised, told=told, staged=staged, relieved=relieved)
    gone = call.state in (CallState.DISCHARGED, CallState.CANCELLED)
    left_out = call.state is CallState.LEFT_OUT
    if what is Fate.ASK:
        # Of whom the warning is for, whoever is in the roster, and whom the stage calls.
        assert call.inside and call.active and (call.wanted or not staged)
        # Again after a rise, or as it is for where they are again; not who stands in there.
        assert raised or left_out
        assert left_out or (not call.stood_down and call.called_at <= AT)
        assert not (left_out and call.stands_in)
    if what is Fate.TELL:
        assert told and not raised and call.inside and call.active and call.heard and not gone
        assert not (left_out or call.stood_down) and call.called_at <= AT
    if what is Fate.STAND_DOWN and call.inside:
        assert relieved and not call.wanted and call.state is CallState.WAITING
    if not call.inside:
        # Once; whoever was excused reads nothing of it, and counts no more either.
        ends = Fate.DROP if gone else Fate.STAND_DOWN
        assert what is (Fate.LEAVE if left_out else ends)
    else:
        assert what is not Fate.DROP


@pytest.mark.parametrize("state", CallState)
def test_a_rise_asks_everybody_it_is_for_whatever_they_have_said(state: CallState) -> None:
    for called_at, staged in product((AT - timedelta(days=1), AT), (False, True)):
        call = WAITS._replace(state=state, called_at=called_at)
        assert fate(call, AT, raised=True, told=False, staged=staged) is Fate.ASK
    unlisted = WAITS._replace(state=state, wanted=False)
    assert fate(unlisted, AT, raised=True, told=False) is Fate.ASK
    assert fate(unlisted, AT, raised=True, told=False, staged=True) is Fate.LEAVE


@pytest.mark.parametrize(
    "gone",
    [{"active": False}, {"stood_down": True}, {"called_at": AT + timedelta(seconds=1)}],
)
def test_who_left_was_stood_down_or_called_since_is_left_alone(gone: dict[str, object]) -> None:
    call = WAITS._replace(**gone)  # type: ignore[arg-type]
    assert fate(call, AT, raised=True, told=False) is Fate.LEAVE
    assert fate(call, AT, raised=False, told=True) is Fate.LEAVE


@pytest.mark.parametrize("state", COUNTED)
def test_what_changed_is_told_to_whoever_goes_on(state: CallState) -> None:
    gone = state in (CallState.DISCHARGED, CallState.CANCELLED)
    what = fate(WAITS._replace(state=state), AT, raised=False, told=True)
    assert what is (Fate.LEAVE if gone else Fate.TELL)


def test_where_it_is_for_again_they_are_asked_as_for_the_first_time() -> None:
    back = WAITS._replace(state=CallState.LEFT_OUT, called_at=AT)
    assert fate(back, AT, raised=False, told=False) is Fate.ASK
    assert fate(back._replace(stands_in=True), AT, raised=False, told=False) is Fate.LEAVE
    unlisted = back._replace(wanted=False)
    assert fate(unlisted, AT, raised=False, told=False, staged=True) is Fate.LEAVE
    assert fate(unlisted, AT, raised=False, told=False) is Fate.ASK


def test_only_a_response_lowered_relieves_those_whom_its_list_calls_no_more() -> None:
    response, warning = (
        Draft(Level.BLUE, hazard, ("222403000000",), "到岗")
        for hazard in (Hazard.FLOOD_RESPONSE, Hazard.RAINSTORM)
    )
    assert relieves((ChangeKind.DOWNGRADE, ChangeKind.CORRECT), response)
    assert not relieves((ChangeKind.CORRECT,), response)
    assert not relieves((ChangeKind.DOWNGRADE,), warning)
    unlisted = WAITS._replace(wanted=False)
    assert fate(unlisted, AT, raised=False, told=True, relieved=True) is Fate.STAND_DOWN
    answered = unlisted._replace(state=CallState.ACKNOWLEDGED)
    assert fate(answered, AT, raised=False, told=True, relieved=True) is Fate.TELL
    assert fate(WAITS, AT, raised=False, told=True, relieved=True) is Fate.TELL


def test_a_change_waits_an_hour_for_its_second_person() -> None:
    waits = PendingChange(1, 1, Change(level=Level.RED), 1, AT, ChangeState.PENDING)
    assert waits.decide_before == AT + DECIDE_WITHIN
    assert replace(waits, proposed_at=AT + DECIDE_WITHIN).decide_before == AT + 2 * DECIDE_WITHIN
