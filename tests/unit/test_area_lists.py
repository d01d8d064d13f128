"""Lists of divisions made wider and narrower."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contacts.divisions.area_lists import difference, held_in, left_out, narrowed, only, widened
from contacts.divisions.codes import contains

COUNTY = "222403000000"
TOWNS = [f"222403{number}000" for number in (100, 101, 102)]
VILLAGES = {town: [f"{town[:9]}{number}" for number in (201, 202)] for town in TOWNS}
EVERY = [village for below in VILLAGES.values() for village in below]
ALL = [COUNTY, *TOWNS, *EVERY]


def children(code: str) -> list[str]:
    return TOWNS if code == COUNTY else VILLAGES.get(code, [])


def villages(areas: tuple[str, ...]) -> set[str]:
    return {village for village in EVERY if held_in(areas, village)}


def test_of_a_county_from_which_one_village_goes_the_rest_stays() -> None:
    gone = VILLAGES[TOWNS[0]][0]
    assert narrowed([COUNTY], [gone], children) == (VILLAGES[TOWNS[0]][1], *TOWNS[1:])

    # It comes back: the county is named again, not 2 villages and 2 townships.
    left = narrowed([COUNTY], [gone], children)
    assert widened(left, [gone], children) == (COUNTY,)
    assert list(left_out(COUNTY, left, children)) == [gone]


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=4), st.lists(st.sampled_from(ALL)))
def test_what_is_added_dropped_and_kept_are_sets_of_villages(
    areas: list[str], others: list[str]
) -> None:
    start, named = villages(tuple(areas)), villages(tuple(others))
    for result, meant in (
        (widened(areas, others, children), start | named),
        (narrowed(areas, others, children), start - named),
        (only(areas, others), start & named),
    ):
        assert villages(result) == meant
        added, dropped = difference(areas, result, children)
        back = widened(narrowed(areas, dropped, children), added, children)
        assert villages(back) == meant
        assert not (villages(dropped) & meant) and villages(added) <= meant
        assert not any(a != b and contains(a, b) for a in result for b in result)
