"""Edits that would change nothing are recognised, and only when that is certain."""

from __future__ import annotations

from typing import Any

import orjson

from bot.telegram import shown_messages
from bot.telegram.shown_messages import Edit, ShownMessages, edit_of

CHAT, MESSAGE = 5, 77


def body(text: str, **more: Any) -> bytes:
    return orjson.dumps({"chat_id": CHAT, "text": text, "parse_mode": "HTML", **more})


def edit(text: str, **more: Any) -> Edit:
    found = edit_of("editMessageText", body(text, message_id=MESSAGE, **more))
    assert found is not None
    return found


def test_the_same_again_changes_nothing() -> None:
    shown = ShownMessages()
    assert shown.will_change(edit("1 of 4"))
    assert not shown.will_change(edit("1 of 4"))
    assert shown.will_change(edit("2 of 4"))
    assert shown.will_change(edit("1 of 4"))  # back again: the last one counts


def test_other_buttons_are_a_change() -> None:
    shown = ShownMessages()
    buttons = {"inline_keyboard": [[{"text": "销号", "callback_data": "x"}]]}
    assert shown.will_change(edit("all", reply_markup=buttons))
    assert not shown.will_change(edit("all", reply_markup=buttons))
    assert shown.will_change(edit("all"))


def test_a_new_message_shows_what_was_sent() -> None:
    shown = ShownMessages()
    shown.sent(CHAT, MESSAGE, body("0 of 4", disable_notification=True))
    assert not shown.will_change(edit("0 of 4"))
    assert shown.will_change(edit("1 of 4"))


def test_what_is_not_certain_is_edited_again() -> None:
    shown = ShownMessages()
    assert shown.will_change(edit("1 of 4"))
    shown.forget(CHAT, MESSAGE)
    assert shown.will_change(edit("1 of 4"))


def test_only_an_edit_of_a_text_is_one() -> None:
    assert edit_of("sendMessage", body("1 of 4")) is None
    assert edit_of("editMessageMedia", b"{}") is None


def test_no_more_is_remembered_than_was_meant(monkeypatch: Any) -> None:
    monkeypatch.setattr(shown_messages, "MOST", 2)
    shown = ShownMessages()
    for message_id in (1, 2, 1, 3):
        shown.sent(CHAT, message_id, body(f"card {message_id}"))
    assert shown.will_change(Edit(CHAT, 2, edit("card 2").content))  # the longest unchanged
