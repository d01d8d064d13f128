"""Choosing a division by buttons: never above one's own, and page by page."""

from __future__ import annotations

import pytest

from bot.actions.parsing import parse
from bot.actions.release import ReleaseTap, open_area, opened_area
from bot.actions.roll_calls import RollCallArea
from bot.views.division_menu import PAGE_SIZE, Choice, DivisionMenu, menu_of, menu_rows, menu_within
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Division, Gazetteer

PREFECTURE, COUNTY, TOWN = "222400000000", "222403000000", "222403100000"
NAMES = {
    "220000000000": "吉林省",
    PREFECTURE: "延边朝鲜族自治州",
    COUNTY: "敦化市",
    TOWN: "大石头镇",
    "222402000000": "图们市",
}
GAZETTEER = Gazetteer(Division(code, name, tier_of(code)) for code, name in NAMES.items())


def test_the_way_up_ends_at_ones_own_division() -> None:
    assert menu_of(GAZETTEER, COUNTY, own=COUNTY).parent is None
    town = menu_of(GAZETTEER, TOWN, own=COUNTY)
    assert (town.parent, town.children) == (COUNTY, [])
    above = menu_of(GAZETTEER, PREFECTURE, own=PREFECTURE)
    assert [child.code for child in above.children] == ["222402000000", COUNTY]


@pytest.mark.parametrize("code", ["", "222402000000", PREFECTURE, "222403999000", "nonsense"])
def test_what_is_elsewhere_or_unknown_leads_to_ones_own(code: str) -> None:
    assert menu_within(GAZETTEER, code, own=COUNTY) == menu_of(GAZETTEER, COUNTY, own=COUNTY)


def turns(count: int, page: int) -> list[int]:
    """The pages the buttons lead to."""
    children = [Choice(f"{number:012}", "镇") for number in range(1, count + 1)]
    rows = menu_rows(DivisionMenu(COUNTY, "敦化市", children), page, "zh", go=RollCallArea)
    taps = [parse(button.data or "") for row in rows for button in row]
    return [tap.page for tap in taps if isinstance(tap, RollCallArea) and tap.code == COUNTY]


def test_each_page_leads_to_those_beside_it() -> None:
    assert turns(0, 0) == turns(PAGE_SIZE, 0) == []
    assert turns(PAGE_SIZE + 1, 0) == [1]
    assert turns(2 * PAGE_SIZE + 1, 1) == [0, 2]
    assert turns(2 * PAGE_SIZE, 1) == [0]


def test_a_page_past_the_end_leads_back_to_the_last() -> None:
    assert turns(2 * PAGE_SIZE, 2) == turns(2 * PAGE_SIZE, 77) == [1]


@pytest.mark.parametrize("page", [None, 0, 3])
def test_where_a_release_button_opens_is_read_as_it_was_written(page: int | None) -> None:
    tap = parse(open_area(COUNTY, page).encode())
    assert isinstance(tap, ReleaseTap)
    assert opened_area(tap) == (COUNTY, page or 0)
