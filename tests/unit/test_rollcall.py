"""How a position decides whether a person has answered the roll call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.patrol.positions.model import Doubt
from alerts.patrol.roll_calls.model import Counts, RollCall, Standing, Whom, standing_after
from contacts.divisions.codes import county_of
from tests.roster import COUNTY, PROVINCE, VILLAGES

NOW = datetime(2026, 10, 1, tzinfo=UTC)
FAR_M = 1000.0


def roll_call(closed_at: datetime | None = None) -> RollCall:
    return RollCall(
        1, COUNTY, Whom.PATROL, 20, 1, NOW, NOW, NOW + timedelta(minutes=20), closed_at, None,
        5, "zh", None, None, False, None, None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outside_m", "accuracy_m", "standing"),
    [
        (0.0, None, Standing.ANSWERED),
        (1000.0, None, Standing.ANSWERED),
        (1001.0, None, Standing.FAR),
        (1400.0, 500.0, Standing.ANSWERED),  # the phone may be wrong by so much
        (1501.0, 500.0, Standing.FAR),
    ],
)
def test_far_is_beyond_the_margin_and_what_the_phone_may_be_wrong(
    outside_m: float, accuracy_m: float | None, standing: Standing
) -> None:
    assert standing_after((), outside_m, accuracy_m, FAR_M) is standing


@pytest.mark.parametrize("doubt", [doubt for doubt in Doubt if doubt is not Doubt.OUTSIDE_PROVINCE])
def test_a_doubtful_position_says_nothing(doubt: Doubt) -> None:
    assert standing_after({doubt}, 0.0, None, FAR_M) is None
    assert standing_after({doubt}, 90_000.0, None, FAR_M) is None


def test_outside_the_province_is_an_answer_from_far_away() -> None:
    assert standing_after({Doubt.OUTSIDE_PROVINCE}, None, None, FAR_M) is Standing.FAR
    assert standing_after({Doubt.OUTSIDE_PROVINCE}, 90_000.0, None, FAR_M) is Standing.FAR
    # A few metres over the border, where the county's own boundary is the province's.
    assert standing_after({Doubt.OUTSIDE_PROVINCE}, 30.0, None, FAR_M) is Standing.ANSWERED


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 5000))
def test_nearer_is_never_worse(first: float, other: float, accuracy_m: float) -> None:
    near, far = sorted((first, other))
    if standing_after((), near, accuracy_m, FAR_M) is Standing.FAR:
        assert standing_after((), far, accuracy_m, FAR_M) is Standing.FAR


def test_late_is_after_the_end_whenever_it_ended() -> None:
    running, closed = roll_call(), roll_call(NOW + timedelta(minutes=5))
    assert not running.late(NOW + timedelta(minutes=20))
    assert running.late(NOW + timedelta(minutes=20, seconds=1))
    assert closed.late(NOW + timedelta(minutes=6))


def test_every_number_changes_what_is_shown() -> None:
    shown = {
        Counts(*(n == which for n in range(5))).digest(roll_call())  # type: ignore[arg-type]
        for which in range(5)
    }
    assert len(shown) == 5
    assert Counts(1).digest(roll_call()) != Counts(1).digest(roll_call(NOW))


def test_the_county_of_a_division() -> None:
    assert county_of(VILLAGES[0]) == COUNTY
    assert county_of(COUNTY) == COUNTY
    assert county_of(PROVINCE) is None
