"""A drawn picture as a request: sent, put in an older one's place, or only its words. Pure."""

from __future__ import annotations

from typing import Any

import orjson

from bot.telegram.failures import Outcome, OutcomeKind, Reason

ATTACHED = "picture"
"""The form field of the file in an edit, where ``media`` names it."""

MAP_NAME = "map.png"


def picture_fields(
    chat_id: int,
    caption: str,
    *,
    message_id: int | None = None,
    markup: dict[str, Any] | None = None,
) -> tuple[str, bytes]:
    """The method and the JSON of everything but the file; ``caption`` is Telegram's HTML.

    :param message_id: of the message it takes the place of.
    """
    words = {"caption": caption, "parse_mode": "HTML"}
    fields: dict[str, Any] = {"chat_id": chat_id}
    if markup is not None:
        fields["reply_markup"] = markup
    if message_id is None:
        return "sendPhoto", orjson.dumps(fields | words)
    media = {"type": "photo", "media": f"attach://{ATTACHED}", **words}
    fields |= {"message_id": message_id, "media": media}
    return "editMessageMedia", orjson.dumps(fields)


def file_field(method: str) -> str:
    """The form field the file goes into."""
    if method == "sendDocument":
        return "document"
    return ATTACHED if method == "editMessageMedia" else "photo"


def with_file(method: str, body: bytes, file_id: str) -> bytes:
    """The parameters of a message with a file that Telegram has already."""
    return orjson.dumps({**orjson.loads(body), file_field(method): file_id})


def file_of(message: Any) -> str:
    """The file id of the photo or document in a message that was sent; empty where there is none.

    Of a photo there are several sizes, the largest last.
    """
    if not isinstance(message, dict):
        return ""
    sizes = message.get("photo")
    found = sizes[-1] if isinstance(sizes, list) and sizes else message.get("document")
    return str(found.get("file_id") or "") if isinstance(found, dict) else ""


def new_picture(body: bytes) -> tuple[str, bytes]:
    """An edit whose message is gone, as a new message."""
    fields = orjson.loads(body)
    media = fields["media"]
    return picture_fields(fields["chat_id"], media["caption"], markup=fields.get("reply_markup"))


def words_of(body: bytes) -> tuple[str, bytes]:
    """The caption as a message, or in the place of the message that was to be edited."""
    fields = orjson.loads(body)
    message_id = fields.get("message_id")
    said: dict[str, Any] = {
        "chat_id": fields["chat_id"],
        "text": fields.get("media", fields)["caption"],
        "parse_mode": "HTML",
    }
    if "reply_markup" in fields:
        said["reply_markup"] = fields["reply_markup"]
    if message_id is None:
        return "sendMessage", orjson.dumps(said)
    return "editMessageText", orjson.dumps(said | {"message_id": message_id})


def picture_refused(outcome: Outcome) -> bool:
    """Whether Telegram took offence at the picture: the words may still arrive."""
    if outcome.kind is not OutcomeKind.PERMANENT:
        return False
    if outcome.reason is Reason.NO_RIGHTS:  # a group where pictures are not allowed
        return "photo" in outcome.description.lower() or "media" in outcome.description.lower()
    return outcome.reason in (Reason.BAD_REQUEST, Reason.TOO_LONG, Reason.UNFORESEEN)
