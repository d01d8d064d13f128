"""Screens, files and places as requests to Telegram. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from bot.telegram.outgoing import Request
from bot.views.screen import Screen, method, payload

TOGETHER = ("photo", "video")
"""What may stand in one album (Bot API, sendMediaGroup): documents only with their like."""

LARGEST_CIRCLE_M = 1500.0
"""Metres, the largest ``horizontal_accuracy`` of sendLocation."""

_SEND = {
    "photo": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "voice": ("sendVoice", "voice"),
    "document": ("sendDocument", "document"),
    "video_note": ("sendVideoNote", "video_note"),
}


def as_message(chat_id: int, screen: Screen, message_id: int | None = None) -> Request:
    """A screen as a new message; with a ``message_id`` as an edit of that one."""
    return Request(
        method(screen, message_id=message_id),
        orjson.dumps(payload(screen, chat_id, message_id=message_id)),
    )


def as_place(chat_id: int, lon: float, lat: float, accuracy_m: float | None = None) -> Request:
    """A place on Telegram's map (WGS-84), with the circle it may lie in (metres)."""
    body: dict[str, Any] = {"chat_id": chat_id, "latitude": lat, "longitude": lon}
    if accuracy_m is not None and 0 < accuracy_m <= LARGEST_CIRCLE_M:
        body["horizontal_accuracy"] = accuracy_m
    return Request("sendLocation", orjson.dumps(body))


def without_buttons(chat_id: int, message_id: int) -> Request:
    """Takes the buttons of a message away; its words, or its picture, stay."""
    body = {"chat_id": chat_id, "message_id": message_id}
    return Request("editMessageReplyMarkup", orjson.dumps(body))


def with_buttons(
    chat_id: int, message_id: int, rows: Sequence[Sequence[dict[str, Any]]]
) -> Request:
    """Puts other buttons under a message; its words, or its picture, stay."""
    body = {"chat_id": chat_id, "message_id": message_id}
    markup = {"reply_markup": {"inline_keyboard": rows}}
    return Request("editMessageReplyMarkup", orjson.dumps(body | markup))


def taken_away(chat_id: int, message_id: int) -> Request:
    """Deletes a message: it asks for what is not wanted any more."""
    return Request("deleteMessage", orjson.dumps({"chat_id": chat_id, "message_id": message_id}))


def as_file(chat_id: int, screen: Screen, kind: str, file_id: str) -> Request:
    """A picture, video, voice or document known by its file id, with the screen as its caption."""
    name, field = _SEND.get(kind, ("sendDocument", "document"))
    body: dict[str, Any] = {"chat_id": chat_id, field: file_id}
    if kind != "video_note":  # Telegram gives a video note no caption
        body |= _caption(screen, file_id)
    if screen.keyboard is not None:
        body["reply_markup"] = screen.keyboard.as_dict()
    return Request(name, orjson.dumps(body))


def as_album(chat_id: int, screen: Screen, parts: Sequence[tuple[str, str]]) -> Request:
    """Two to ten (kind, file id) of ``TOGETHER``, or all documents; the caption on the first."""
    media: list[dict[str, Any]] = [{"type": kind, "media": file_id} for kind, file_id in parts]
    media[0] |= _caption(screen, parts[0][1])
    return Request("sendMediaGroup", orjson.dumps({"chat_id": chat_id, "media": media}))


def _caption(screen: Screen, file_id: str) -> dict[str, Any]:
    return {"caption": Screen(screen.text, photo=file_id).text, "parse_mode": "HTML"}
