"""The printed invitations: a link in each code, and pages by township."""

from __future__ import annotations

import re

import pytest

from bot.views import typeface
from bot.views.rare_characters import rare_character_lines
from bot.views.roster.invitation_sheet import Invitation, invitation_sheets, unprintable
from bot.views.roster.invitations import deep_link
from tests.stories.qr_codes import _pages, codes_in


def card(number: int, township: str, name: str = "张三") -> Invitation:
    return Invitation(
        name, "+8613900000001", "包保责任人", "敦化市 x村", township, f"code{number}", "b"
    )


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def test_the_link_opens_the_bot_with_the_code() -> None:
    assert deep_link("@a_bot", "Ab-_") == "https://t.me/a_bot?start=Ab-_"


@pytest.mark.parametrize(("cards", "expected"), [(1, 1), (8, 1), (9, 2), (17, 3)])
def test_eight_cards_a_page(cards: int, expected: int) -> None:
    assert pages(invitation_sheets([card(n, "甲镇") for n in range(cards)])) == expected


def test_each_township_begins_a_page() -> None:
    assert pages(invitation_sheets([card(1, "甲镇"), card(2, "乙镇"), card(3, "丙镇")])) == 3


@pytest.mark.parametrize("name", ["🔥👨‍👩‍👧", "长" * 64, "𠮷", "<b>&\n\x00", "a" * 64])
def test_any_name_can_be_printed(name: str) -> None:
    assert pages(invitation_sheets([card(1, "镇" * 60, name)])) == 1


def test_every_card_bears_the_bots_name_and_its_own_code() -> None:
    pdf = invitation_sheets([card(n, "甲镇") for n in range(9)])
    assert codes_in(pdf) == [deep_link("b", f"code{n}") for n in range(9)]
    assert "".join(_pages(pdf)).count("(@b) Tj") == 9


def test_codes_of_any_links_are_read_as_they_were_written() -> None:
    """They are not drawn one by one: other bots, lengths and letters stand in one document."""
    cards = [
        Invitation("张三", "+8613900000001", "包保责任人", "敦化市", "甲镇", code, bot)
        for bot in ("b", "jilin_bot", "JILIN_BOT")
        for code in ("Ab-_9", "zzzzz", "0" * 22, "aZ-_" * 5 + "09")
    ]
    read = codes_in(invitation_sheets(cards))
    assert read == [deep_link(card.bot_username, card.code) for card in cards]


RARE = "䶮㛃玥祎喆昇赟镕堃𠮷𫖯𬱖𬍛𬭊犇翀婳甯燚垚김철수뷁똠"


def test_the_embedded_font_holds_what_names_are_written_with() -> None:
    missing = [mark for mark in RARE if typeface.lacking(mark)]
    common = [chr(code) for code in range(0x4E00, 0x9FF0) if typeface.lacking(chr(code))]
    hangul = [chr(code) for code in range(0xAC00, 0xD7A4) if typeface.lacking(chr(code))]
    extension_a = [chr(code) for code in range(0x3400, 0x4DB6) if typeface.lacking(chr(code))]
    assert not missing + common + hangul + extension_a
    pdf = invitation_sheets([card(1, "甲镇", RARE)])
    assert b"/FontFile2" in pdf and b"STSong" not in pdf
    assert len(pdf) < 100_000  # what is used, and no more


def test_a_character_that_no_font_holds_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one of private use left out in silence: old systems wrote rare names with them."""
    monkeypatch.setattr(typeface, "_further", lambda: ())
    typeface._font_of.cache_clear()
    rare = [
        card(1, "甲镇", "王\U0002a6a5"),
        card(2, "甲镇", "李\ue863"),
        card(3, "甲镇", "김\u200d祎"),
    ]
    found = unprintable(rare)
    assert [(about.name[0], marks) for about, marks in found] == [
        ("王", "\U0002a6a5"),
        ("李", "\ue863"),
    ]
    assert typeface.printable("王\U0002a6a5\ue863") == "王〓〓"
    lines = rare_character_lines([("王\U0002a6a5 甲村", "\U0002a6a5")], "zh")
    assert "王\U0002a6a5 甲村" in lines[1] and "U+2A6A5" in lines[1]
    assert "fonts-hanazono" in lines[2]
    assert rare_character_lines([], "zh") == []
    typeface._font_of.cache_clear()


def test_progress_is_told_by_page() -> None:
    told: list[tuple[int, int]] = []
    invitation_sheets([card(n, "甲镇") for n in range(9)], lambda *done: told.append(done))
    assert told == [(8, 9), (9, 9)]
