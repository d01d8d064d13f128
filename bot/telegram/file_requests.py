"""A picture, video or voice known by its file id, as a request with words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from alerts.outbox.deliveries import Delivery
from bot.telegram.outgoing import Request
from bot.views.screen import Screen

_SEND = {
    "photo": ("sendPhoto", "photo"),
    "video": ("sendVideo", "video"),
    "voice": ("sendVoice", "voice"),
    "document": ("sendDocument", "document"),
    "video_note": ("sendVideoNote", "video_note"),
}
TOGETHER = ("photo", "video")
"""What may stand in one album (Bot API, sendMediaGroup): documents only with their like."""


def file_request(
    chat_id: int, screen: Screen, kind: str, file_id: str
) -> tuple[str, dict[str, Any]]:
    """The method and fields that send a file with ``screen`` as its caption."""
    name, field = _SEND.get(kind, ("sendDocument", "document"))
    body: dict[str, Any] = {"chat_id": chat_id, field: file_id}
    if kind != "video_note":  # Telegram gives a video note no caption
        body |= {"caption": Screen(screen.text, photo=file_id).text, "parse_mode": "HTML"}
    if screen.keyboard is not None:
        body["reply_markup"] = screen.keyboard.as_dict()
    return name, body


def with_file(one: Delivery, screen: Screen, kind: str, file_id: str) -> Request:
    """The same for a delivery."""
    name, body = file_request(one.chat_id, screen, kind, file_id)
    return Request(name, orjson.dumps(body))


def album(one: Delivery, screen: Screen, parts: Sequence[tuple[str, str]]) -> Request:
    """Two to ten (kind, file id) of ``TOGETHER``, or all documents; the caption on the first."""
    media: list[dict[str, Any]] = [{"type": kind, "media": file_id} for kind, file_id in parts]
    media[0] |= {"caption": Screen(screen.text, photo=parts[0][1]).text, "parse_mode": "HTML"}
    return Request("sendMediaGroup", orjson.dumps({"chat_id": one.chat_id, "media": media}))
