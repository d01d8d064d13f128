"""What Aliyun tells of calls and SMS, by callback and by queue: the same in both. Pure.

``VoiceReport``: a call is over. ``VoiceCallReport``: what happens in one; only a key (300000) is of
interest. ``SmsReport``: whether an SMS arrived. ``SmsUp``: somebody wrote back. Each is a JSON
object, and a callback brings an array of them. Times are Beijing's, without a zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from bot.channels.carrier_words import cause_of
from bot.channels.events import CallReport, ChannelAnswer
from bot.channels.stamped_names import Named, read_name
from contacts.channels import Cause, Channel, Receipt
from contacts.phones import normalise
from data.errors import InvalidInput

BEIJING = ZoneInfo("Asia/Shanghai")

LONGEST_CALL = 3600.0  # seconds
LONGEST_WORDS = 1000  # characters of an SMS


class MessageType(Enum):
    """Kinds of messages, as Aliyun calls them."""

    VOICE_REPORT = "VoiceReport"
    VOICE_CALL_REPORT = "VoiceCallReport"
    SMS_REPORT = "SmsReport"
    SMS_UP = "SmsUp"


class Unreadable(Enum):
    """What is wrong with what Aliyun sent."""

    NOT_JSON = "not_json"
    NOT_OBJECTS = "not_objects"


Heard = CallReport | ChannelAnswer

_KEY = "300000"

# The finer word counts first: smart_status_code, then early_media_code, then status_code.
_SMART: Mapping[str, Cause] = {
    "POWERED_OFF": Cause.POWERED_OFF,
    "SUSPEND": Cause.SUSPENDED,
    "INVALID_NUMBER": Cause.NO_SUCH_NUMBER,
    "CALL_REJECTED": Cause.REJECTED,
    "USER_BUSY": Cause.BUSY,
    "NO_ANSWER": Cause.NO_ANSWER,
    "NO_USER_RESPONDING": Cause.OUT_OF_REACH,
    "UNAVAILABLE": Cause.OUT_OF_REACH,
    "OPERATOR_BLOCK": Cause.CARRIER_BLOCKED,
    "INCOMING_CALL_BARRED": Cause.CARRIER_BLOCKED,
    # A mailbox or an assistant picked up: the person has heard nothing.
    "CALL_FORWARDING": Cause.NO_ANSWER,
    "INTELLIGENT_ANSWER": Cause.NO_ANSWER,
}
_STATUS: Mapping[str, Cause] = {
    "200002": Cause.BUSY,
    "200112": Cause.BUSY,
    "200003": Cause.NO_ANSWER,
    "200113": Cause.NO_ANSWER,
    "200004": Cause.NO_SUCH_NUMBER,
    "200116": Cause.NO_SUCH_NUMBER,
    "482": Cause.NO_SUCH_NUMBER,
    "200005": Cause.OUT_OF_REACH,  # 无法接通: rejected, a filter, the carrier; nobody knows which
    "200111": Cause.REJECTED,
    "200007": Cause.OUT_OF_REACH,
    "200120": Cause.OUT_OF_REACH,
    "200010": Cause.POWERED_OFF,
    "200011": Cause.SUSPENDED,
    "200012": Cause.CARRIER_BLOCKED,
    "200105": Cause.CARRIER_BLOCKED,
}
_HEARD = "200000"
_PICKED_UP = frozenset({"200001", "200008", "200100", "200103"})
"""Hung up early, no key in time, the call is over."""


def read_all(kind: MessageType, body: bytes, now: datetime) -> list[Heard]:
    """What a callback brings, or one message of the queue, in order.

    What is about nothing of ours, or tells nothing that counts, is left out.

    :raises InvalidInput: with ``Unreadable``: it is not what Aliyun sends.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(Unreadable.NOT_JSON) from error
    items = told if isinstance(told, list) else [told]
    if not all(isinstance(item, dict) for item in items):
        raise InvalidInput(Unreadable.NOT_OBJECTS)
    return [heard for item in items for heard in _READ[kind](item, now)]


def _voice_report(item: Mapping[str, Any], now: datetime) -> Iterator[Heard]:
    named = read_name(_text(item, "out_id"))
    if named is None:
        return
    call, at = _text(item, "call_id") or str(named.handle), _time(item, "end_time", now)
    # The key first: an answered call is not rung again, however short it was.
    if key := _key(_text(item, "dtmf")):
        yield _pressed(call, named, _number(item, "callee"), key, at)
    seconds, status = _seconds(item, "duration"), _text(item, "status_code")
    receipt, cause = None, _SMART.get(_text(item, "smart_status_code"))
    if cause is not None:
        pass
    elif status == _HEARD:
        receipt, seconds = Receipt.HEARD, None  # to the end, says whoever played it
    elif status in _PICKED_UP:
        # By its seconds it was heard, or it was not.
        receipt, cause = (Receipt.DELIVERED, None) if seconds else (None, Cause.CUT_SHORT)
    else:
        cause = _STATUS.get(_text(item, "early_media_code"), _STATUS.get(status))
    event = f"aliyun {call}"
    yield CallReport(event, named.handle, at, receipt, cause, seconds, queued=named.queued)


def _voice_call_report(item: Mapping[str, Any], now: datetime) -> Iterator[Heard]:
    named, key = read_name(_text(item, "out_id")), _key(_text(item, "dtmf"))
    if named is None or not key or _text(item, "status_code") != _KEY:
        return
    call = _text(item, "call_id") or str(named.handle)
    yield _pressed(call, named, _number(item, "callee"), key, _time(item, "status_time", now))


def _sms_report(item: Mapping[str, Any], now: datetime) -> Iterator[Heard]:
    named = read_name(_text(item, "out_id"))
    if named is None:
        return
    arrived = item.get("success") is True or _text(item, "success").lower() == "true"
    cause = None if arrived else cause_of(_text(item, "err_code"), _text(item, "err_msg"))
    yield CallReport(
        f"aliyun {_text(item, 'biz_id')} {named.handle}",
        named.handle,
        _time(item, "report_time", now),
        Receipt.DELIVERED if arrived else None,
        cause,
        queued=named.queued,
    )


def _sms_up(item: Mapping[str, Any], now: datetime) -> Iterator[Heard]:
    who, what = _number(item, "phone_number"), _text(item, "content")[:LONGEST_WORDS]
    if who is None or not what.strip():
        return
    at, sequence = _time(item, "send_time", now), _text(item, "sequence_id")
    event = sequence or f"{at.isoformat()} {what}"
    yield ChannelAnswer(f"aliyun {who} {event}", Channel.SMS, at, None, who, what)


_READ = {
    MessageType.VOICE_REPORT: _voice_report,
    MessageType.VOICE_CALL_REPORT: _voice_call_report,
    MessageType.SMS_REPORT: _sms_report,
    MessageType.SMS_UP: _sms_up,
}


def _pressed(call: str, named: Named, who: str | None, key: str, at: datetime) -> ChannelAnswer:
    """Told twice, in the call and at its end, a key has one name: it counts once."""
    event = f"aliyun {call} {key}"
    return ChannelAnswer(event, Channel.VOICE, at, named.handle, who, key, queued=named.queued)


def _key(keys: str) -> str:
    """The key that counts of all that were pressed: help before received, else the last one."""
    return next((key for key in "21" if key in keys), keys.strip()[-1:])


def _text(item: Mapping[str, Any], field: str) -> str:
    value = item.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _number(item: Mapping[str, Any], field: str) -> str | None:
    try:
        return normalise(_text(item, field))
    except InvalidInput:
        return None


def _seconds(item: Mapping[str, Any], field: str) -> float | None:
    text = _text(item, field)
    if not (text.isascii() and text.isdigit()):
        return None
    return min(float(text), LONGEST_CALL)


def _time(item: Mapping[str, Any], field: str, now: datetime) -> datetime:
    text = _text(item, field)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S"):
        try:
            return min(datetime.strptime(text, form).replace(tzinfo=BEIJING).astimezone(UTC), now)
        except (ValueError, OverflowError):
            continue
    return now
