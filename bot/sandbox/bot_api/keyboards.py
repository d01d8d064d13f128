"""Keyboards of messages (reply markup), checked as Telegram checks them. Pure.

Source: core.telegram.org/bots/api, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove,
ForceReply. Callback data is 1 to 64 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.sandbox.bot_api.errors import bad_request

Markup = dict[str, Any]

CALLBACK_DATA_BYTES = 64
_INLINE_ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_KEY_OPTIONS: tuple[str, ...] = ("request_location", "request_contact", "request_poll", "web_app")
_KEY_OPTIONS += ("request_users", "request_chat", "style", "icon_custom_emoji_id")
_KEYBOARD_OPTIONS = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")


def checked_markup(markup: Any) -> Markup | None:
    """A reply markup as Telegram keeps it, or None for an empty one.

    :raises ApiError: 400 when it is not one.
    """
    if markup is None or markup == "" or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = [
            [_inline_button(button) for button in row]
            for row in _rows(markup["inline_keyboard"], "inline keyboard")
        ]
        return {"inline_keyboard": [row for row in rows if row]} if any(rows) else None
    if "keyboard" in markup:
        rows = [[_key(key) for key in row] for row in _rows(markup["keyboard"], "keyboard")]
        options = {name: bool(markup[name]) for name in _KEYBOARD_OPTIONS if markup.get(name)}
        if markup.get("input_field_placeholder"):
            options["input_field_placeholder"] = markup["input_field_placeholder"]
        return {"keyboard": [row for row in rows if row], **options}
    if markup.get("remove_keyboard") is True:
        return {"remove_keyboard": True}
    if markup.get("force_reply") is True:
        ask: Markup = {"force_reply": True}
        if markup.get("input_field_placeholder"):
            ask["input_field_placeholder"] = markup["input_field_placeholder"]
        return ask
    raise bad_request("object expected as reply markup")


def is_inline(markup: Markup | None) -> bool:
    """Whether it is an inline keyboard: part of its message; the others belong to the chat."""
    return markup is not None and "inline_keyboard" in markup


def _rows(rows: Any, what: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad_request(
            f'can\'t parse {what} button: field "{what.replace(" ", "_")}" must be of type Array'
        )
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(f"can't parse {what}: each row must be an Array")
    return rows


def _inline_button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request("can't parse inline keyboard button: can't find field \"text\"")
    if not text.strip():
        raise bad_request("text buttons are unallowed in the inline keyboard")
    actions = [name for name in _INLINE_ACTIONS if button.get(name) is not None]
    if not actions:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    if "callback_data" in actions:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    if "url" in actions:
        url = str(button["url"])
        if "://" not in url and "." not in url and not url.startswith("tg:"):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return {"text": text, **{name: button[name] for name in actions}}


def _key(key: Any) -> dict[str, Any]:
    if isinstance(key, str):
        key = {"text": key}
    if not isinstance(key, dict) or not isinstance(key.get("text"), str):
        raise bad_request("can't parse keyboard button: can't find field \"text\"")
    if not key["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    if key.get("request_location") and key.get("request_contact"):
        raise bad_request("keyboard button can't request both a location and a contact")
    return {"text": key["text"], **{name: key[name] for name in _KEY_OPTIONS if key.get(name)}}


def buttons(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The inline buttons of a message, in reading order."""
    markup = message.get("reply_markup") or {}
    for row in markup.get("inline_keyboard", ()):
        yield from row


def keys(markup: Markup | None) -> Iterator[dict[str, Any]]:
    """The buttons of a reply keyboard, in reading order."""
    for row in (markup or {}).get("keyboard", ()):
        yield from row
