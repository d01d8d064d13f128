"""Edits that would change nothing are recognised, and only when that is certain."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bot.telegram import shown_messages
from bot.telegram.shown_messages import Edit, ShownMessages, edit_of

CHAT, MESSAGE = 5, 77


def body(text: str, **more: Any) -> bytes:
    return orjson.dumps({"chat_id": CHAT, "text": text, "parse_mode": "HTML", **more})


def edit(text: str, **more: Any) -> Edit:
    found = edit_of("editMessageText", body(text, message_id=MESSAGE, **more))
    assert found is not None
    return found


def make(shown: ShownMessages, wanted: Edit, *, done: bool = True) -> None:
    shown.leaves(wanted)
    shown.arrived(wanted, done=done)


def test_the_same_again_changes_nothing() -> None:
    shown = ShownMessages()
    assert not shown.shows(edit("1 of 4"))
    make(shown, edit("1 of 4"))
    assert shown.shows(edit("1 of 4"))
    assert not shown.shows(edit("2 of 4"))
    make(shown, edit("2 of 4"))
    assert not shown.shows(edit("1 of 4"))  # back again: the last one counts


def test_other_buttons_are_a_change() -> None:
    shown = ShownMessages()
    buttons = {"inline_keyboard": [[{"text": "销号", "callback_data": "x"}]]}
    make(shown, edit("all", reply_markup=buttons))
    assert shown.shows(edit("all", reply_markup=buttons))
    assert not shown.shows(edit("all"))


def test_a_new_message_shows_what_was_sent() -> None:
    shown = ShownMessages()
    shown.sent(CHAT, MESSAGE, body("0 of 4", disable_notification=True))
    assert shown.shows(edit("0 of 4"))
    assert not shown.shows(edit("1 of 4"))


def test_what_is_not_certain_is_edited_again() -> None:
    shown = ShownMessages()
    make(shown, edit("1 of 4"))
    shown.leaves(edit("2 of 4"))
    assert not shown.shows(edit("1 of 4"))
    assert not shown.shows(edit("2 of 4"))  # until it is answered
    shown.arrived(edit("2 of 4"), done=False)
    assert not shown.shows(edit("1 of 4"))
    assert not shown.shows(edit("2 of 4"))


@pytest.mark.parametrize("first_answered", [0, 1])
def test_of_edits_under_way_together_none_is_believed(first_answered: int) -> None:
    shown = ShownMessages()
    both = [edit("1 of 4"), edit("2 of 4")]
    for wanted in both:
        shown.leaves(wanted)
    shown.arrived(both.pop(first_answered), done=True)
    shown.arrived(both.pop(), done=True)
    assert not shown.shows(edit("1 of 4"))
    assert not shown.shows(edit("2 of 4"))
    make(shown, edit("2 of 4"))  # the next one that is alone is believed again
    assert shown.shows(edit("2 of 4"))


@pytest.mark.parametrize("method", ["editMessageMedia", "editMessageReplyMarkup", "deleteMessage"])
def test_a_change_of_another_kind_makes_it_uncertain(method: str) -> None:
    shown = ShownMessages()
    make(shown, edit("1 of 4"))
    other = edit_of(method, orjson.dumps({"chat_id": CHAT, "message_id": MESSAGE}))
    assert other is not None and not shown.shows(other)
    make(shown, other)
    assert not shown.shows(edit("1 of 4"))


def test_what_changes_no_message_is_no_edit() -> None:
    assert edit_of("sendMessage", body("1 of 4")) is None
    assert edit_of("editMessageText", b'{"inline_message_id":"x","text":"1 of 4"}') is None


def test_no_more_is_remembered_than_was_meant(monkeypatch: Any) -> None:
    monkeypatch.setattr(shown_messages, "MOST", 2)
    shown = ShownMessages()
    for message_id in (1, 2, 1, 3):
        shown.sent(CHAT, message_id, body(f"card {message_id}"))
    assert not shown.shows(Edit(CHAT, 2, edit("card 2").content))  # the longest unchanged
    assert shown.shows(Edit(CHAT, 1, edit("card 1").content))
