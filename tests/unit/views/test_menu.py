"""Whoever watches has the wall, the feed, hotspots and roll calls under the thumb."""

import pytest

from bot.locale import LANGUAGES
from bot.views.menu import Item, commands_of, label, menu_of_role
from contacts.people import COMMANDING, Role

WATCHING = sorted({*COMMANDING, Role.DUTY_OFFICER}, key=lambda role: role.value)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", WATCHING)
def test_who_watches_has_everything_that_is_watched(role: Role, language: str) -> None:
    keys = {button.text for row in menu_of_role(role, language).rows for button in row}
    for item in (Item.BOARD, Item.FEED, Item.HOTSPOTS, Item.ROLL_CALL, Item.SILENT, Item.STATUS):
        assert label(item, language) in keys
    commands = {"board", "feed", "hotspots", "rollcall", "who", "status", "coverage"}
    assert commands <= set(commands_of(role))
