"""The printed invitations: a link in each code, and pages by township."""

from __future__ import annotations

import re

import pytest

from bot.views.roster.invitation_sheet import Invitation, invitation_sheets
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
