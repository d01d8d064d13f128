"""应转, 已转, 未转: what counts of a village, and sums in which nobody is counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.loop.evacuation.counting import (
    Evacuation,
    Figures,
    MoveState,
    Ticks,
    VillageCount,
    by_division,
    in_all,
    moved,
    total,
)
from contacts.divisions.codes import Tier

VILLAGES = [f"2224031{town:02d}{village:03d}" for town in range(3) for village in range(200, 203)]

some = st.builds(Figures, st.integers(0, 50), st.integers(0, 200))
ticks = st.builds(Ticks, some, some, some)
villages = st.builds(
    VillageCount,
    st.sampled_from(VILLAGES),
    some,
    st.none() | some,
    st.none() | ticks,
)
of_each = st.lists(villages, max_size=9, unique_by=lambda village: village.division_code)


@given(st.none() | ticks, st.none() | some)
def test_ticks_count_where_there_are_any_and_else_what_was_said(
    ticked: Ticks | None, said: Figures | None
) -> None:
    found = moved(ticked, said)
    if ticked is not None and ticked.any:
        assert found.counted == ticked.moved
        assert found.differs == (said is not None and said != ticked.moved)
    else:
        assert found.counted == (said or Figures()) and not found.differs


@given(st.lists(st.tuples(st.sampled_from(MoveState), st.integers(0, 9)), max_size=12))
def test_each_household_is_in_one_sum(households: list[tuple[MoveState, int]]) -> None:
    found = Ticks()
    for state, persons in households:
        found = found.plus(state, persons)
    for state, name in (
        (MoveState.MOVED, "moved"),
        (MoveState.AWAY, "away"),
        (MoveState.REFUSED, "refused"),
    ):
        these = [persons for each, persons in households if each is state]
        assert getattr(found, name) == (len(these), sum(these))
    assert found.any == any(state is not MoveState.HOME for state, _ in households)


@given(villages)
def test_what_is_left_is_never_more_than_the_target_nor_less_than_nothing(
    village: VillageCount,
) -> None:
    left, counted = village.left, village.moved.counted
    away = village.ticks.away if village.ticks else Figures()
    for number in (0, 1):
        assert 0 <= left[number] <= village.target[number]
        done = counted[number] + away[number]
        assert left[number] == max(0, village.target[number] - done)
    assert village.excess == (village.target.any and counted.households > village.target.households)


@given(of_each)
def test_sums_by_every_tier_are_the_sum_of_all(found: list[VillageCount]) -> None:
    whole = total(found)
    for tier in Tier:
        parts = by_division(found, tier).values()
        for name in ("target", "moved", "away", "refused", "left"):
            for number in (0, 1):
                summed = sum(getattr(part, name)[number] for part in parts)
                assert summed == getattr(whole, name)[number]
        assert sum(part.villages for part in parts) == whole.villages
        assert sum(part.finished for part in parts) == whole.finished


def test_more_than_the_target_in_one_village_makes_up_for_no_other() -> None:
    many = VillageCount(VILLAGES[0], Figures(10, 30), Figures(25, 80))
    none = VillageCount(VILLAGES[1], Figures(12, 35))
    found = total([many, none])
    assert found.target == (22, 65) and found.moved == (25, 80)
    assert found.left == (12, 35)
    assert (found.villages, found.finished) == (2, 1)


@given(of_each, of_each)
def test_in_all_warnings_each_village_counts_once(
    first: list[VillageCount], second: list[VillageCount]
) -> None:
    warnings = [{village.division_code: village for village in found} for found in (first, second)]
    found = {village.division_code: village for village in in_all(warnings)}
    assert found.keys() == warnings[0].keys() | warnings[1].keys()
    for code, village in found.items():
        of = [warning[code] for warning in warnings if code in warning]
        assert village in of
        assert village.moved.counted == max(each.moved.counted for each in of)


def test_nothing_is_shown_where_nobody_moves() -> None:
    assert not Evacuation().any
    assert total([VillageCount(VILLAGES[0], Figures(1, 2))]).any
