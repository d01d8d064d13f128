"""What DingTalk says over its Stream connection and what is answered, as data. Pure.

Source: open.dingtalk.com, "Stream 模式协议接入说明": DingTalk publishes the protocol for clients of
one's own. Tickets are good for 90 seconds and one connection; a connection that is to end is told
``disconnect`` and hears nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from yarl import URL

from bot.channels import not_text
from bot.channels.events import ChannelAnswer
from bot.channels.moments import moment
from bot.channels.reference import read_reference
from contacts.channels import Channel

OPEN_PATH = "/v1.0/gateway/connections/open"

CARD_TOPIC = "/v1.0/card/instances/callback"
WORDS_TOPIC = "/v1.0/im/bot/messages/get"
PING, DISCONNECT = "ping", "disconnect"

LONGEST_WORDS = 1000  # characters of what somebody wrote; officers read its beginning

OK, NOT_OURS, FAILED = 200, 404, 500


def open_request(client_id: str, client_secret: str) -> dict[str, Any]:
    """The body that asks where to connect, and says what we want to hear."""
    return {
        "clientId": client_id,
        "clientSecret": client_secret,
        "subscriptions": [
            {"type": "CALLBACK", "topic": topic} for topic in (CARD_TOPIC, WORDS_TOPIC)
        ],
        "ua": "jiaoying",
    }


def address_of(told: Mapping[str, Any]) -> str | None:
    """Where to connect, a ticket in it; ``None``: DingTalk does not say."""
    endpoint, ticket = told.get("endpoint"), told.get("ticket")
    if not isinstance(endpoint, str) or not isinstance(ticket, str) or not endpoint:
        return None
    return str(URL(endpoint).update_query(ticket=ticket))


@dataclass(frozen=True, slots=True)
class Message:
    """Something DingTalk says. ``data``: its body, mostly JSON in a string."""

    kind: str  # SYSTEM, EVENT, CALLBACK
    topic: str
    message_id: str
    time: Any
    data: str


def read_message(heard: bytes | str) -> Message:
    """What was said.

    :raises ValueError: it is not DingTalk's JSON.
    """
    told = orjson.loads(heard)
    headers = told.get("headers") if isinstance(told, dict) else None
    if not isinstance(headers, dict):
        raise ValueError("no headers")
    return Message(
        str(told.get("type", "")),
        str(headers.get("topic", "")),
        str(headers.get("messageId", "")),
        headers.get("time"),
        told["data"] if isinstance(told.get("data"), str) else "{}",
    )


def answer_to(message: Message, code: int, data: str) -> str:
    """What is said to a message."""
    return orjson.dumps(
        {
            "code": code,
            "headers": {"messageId": message.message_id, "contentType": "application/json"},
            "message": "OK" if code == OK else "",
            "data": data,
        }
    ).decode()


def response(told: Mapping[str, Any]) -> str:
    """The body of an answer to a callback."""
    return orjson.dumps({"response": told}).decode()


def card_says(words: str, *, answered: bool) -> dict[str, Any]:
    """What the card shows everybody from now on; once it is answered it has no buttons."""
    shown = {"answered": words, "notice": ""} if answered else {"notice": words}
    return _updated("cardData", shown)


def tells_only_them(words: str) -> dict[str, Any]:
    """What the card shows whoever pressed, and nobody else."""
    return _updated("userPrivateData", {"notice": words})


def _updated(part: str, shown: dict[str, str]) -> dict[str, Any]:
    return {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        part: {"cardParamMap": shown},
    }


def read_answer(message: Message, now: datetime) -> ChannelAnswer | None:
    """The answer that a callback is; ``None``: it is about something else.

    :raises ValueError: it is not DingTalk's JSON.
    """
    told = orjson.loads(message.data)
    if not isinstance(told, dict):
        raise ValueError("no object")
    if message.topic == CARD_TOPIC:
        return _pressed(message, told, now)
    return _wrote(told, now) if message.topic == WORDS_TOPIC else None


def _pressed(message: Message, told: Mapping[str, Any], now: datetime) -> ChannelAnswer | None:
    named, who = read_reference(str(told.get("outTrackId", ""))), told.get("userId")
    content = told.get("content")
    pressed = orjson.loads(content) if isinstance(content, str) else content
    private = pressed.get("cardPrivateData") if isinstance(pressed, dict) else None
    params = private.get("params") if isinstance(private, dict) else None
    key = params.get("key") if isinstance(params, dict) else None
    if named is None or not isinstance(who, str) or not who or not message.message_id:
        return None
    if not isinstance(key, str | int):
        return None
    at = moment(message.time, now)
    words = str(key)[:LONGEST_WORDS]
    handle, queued = named
    return ChannelAnswer(message.message_id, Channel.DINGTALK, at, handle, who, words, queued)


def _wrote(told: Mapping[str, Any], now: datetime) -> ChannelAnswer | None:
    """What a person wrote to the robot alone."""
    who, event = told.get("senderStaffId"), told.get("msgId")
    if told.get("conversationType") != "1":
        return None
    if not (isinstance(who, str) and who and isinstance(event, str) and event):
        return None
    words = _said(str(told.get("msgtype", "")), told).replace("\0", "")[:LONGEST_WORDS]
    at = moment(told.get("createAt"), now)
    return ChannelAnswer(event, Channel.DINGTALK, at, None, who, words) if words else None


_OTHERS = {
    "picture": not_text.PICTURE,
    "audio": not_text.VOICE,
    "video": not_text.VIDEO,
    "file": not_text.FILE,
}
"""What is no text, by DingTalk's words."""


def _said(kind: str, told: Mapping[str, Any]) -> str:
    """What a message says; of one that is no text, what it is."""
    text, content = told.get("text"), told.get("content")
    content = content if isinstance(content, dict) else {}
    if kind == "text":
        words = text.get("content") if isinstance(text, dict) else None
        return words.strip() if isinstance(words, str) else ""
    if kind == "richText":
        parts = content.get("richText")
        found = [
            part["text"].strip()
            for part in (parts if isinstance(parts, list) else ())
            if isinstance(part, dict) and isinstance(part.get("text"), str)
        ]
        return " ".join(filter(None, found)) or not_text.PICTURE
    heard = content.get("recognition") if kind == "audio" else ""  # what DingTalk makes of a voice
    return not_text.named(kind, _OTHERS, heard if isinstance(heard, str) else "")
