"""A tier is complete only when those below it are, whatever it has answered itself."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.completeness import Standing, standings, worst_first
from contacts.divisions.codes import Tier

COUNTY, TOWN, OTHER = "222403000000", "222403101000", "222403102000"
VILLAGE, SECOND, ELSEWHERE = "222403101201", "222403101202", "222403102201"


def test_a_township_owes_its_own_answer_and_those_of_its_villages() -> None:
    waiting = [(COUNTY, 0), (TOWN, 0), (VILLAGE, 0), (SECOND, 2), (OTHER, 1), (ELSEWHERE, 0)]
    found = standings(Tier.TOWNSHIP, waiting, [], [])
    assert found[TOWN] == Standing(TOWN, 2, 0, 2, 1)
    assert found[OTHER] == Standing(OTHER, 1, 1, 1, 0)
    assert found[COUNTY].complete and not found[TOWN].complete and not found[OTHER].complete


def test_nobody_to_call_and_cut_off_leave_all_above_open() -> None:
    answered = [(TOWN, 0), (VILLAGE, 0), (OTHER, 0), (ELSEWHERE, 0)]
    [town, other] = standings(Tier.TOWNSHIP, answered, [(TOWN, 3)], [ELSEWHERE]).values()
    assert (town.below, town.below_open, town.uncalled) == (4, 3, 3)
    assert (other.below_open, other.cut_off) == (1, 1)
    county = standings(Tier.COUNTY, [(TOWN, 0), (OTHER, 0)], [(TOWN, 3)], [ELSEWHERE])[COUNTY]
    assert (county.below, county.below_open, county.complete) == (2, 2, False)
    assert [each.code for each in worst_first([town, other])] == [OTHER, TOWN]


@given(
    st.dictionaries(
        st.sampled_from([COUNTY, TOWN, OTHER, VILLAGE, SECOND, ELSEWHERE]), st.integers(0, 3)
    ),
    st.sets(st.sampled_from([VILLAGE, ELSEWHERE])),
)
def test_complete_means_that_nobody_below_owes_anything(
    waiting: dict[str, int], cut_off: set[str]
) -> None:
    for tier in (Tier.COUNTY, Tier.TOWNSHIP, Tier.VILLAGE):
        for code, standing in standings(tier, waiting.items(), [], cut_off).items():
            kept = code[: tier.digits] if code != COUNTY or tier is Tier.COUNTY else code
            owed = sum(number for place, number in waiting.items() if place.startswith(kept))
            gone = any(place.startswith(kept) for place in cut_off)
            assert standing.complete is (owed == 0 and not gone), (tier, code)
