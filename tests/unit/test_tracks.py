"""A live track says where a person was, in a bounded number of points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.patrol.positions.model import AT_LEAST, DAY, EVERY, MOST_A_DAY, Fix, gap, worth_keeping

START = datetime(2026, 10, 1, tzinfo=UTC)


def fix(seconds: float, *, north_m: float = 0.0) -> Fix:
    when = START + timedelta(seconds=seconds)
    return Fix(128.2, 43.3 + north_m / 111_195, when, when)


def test_the_first_point_and_a_mover_are_kept_a_stander_now_and_then() -> None:
    assert worth_keeping(None, fix(0), MOST_A_DAY)
    assert not worth_keeping(fix(0), fix(20, north_m=20), 1)
    assert worth_keeping(fix(0), fix(20, north_m=60), 1)
    assert worth_keeping(fix(0), fix(30), 1)


def test_a_point_out_of_order_or_too_soon_says_nothing() -> None:
    assert not worth_keeping(fix(60), fix(0, north_m=900), 1)
    assert not worth_keeping(fix(0), fix(9, north_m=900), 1)


def test_the_more_points_the_longer_the_wait() -> None:
    waits = [gap(kept) for kept in range(MOST_A_DAY)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (EVERY, EVERY * 32)
    # What somebody standing still sends lasts for most of a day.
    assert sum(waits, timedelta(0)) > timedelta(hours=16)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 300), st.floats(0, 500)), min_size=1, max_size=60),
    st.integers(1, 60),
    st.integers(4, 40),
)
def test_no_walk_leaves_more_points_than_the_limit(
    legs: list[tuple[int, float]], times: int, most: int
) -> None:
    kept: list[Fix] = []
    seconds, north = 0.0, 0.0
    for passed, moved in legs * times:
        seconds, north = seconds + passed, north + moved
        here = fix(seconds, north_m=north)
        recent = sum(position.taken_at > here.taken_at - DAY for position in kept)
        if worth_keeping(kept[-1] if kept else None, here, recent, most=most):
            assert not kept or here.taken_at - kept[-1].taken_at >= AT_LEAST
            kept.append(here)
        assert sum(position.taken_at > here.taken_at - DAY for position in kept) <= most
