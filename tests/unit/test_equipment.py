"""Satellite telephones and loudspeakers: what lists say of them, and what is replaced."""

from __future__ import annotations

import pytest

from bot.views.equipment import equipment_line
from contacts.equipment import Equipment, EquipmentKind, replaced
from contacts.places import KnownPlaces, Place, PlaceKind
from contacts.roster.equipment_cells import EquipmentCell, equipment_changes
from contacts.roster.reading.headings import Field, heading
from contacts.roster.rows import Problems

VILLAGE, OTHER = "222403104201", "222403104202"
SATELLITE, LOUD = EquipmentKind
POOL = Place("SK1", PlaceKind.RESERVOIR, "红石水库", VILLAGE)
KNOWN = [
    Equipment(SATELLITE, VILLAGE, number="+8617401349001"),
    Equipment(LOUD, OTHER, words="1 处"),
]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("卫星电话", Field.SATELLITE_PHONE),
        ("村卫星电话号码（天通）", Field.SATELLITE_PHONE),
        ("海事卫星", Field.SATELLITE_PHONE),
        ("satellite_phone", Field.SATELLITE_PHONE),
        ("大喇叭", Field.LOUDSPEAKER),
        ("有无大喇叭", Field.LOUDSPEAKER),
        ("应急广播终端数量", Field.LOUDSPEAKER),
        ("村村响", Field.LOUDSPEAKER),
        ("联系电话", Field.PHONE),
        ("广播员", Field.UNKNOWN),
    ],
)
def test_headings(text: str, field: Field) -> None:
    assert heading(text).field is field


def changes_of(kind: EquipmentKind, text: str, place: str = "", division: str = VILLAGE):
    problems = Problems()
    cell = EquipmentCell(3, "", division, place, kind, text)
    found = equipment_changes([cell], KNOWN, KnownPlaces([POOL]), problems)
    coming = [(piece.place_code, piece.number, piece.words) for piece in found.coming]
    return coming, [piece.number or piece.words for piece in found.going], problems.total


@pytest.mark.parametrize(
    ("kind", "text", "place", "coming", "going"),
    [
        # the same again is no news, another number replaces, 无 takes it away
        (SATELLITE, "1740 134 9001", "", [], []),
        (SATELLITE, "17401349002", "", [("", "+8617401349002", "")], ["+8617401349001"]),
        (SATELLITE, "无", "", [], ["+8617401349001"]),
        (SATELLITE, " ", "", [], []),
        (SATELLITE, "有", "", [("", "", "")], ["+8617401349001"]),
        # Iridium and Inmarsat have country codes of their own
        (SATELLITE, "+8816 2345 6789", "SK1", [("SK1", "+881623456789", "")], []),
        (SATELLITE, "00870773112233", "红石水库", [("SK1", "+870773112233", "")], []),
        (LOUD, "2 处", "", [("", "", "2 处")], []),
        (LOUD, "0433-3230001", "", [("", "+864333230001", "")], []),
    ],
)
def test_what_a_cell_says(
    kind: EquipmentKind, text: str, place: str, coming: list, going: list
) -> None:
    assert changes_of(kind, text, place) == (coming, going, 0)


def test_digits_that_are_no_number_are_told() -> None:
    assert changes_of(SATELLITE, "17401349") == ([], [], 1)


def test_what_a_list_does_not_name_stays() -> None:
    coming, going = replaced(KNOWN, [Equipment(LOUD, VILLAGE, words="3 处")], [])
    assert (len(coming), going) == (1, [])


def test_in_words() -> None:
    assert equipment_line(KNOWN, "zh") == "📡 卫星电话 174 0134 9001 📢 大喇叭 1 处"
    assert equipment_line([Equipment(SATELLITE, VILLAGE)], "zh") == "📡 卫星电话（号码没登记）"
    assert equipment_line(KNOWN, "en").startswith("📡 satellite phone 174 0134 9001")
