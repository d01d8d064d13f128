"""What the webhooks of group robots take and answer. Pure.

WeCom: developer.work.weixin.qq.com/document/path/91770. Feishu: open.feishu.cn, custom bot guide.
DingTalk: open.dingtalk.com, custom robot access. All three answer 200 whatever happened: what it
was stands in the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

import orjson
from yarl import URL

LONGEST_WECOM = 2048
"""Bytes of a text in WeCom."""

LONGEST = 15_000
"""Bytes of a text in the others, whose whole requests may be 20,000."""


class Brand(Enum):
    """Whose robot it is."""

    WECOM = "wecom"
    FEISHU = "feishu"
    DINGTALK = "dingtalk"


class Heard(Enum):
    """What a robot's server said to a post."""

    TAKEN = "taken"
    LATER = "later"  # busy, down, or too many in a minute
    NEVER = "never"  # no such robot, a wrong signature, a word that must be in the text


class Asked(NamedTuple):
    """A request to a webhook."""

    url: URL
    body: bytes


def longest_text(kind: str) -> int:
    """Bytes of UTF-8 that a kind of robot takes in one text."""
    return LONGEST_WECOM if kind == Brand.WECOM.value else LONGEST


def request(brand: Brand, url: str, secret: str, text: str, now: datetime) -> Asked:
    """The request that posts ``text``.

    :param secret: the robot's, where it wants requests signed; empty: it does not.
    """
    return _REQUESTS[brand](URL(url), secret, text, now)


def heard(status: int, body: bytes) -> tuple[Heard, str]:
    """What an answer means, and its code for the log."""
    if status == 429 or status >= 500:
        return Heard.LATER, str(status)
    if status != 200:
        return Heard.NEVER, str(status)
    told = _told(body)
    code = next((told[key] for key in ("errcode", "code", "StatusCode") if key in told), None)
    if code == 0:
        return Heard.TAKEN, "0"
    return (Heard.LATER if code is None or code in _BUSY else Heard.NEVER), str(code)


_BUSY = frozenset(
    {
        -1,  # WeCom, DingTalk: the system is busy
        45009,  # WeCom: more than 20 a minute
        45033,  # WeCom: too many at the same time
        130101,  # DingTalk: more than 20 a minute
        410100,  # DingTalk: the same, since 2022
        11232,  # Feishu: too often
        11233,
        11247,
    }
)


def _wecom(url: URL, _secret: str, text: str, _now: datetime) -> Asked:
    return _as_json(url, {"msgtype": "text", "text": {"content": _cut(text, LONGEST_WECOM)}})


def _dingtalk(url: URL, secret: str, text: str, now: datetime) -> Asked:
    if secret:
        timestamp = str(int(now.timestamp() * 1000))
        signature = _signature(secret, f"{timestamp}\n{secret}")
        url = url.update_query(timestamp=timestamp, sign=signature)
    return _as_json(url, {"msgtype": "text", "text": {"content": _cut(text, LONGEST)}})


def _feishu(url: URL, secret: str, text: str, now: datetime) -> Asked:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": _cut(text, LONGEST)}}
    if secret:
        timestamp = str(int(now.timestamp()))
        # The text that is signed is the key, and nothing is signed with it.
        body |= {"timestamp": timestamp, "sign": _signature(f"{timestamp}\n{secret}", "")}
    return _as_json(url, body)


_REQUESTS: Mapping[Brand, Callable[[URL, str, str, datetime], Asked]] = {
    Brand.WECOM: _wecom,
    Brand.FEISHU: _feishu,
    Brand.DINGTALK: _dingtalk,
}


def _signature(key: str, text: str) -> str:
    made = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def _as_json(url: URL, body: Mapping[str, Any]) -> Asked:
    return Asked(url, orjson.dumps(body))


def _cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, cut between characters."""
    whole = text.encode()
    if len(whole) <= most:
        return text
    return whole[: most - len("…".encode())].decode(errors="ignore") + "…"


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
