"""What Feishu says over its long connection and what is answered, as data. Pure.

Sources: open.feishu.cn, "卡片回传交互" (``card.action.trigger``, answered within 3 seconds),
"接收消息" (``im.message.receive_v1``), "消息已读" (``im.message.message_read_v1``),
"使用长连接接收回调"; for the frames Feishu's Python client.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from yarl import URL

from bot.channels import not_text
from bot.channels.events import ChannelAnswer
from bot.channels.feishu.frames import CONTROL, Frame
from bot.channels.moments import moment
from bot.channels.reference import read_reference
from contacts.channels import Channel

ENDPOINT_PATH = "/callback/ws/endpoint"

PRESSED = "card.action.trigger"
WROTE = "im.message.receive_v1"
READ = "im.message.message_read_v1"

PING_SECONDS = 120.0
"""Unless Feishu says otherwise."""

LONGEST_WORDS = 1000  # characters of what somebody wrote; officers read its beginning

PARTS_KEPT = timedelta(seconds=5)
"""How long the parts of one message may be on their way."""

MOST_PARTS = 64

MOST_UNFINISHED = 64
"""Messages of which parts are missing (ours): the oldest gives way."""


def endpoint_request(app_id: str, app_secret: str) -> dict[str, str]:
    """The body that asks where to connect."""
    return {"AppID": app_id, "AppSecret": app_secret}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect. The address holds a key."""

    url: str
    service: int
    ping_seconds: float


def endpoint_of(told: Mapping[str, Any]) -> Endpoint | None:
    """Where Feishu wants the connection; ``None``: it does not say."""
    data = told.get("data")
    if told.get("code") != 0 or not isinstance(data, dict) or not isinstance(data.get("URL"), str):
        return None
    service = URL(data["URL"]).query.get("service_id", "")
    return Endpoint(
        data["URL"],
        int(service) if service.isascii() and service.isdigit() else 0,
        _ping_seconds(data.get("ClientConfig")) or PING_SECONDS,
    )


def pinged_every(config: bytes) -> float | None:
    """How often a pong says that Feishu wants to be pinged, in seconds.

    :raises ValueError: it is no JSON.
    """
    return _ping_seconds(orjson.loads(config))


def _ping_seconds(config: Any) -> float | None:
    seconds = config.get("PingInterval") if isinstance(config, dict) else None
    return float(seconds) if isinstance(seconds, int) and 1 <= seconds <= 3600 else None


def ping(service: int) -> Frame:
    """What is said now and then."""
    return Frame(CONTROL, {"type": "ping"}, service=service)


def answer_to(frame: Frame, code: int, told: Mapping[str, Any] | None, millis: int) -> Frame:
    """The frame that answers another one.

    :param told: the body of the answer to a callback; events have none.
    :param millis: how long it took.
    """
    body: dict[str, Any] = {"code": code}
    if told is not None:
        body["data"] = base64.b64encode(orjson.dumps(told)).decode()
    headers = frame.headers | {"biz_rt": str(millis)}
    return replace(frame, headers=headers, payload=orjson.dumps(body))


def toast(words: str, kind: str) -> dict[str, Any]:
    """What appears for a moment. ``kind``: success, info, warning, error."""
    return {"toast": {"type": kind, "content": words}}


def with_card(told: dict[str, Any], card: Mapping[str, Any]) -> dict[str, Any]:
    """The same, and the card looks like this from now on."""
    return told | {"card": {"type": "raw", "data": dict(card)}}


def read_event(payload: bytes, now: datetime) -> ChannelAnswer | None:
    """The answer that an event or a callback is; ``None``: it is about something else.

    :raises ValueError: it is not Feishu's JSON.
    """
    told = orjson.loads(payload)
    if not isinstance(told, dict):
        raise ValueError("no object")
    header, event = _part(told, "header"), _part(told, "event")
    kind, event_id = header.get("event_type"), header.get("event_id")
    if not isinstance(event_id, str) or not event_id:
        return None
    at = moment(header.get("create_time"), now)
    if kind == PRESSED:
        value = _part(_part(event, "action"), "value")
        named, key = read_reference(str(value.get("call", ""))), value.get("key")
        who = _part(event, "operator").get("open_id")
        if named is None or not isinstance(key, str) or not isinstance(who, str):
            return None
        handle, queued = named
        what = key[:LONGEST_WORDS]
        return ChannelAnswer(event_id, Channel.FEISHU, at, handle, who, what, queued)
    if kind == WROTE:
        return _words(event_id, event, at)
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody read messages of ours, by Feishu's names for them."""

    event: str
    at: datetime
    messages: tuple[str, ...]


def read_reading(payload: bytes, now: datetime) -> Reading | None:
    """What was read; ``None``: the event is about something else.

    :raises ValueError: it is not Feishu's JSON.
    """
    told = orjson.loads(payload)
    if not isinstance(told, dict):
        raise ValueError("no object")
    header, event = _part(told, "header"), _part(told, "event")
    names, event_id = event.get("message_id_list"), header.get("event_id")
    if header.get("event_type") != READ or not isinstance(event_id, str):
        return None
    if not isinstance(names, list):
        return None
    at = moment(_part(event, "reader").get("read_time"), now)
    return Reading(event_id, at, tuple(name for name in names if isinstance(name, str)))


def is_press(payload: bytes) -> bool:
    """Whether somebody waits for the answer to this."""
    try:
        told = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return False
    return isinstance(told, dict) and _part(told, "header").get("event_type") == PRESSED


def _words(event_id: str, event: Mapping[str, Any], at: datetime) -> ChannelAnswer | None:
    """What a person wrote to the bot alone."""
    message, sender = _part(event, "message"), _part(event, "sender")
    who = _part(sender, "sender_id").get("open_id")
    if sender.get("sender_type") != "user" or message.get("chat_type") != "p2p":
        return None
    if not isinstance(who, str):
        return None
    try:
        content = orjson.loads(str(message.get("content", "")))
    except orjson.JSONDecodeError:
        content = None
    words = _said(
        str(message.get("message_type", "")), content if isinstance(content, dict) else {}
    )
    words = words.replace("\0", "")[:LONGEST_WORDS]
    return ChannelAnswer(event_id, Channel.FEISHU, at, None, who, words) if words else None


_OTHERS = {
    "image": not_text.PICTURE,
    "audio": not_text.VOICE,
    "media": not_text.VIDEO,
    "file": not_text.FILE,
    "location": not_text.PLACE,
    "sticker": not_text.STICKER,
}
"""What is no text, by Feishu's words."""


def _said(kind: str, content: Mapping[str, Any]) -> str:
    """What a message says; of one that is no text, what it is."""
    if kind == "text":
        text = content.get("text")
        return text.strip() if isinstance(text, str) else ""
    if kind == "post":  # with paragraphs, as pasted text is
        lines = content.get("content")
        parts = [
            part.get("text", "")
            for line in (lines if isinstance(lines, list) else ())
            for part in (line if isinstance(line, list) else ())
            if isinstance(part, dict) and isinstance(part.get("text", ""), str)
        ]
        title = content.get("title")
        parts.insert(0, title if isinstance(title, str) else "")
        return " ".join(filter(None, (part.strip() for part in parts))) or not_text.PICTURE
    name = content.get("name") if kind == "location" else ""
    return not_text.named(kind, _OTHERS, name if isinstance(name, str) else "")


def _part(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = told.get(key)
    return part if isinstance(part, dict) else {}


class Parts:
    """Puts messages together that come in several frames (``sum``, ``seq``)."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, dict[int, bytes]]] = {}

    def whole(self, frame: Frame, now: datetime) -> bytes | None:
        """The payload, once all of it is there.

        :raises ValueError: headers that make no sense.
        """
        count, place = int(frame.headers.get("sum", "1")), int(frame.headers.get("seq", "0"))
        if count <= 1:
            return frame.payload
        if not (count <= MOST_PARTS and 0 <= place < count):
            raise ValueError("parts that make no sense")
        self._kept = {name: kept for name, kept in self._kept.items() if now - kept[0] < PARTS_KEPT}
        name = frame.headers.get("message_id", "")
        if name not in self._kept and len(self._kept) >= MOST_UNFINISHED:
            del self._kept[next(iter(self._kept))]
        _, parts = self._kept.setdefault(name, (now, {}))
        parts[place] = frame.payload
        if len(parts) < count:
            return None
        del self._kept[name]
        return b"".join(parts[number] for number in range(count))
