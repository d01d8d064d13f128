"""How wide divisions are together: a prefecture by another name is a prefecture."""

from __future__ import annotations

import pytest

from contacts.divisions.codes import Tier
from contacts.divisions.extent import as_wide_as

PROVINCE = "220000000000"
YANBIAN = "222400000000"
BIG = [f"22240{n}000000" for n in range(1, 9)]  # its eight counties
LIAOYUAN = "220400000000"
SMALL = [f"22040{n}000000" for n in range(1, 5)]  # four
LONELY = "220900000000"
ONLY = "220901000000"  # its one county
TOWNS = {code: [f"{code[:6]}10{n}000" for n in range(5)] for code in [*BIG, *SMALL, ONLY]}
CHILDREN = {
    PROVINCE: [YANBIAN, LIAOYUAN, LONELY],
    YANBIAN: BIG,
    LIAOYUAN: SMALL,
    LONELY: [ONLY],
    **TOWNS,
}
GUARDED = (Tier.PROVINCE, Tier.CITY)


def wide(*areas: str, tiers: tuple[Tier, ...] = GUARDED) -> bool:
    return as_wide_as(areas, tiers, lambda code: CHILDREN.get(code, []))


@pytest.mark.parametrize("areas", [BIG, BIG[:7], BIG[3:], SMALL[:3]], ids=len)
def test_most_counties_of_a_prefecture_are_the_prefecture(areas: list[str]) -> None:
    assert wide(*areas)
    assert wide(*areas, *areas, TOWNS[areas[0]][0])


@pytest.mark.parametrize("areas", [BIG[:1], BIG[:4], SMALL[:2], [ONLY], [BIG[0], SMALL[0]]])
def test_half_of_it_or_one_county_is_not(areas: list[str]) -> None:
    assert not wide(*areas)
    assert not wide(*areas, *TOWNS[areas[0]])  # what lies in them adds nothing


def test_a_county_may_be_spelled_out_by_its_townships() -> None:
    spelled = [town for county in BIG[:5] for town in TOWNS[county][:3]]
    assert wide(*spelled)
    assert wide(*BIG[:4], *TOWNS[BIG[4]][:3])
    assert not wide(*BIG[:4], *TOWNS[BIG[4]][:2])
    assert not wide(*(TOWNS[county][0] for county in BIG))  # a township of each is no county


def test_counties_of_several_prefectures_count_together() -> None:
    assert wide(*BIG[:3], SMALL[0])  # four: as many as the smaller has
    assert not wide(*BIG[:2], SMALL[0])
    assert wide(*BIG[:1], *SMALL[:2], ONLY)


def test_a_division_of_that_size_itself_and_others_above() -> None:
    assert wide(YANBIAN)
    assert wide(PROVINCE)
    assert not wide(YANBIAN, tiers=(Tier.PROVINCE,))
    assert wide(YANBIAN, LIAOYUAN, tiers=(Tier.PROVINCE,))  # two of three prefectures
    assert wide(*BIG, *SMALL, tiers=(Tier.PROVINCE,))
    assert not wide(*BIG, tiers=())
    assert wide(*TOWNS[ONLY][:3], tiers=(Tier.COUNTY,))


def test_what_nobody_knows_is_not_wide() -> None:
    assert not wide("229901000000", "229902000000")
    assert not wide()
