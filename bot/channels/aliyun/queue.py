"""The queue from which an office fetches what Aliyun tells: no address of its own is needed. Pure.

``QueryTokenForMnsQueue`` lends a key for one queue; with it messages are received and, once taken
in, deleted. What is not deleted within the queue's time comes again.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from bot.channels.aliyun.receipts import MessageType
from bot.channels.aliyun.signing import signed_call, signed_for_queue
from bot.channels.aliyun.wire import VERSION
from bot.channels.cloud import CloudReply, CloudRequest
from bot.config.settings_clouds import AliyunSettings

MOST_MESSAGES = 16
"""In one answer, by the queue's rules."""

WAIT_SECONDS = 10
"""For so long the queue keeps a request until something comes (ours; at most 30)."""

BEFORE_ITS_END = timedelta(minutes=2)
"""So long before a lent key ends another one is asked for, as Aliyun's examples do."""

_NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"


@dataclass(frozen=True, slots=True)
class LentKey:
    """A key for one queue, good for a while; its text is secret."""

    key_id: str
    key_secret: str
    token: str
    until: datetime

    def __repr__(self) -> str:
        return f"LentKey(until={self.until.isoformat()})"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a queue; ``receipt`` deletes it."""

    id: str
    receipt: str
    body: bytes


def type_of(queue: str) -> MessageType | None:
    """What a queue is for, by its name: ``Alicom-Queue-1234-SmsUp``."""
    last = queue.rpartition("-")[2]
    return next((kind for kind in MessageType if kind.value == last), None)


def token_request(
    queue: str, kind: MessageType, settings: AliyunSettings, now: datetime, nonce: str
) -> CloudRequest:
    """Ask for a key to a queue."""
    return signed_call(
        settings.token_url,
        "QueryTokenForMnsQueue",
        VERSION,
        {"MessageType": kind.value, "QueueName": queue},
        settings.access_key_id,
        settings.access_key_secret.reveal(),
        now,
        nonce,
    )


def lent_key(reply: CloudReply, now: datetime) -> LentKey | None:
    """The key that was lent; ``None``: none was.

    Its times bear no zone: it is as long good as they are apart.
    """
    told = reply.told().get("MessageTokenDTO")
    if not isinstance(told, dict):
        return None
    names = ("AccessKeyId", "AccessKeySecret", "SecurityToken", "CreateTime", "ExpireTime")
    key_id, secret, token, made, ends = (str(told.get(name) or "") for name in names)
    if not (key_id and secret and token):
        return None
    try:
        good_for = _moment(ends) - _moment(made)
    except ValueError:
        good_for = timedelta(minutes=30)  # theirs are an hour and more
    return LentKey(key_id, secret, token, now + max(good_for - BEFORE_ITS_END, timedelta()))


def receive_request(queue: str, key: LentKey, url: str, now: datetime) -> CloudRequest:
    """Ask for the next messages; the queue waits for some."""
    resource = f"{_messages(queue)}?numOfMessages={MOST_MESSAGES}&waitseconds={WAIT_SECONDS}"
    return signed_for_queue("GET", url, resource, key.key_id, key.key_secret, key.token, now)


def delete_request(
    queue: str, receipts: Iterable[str], key: LentKey, url: str, now: datetime
) -> CloudRequest:
    """Say that these messages are taken in."""
    handles = "".join(f"<ReceiptHandle>{escape(one)}</ReceiptHandle>" for one in receipts)
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<ReceiptHandles xmlns="{_NAMESPACE}">{handles}</ReceiptHandles>'
    )
    return signed_for_queue(
        "DELETE", url, _messages(queue), key.key_id, key.key_secret, key.token, now, body.encode()
    )


def messages_in(reply: CloudReply) -> list[Message] | None:
    """What was received, empty when there is nothing; ``None``: the queue refused."""
    root = _xml(reply.body)
    if root is None:
        return None
    if reply.status != 200:
        nothing = reply.status == 404 and _child(root, "Code") == "MessageNotExist"
        return [] if nothing else None
    found = []
    for item in root.iter(f"{{{_NAMESPACE}}}Message"):
        receipt, body = _child(item, "ReceiptHandle"), _child(item, "MessageBody")
        if receipt:
            found.append(Message(_child(item, "MessageId"), receipt, _body(body)))
    return found


def _messages(queue: str) -> str:
    return f"/queues/{queue}/messages"


def _xml(body: bytes) -> ElementTree.Element | None:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:  # an answer of theirs has none
        return None
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None


def _child(item: ElementTree.Element, name: str) -> str:
    return (item.findtext(f"{{{_NAMESPACE}}}{name}") or "").strip()


def _body(text: str) -> bytes:
    """A message's JSON: as it is, or in base64."""
    if text.startswith(("{", "[")):
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - only compared
