"""How often one visitor may come, by a clock that the test moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.web import visits
from bot.web.visits import VisitLimit


def test_some_at_once_and_then_at_a_steady_pace() -> None:
    limit = VisitLimit(at_once=3, every=2.0)
    assert [limit.admits("a", 0.0) for _ in range(5)] == [True, True, True, False, False]
    assert not limit.admits("a", 1.9)
    assert limit.admits("a", 2.0)
    assert not limit.admits("a", 2.0)
    assert [limit.admits("a", 100.0) for _ in range(4)] == [True, True, True, False]


def test_one_visitor_takes_nothing_from_another() -> None:
    limit = VisitLimit(at_once=1, every=60.0)
    assert limit.admits("a", 0.0) and not limit.admits("a", 0.0)
    assert limit.admits("b", 0.0)


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5), st.floats(0.5, 10))
def test_never_more_than_what_the_pace_gives(
    times: list[float], at_once: int, every: float
) -> None:
    limit = VisitLimit(at_once, every)
    admitted = [at for at in sorted(times) if limit.admits("a", at)]
    for first in range(len(admitted)):
        for last in range(first, len(admitted)):
            span = admitted[last] - admitted[first]
            assert last - first + 1 <= at_once + span / every + 1e-6


def test_many_addresses_take_no_more_memory(monkeypatch) -> None:
    monkeypatch.setattr(visits, "MOST_KEPT", 10)
    limit = VisitLimit(at_once=1, every=60.0)
    for visitor in range(1000):
        assert limit.admits(visitor, 0.0)
    assert len(limit._free_at) <= 10
    assert not limit.admits(999, 0.0)
