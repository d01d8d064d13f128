"""What jiaoying and a county's gateway say to each other, as JSON. Pure.

``docs/channels.md`` explains it and ``docs/gateway.openapi.yaml`` writes it down for programs.
Every call we hand over bears an ``id``: whatever comes twice with the same id is the same call.
Every report and answer bears an ``event``: we take each event once, however often it comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar

import orjson

from alerts.typed_answers import LONGEST
from bot.channels.events import CallReport, ChannelAnswer, Handle, OutgoingCall
from bot.channels.unforeseen import in_words
from contacts.channels import Cause, Channel, Receipt
from contacts.phones import normalise
from data.errors import InvalidInput

CALLS_PATH = "/v1/calls"
REPORTS_PATH = "/v1/reports"
ANSWERS_PATH = "/v1/answers"

LONGEST_EVENT = 100  # characters of an event's id
LONGEST_TEXT = LONGEST + 1
"""Characters of an SMS that are kept: so long a text is no answer; officers read its beginning."""

LONGEST_CALL_SECONDS = 3600.0
MOST_CALLS = 100
"""Calls in one answer to a gateway that fetches them."""

BY_GATEWAY = (Channel.VOICE, Channel.SMS)
"""Channels that a county's gateway serves."""

E = TypeVar("E", bound=Enum)


class ContractFault(Enum):
    """What is wrong with a body that a gateway sent."""

    NOT_JSON = "not_json"
    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_WORD = "unknown_word"
    BAD_NUMBER = "bad_number"
    BAD_TIME = "bad_time"
    TOO_LONG = "too_long"


def call_json(call: OutgoingCall) -> dict[str, Any]:
    """A call as it stands in a request to the gateway."""
    return {
        "id": str(call.handle),
        "channel": call.channel.value,
        "kind": call.kind,
        "to": call.to,
        "text": call.text,
        "variables": dict(call.variables),
        "keys": dict(call.keys),
        "seconds": call.seconds,
        "exercise": call.exercise,
        "valid_until": call.valid_until.astimezone(UTC).isoformat(timespec="seconds"),
    }


def read_report(body: bytes) -> CallReport:
    """A report from the gateway.

    :raises InvalidInput: with a ``ContractFault`` and the ``field``.
    """
    told = _object(body)
    failed = _text(told, "state", LONGEST_EVENT) == "failed"
    cause, unforeseen = None, ""
    if told.get("cause") is not None:
        word = _text(told, "cause", LONGEST_EVENT)
        cause = next((known for known in Cause if known.value == word), None)
        if failed and cause is None:  # that nobody was reached is not to be lost with the word
            unforeseen = in_words("cause", word)
    return CallReport(
        event=_text(told, "event", LONGEST_EVENT),
        handle=_handle(told),
        at=_time(told),
        receipt=None if failed else _word(told, "state", Receipt),
        cause=cause,
        unforeseen=unforeseen,
        seconds=_seconds(told, "seconds"),
        message_seconds=_seconds(told, "message_seconds"),
    )


def read_answer(body: bytes) -> ChannelAnswer:
    """An answer from the gateway: a key, or the text of an SMS.

    :raises InvalidInput: with a ``ContractFault`` and the ``field``.
    """
    told = _object(body)
    channel = _word(told, "channel", Channel)
    if channel not in BY_GATEWAY:
        raise InvalidInput(ContractFault.UNKNOWN_WORD, field="channel")
    number = _optional_text(told, "from", LONGEST_EVENT)
    if number is not None:
        try:
            number = normalise(number)
        except InvalidInput as error:
            raise InvalidInput(ContractFault.BAD_NUMBER, field="from") from error
    of_a_call = channel is Channel.VOICE or told.get("id") is not None
    if channel is Channel.SMS and number is None:
        raise InvalidInput(ContractFault.MISSING, field="from")
    return ChannelAnswer(
        event=_text(told, "event", LONGEST_EVENT),
        channel=channel,
        at=_time(told),
        handle=_handle(told) if of_a_call else None,
        who=number,
        what=_text(told, "key", LONGEST_EVENT) if channel is Channel.VOICE else _words(told),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(ContractFault.NOT_JSON, field="") from error
    if not isinstance(told, dict):
        raise InvalidInput(ContractFault.WRONG_TYPE, field="")
    return told


def _text(told: Mapping[str, Any], field: str, longest: int) -> str:
    value = told.get(field)
    if isinstance(value, str):
        value = value.replace("\0", "")  # no database of ours keeps one
    if value is None or value == "":
        raise InvalidInput(ContractFault.MISSING, field=field)
    if not isinstance(value, str):
        raise InvalidInput(ContractFault.WRONG_TYPE, field=field)
    if len(value) > longest:
        raise InvalidInput(ContractFault.TOO_LONG, field=field)
    return value


def _words(told: Mapping[str, Any]) -> str:
    """What somebody wrote: they may write as much as they like, and it is not refused."""
    text = told.get("text")
    return _text({"text": text[:LONGEST_TEXT] if isinstance(text, str) else text}, "text", 1000)


def _optional_text(told: Mapping[str, Any], field: str, longest: int) -> str | None:
    return None if told.get(field) in (None, "") else _text(told, field, longest)


def _word(told: Mapping[str, Any], field: str, words: type[E]) -> E:
    text = _text(told, field, LONGEST_EVENT)
    try:
        return words(text)
    except ValueError as error:
        raise InvalidInput(ContractFault.UNKNOWN_WORD, field=field) from error


def _handle(told: Mapping[str, Any]) -> Handle:
    """What we called it when we handed it over."""
    handle = Handle.read(_text(told, "id", LONGEST_EVENT))
    if handle is None:
        raise InvalidInput(ContractFault.BAD_NUMBER, field="id")
    return handle


def _time(told: Mapping[str, Any]) -> datetime:
    text = _text(told, "at", LONGEST_EVENT)
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(ContractFault.BAD_TIME, field="at") from error


def _seconds(told: Mapping[str, Any], field: str) -> float | None:
    value = told.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(ContractFault.WRONG_TYPE, field=field)
    if not 0 <= value <= LONGEST_CALL_SECONDS:
        raise InvalidInput(ContractFault.BAD_NUMBER, field=field)
    return float(value)
