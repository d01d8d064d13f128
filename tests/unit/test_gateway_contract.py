"""What a county's gateway may send us, and what its answers mean."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from alerts.channels.model import Said, by_text
from bot.channels.contract import (
    BY_GATEWAY,
    LONGEST_EVENT,
    ContractFault,
    call_json,
    read_answer,
    read_report,
)
from bot.channels.events import Handle, OutgoingCall
from bot.channels.gateway import outcome_of
from bot.channels.sending import Outcome, Result
from contacts.channels import Cause, Channel, Receipt
from data.errors import InvalidInput

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
REPORT = {"event": "e-1", "id": "812-1", "state": "heard", "at": "2026-07-01T19:00:00+00:00"}
KEY = {"event": "e-2", "channel": "voice", "id": "812-1", "key": "1", "at": REPORT["at"]}
SMS = {
    "event": "e-3",
    "channel": "sms",
    "from": "199 0000 0010",
    "text": "收到",
    "at": REPORT["at"],
}


def fault(read: Any, told: Any) -> tuple[object, str]:
    body = told if isinstance(told, bytes) else orjson.dumps(told)
    with pytest.raises(InvalidInput) as refused:
        read(body)
    return refused.value.code, refused.value.facts["field"]


# ------------------------------------------------------------------------------------- reports


def test_a_report_says_how_far_a_call_came() -> None:
    report = read_report(orjson.dumps(REPORT | {"seconds": 12, "message_seconds": 11.5}))
    assert (report.handle, report.receipt, report.cause) == (Handle(812, 1), Receipt.HEARD, None)
    assert (report.seconds, report.message_seconds, report.at) == (12.0, 11.5, NOW)


def test_a_report_of_a_failure_says_why() -> None:
    report = read_report(orjson.dumps(REPORT | {"state": "failed", "cause": "powered_off"}))
    assert (report.receipt, report.cause) == (None, Cause.POWERED_OFF)


def test_times_of_other_zones_are_read() -> None:
    at = "2026-07-02T03:00:00+08:00"
    assert read_report(orjson.dumps(REPORT | {"at": at})).at == NOW


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"state": "rung"}, (ContractFault.UNKNOWN_WORD, "state")),
        ({"state": "failed", "cause": 5}, (ContractFault.WRONG_TYPE, "cause")),
        ({"event": ""}, (ContractFault.MISSING, "event")),
        ({"event": "e" * 101}, (ContractFault.TOO_LONG, "event")),
        ({"event": 5}, (ContractFault.WRONG_TYPE, "event")),
        ({"id": "812"}, (ContractFault.BAD_NUMBER, "id")),
        ({"id": "٨-1"}, (ContractFault.BAD_NUMBER, "id")),
        ({"id": 812}, (ContractFault.WRONG_TYPE, "id")),
        ({"id": "-812-1"}, (ContractFault.BAD_NUMBER, "id")),
        ({"at": "yesterday"}, (ContractFault.BAD_TIME, "at")),
        ({"at": "2026-07-01T19:00:00"}, (ContractFault.BAD_TIME, "at")),
        ({"at": "0001-01-01T00:00:00+14:00"}, (ContractFault.BAD_TIME, "at")),
        ({"seconds": -1}, (ContractFault.BAD_NUMBER, "seconds")),
        ({"seconds": True}, (ContractFault.WRONG_TYPE, "seconds")),
        ({"message_seconds": "9"}, (ContractFault.WRONG_TYPE, "message_seconds")),
    ],
)
def test_a_report_that_cannot_be_understood_names_the_field(
    changed: dict[str, Any], expected: tuple[ContractFault, str]
) -> None:
    assert fault(read_report, REPORT | changed) == expected


def test_a_cause_that_nobody_foresaw_is_a_failure_all_the_same() -> None:
    told = read_report(orjson.dumps(REPORT | {"state": "failed", "cause": "fog 13900000001"}))
    assert (told.receipt, told.cause, told.unforeseen) == (None, None, "cause fog …")
    for nothing in ("none", "fog", "ok"):
        heard = read_report(orjson.dumps(REPORT | {"state": "heard", "cause": nothing}))
        assert (heard.receipt, heard.cause, heard.unforeseen) == (Receipt.HEARD, None, "")
    # Its state is looked at, whatever else it says.
    wrong = REPORT | {"state": "rung", "cause": "fog"}
    assert fault(read_report, wrong) == (ContractFault.UNKNOWN_WORD, "state")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"null", b'"e"', b"NaN"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    code, field = fault(read_report, body)
    assert code in (ContractFault.NOT_JSON, ContractFault.WRONG_TYPE) and field == ""


# ------------------------------------------------------------------------------------- answers


def test_a_key_names_its_call_and_an_sms_its_number() -> None:
    key, sms = read_answer(orjson.dumps(KEY)), read_answer(orjson.dumps(SMS))
    assert (key.channel, key.handle, key.what) == (Channel.VOICE, Handle(812, 1), "1")
    assert (sms.channel, sms.handle, sms.what) == (Channel.SMS, None, "收到")
    assert sms.who == "+8619900000010"


def test_a_long_sms_is_cut_and_still_no_answer() -> None:
    long = read_answer(orjson.dumps(SMS | {"text": "收到" + "，立即转移" * 200})).what
    assert long.startswith("收到，立即转移") and by_text(long) is Said.OTHER


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (KEY | {"channel": "telegram"}, (ContractFault.UNKNOWN_WORD, "channel")),
        (KEY | {"channel": "email"}, (ContractFault.UNKNOWN_WORD, "channel")),
        (KEY | {"id": None}, (ContractFault.MISSING, "id")),
        (KEY | {"key": ""}, (ContractFault.MISSING, "key")),
        (SMS | {"from": None}, (ContractFault.MISSING, "from")),
        (SMS | {"from": "nobody"}, (ContractFault.BAD_NUMBER, "from")),
        (SMS | {"text": 1}, (ContractFault.WRONG_TYPE, "text")),
        (SMS | {"text": None}, (ContractFault.MISSING, "text")),
    ],
)
def test_an_answer_that_cannot_be_understood_names_the_field(
    told: dict[str, Any], expected: tuple[ContractFault, str]
) -> None:
    assert fault(read_answer, told) == expected


# ---------------------------------------------------------------------- what a gateway says to us


@pytest.mark.parametrize(
    ("status", "body", "retry_after", "expected"),
    [
        (202, b'{"provider_id":"p1"}', None, Outcome(Result.ACCEPTED, "p1")),
        (200, b"<html>", None, Outcome(Result.ACCEPTED)),
        (201, b'{"provider_id":7}', None, Outcome(Result.ACCEPTED)),
        (409, b"", None, Outcome(Result.ACCEPTED)),
        (
            422,
            b'{"cause":"no_such_number"}',
            None,
            Outcome(Result.REFUSED, None, Cause.NO_SUCH_NUMBER),
        ),
        (400, b'{"cause":"fog"}', None, Outcome(Result.REFUSED)),
        (429, b"", "7", Outcome(Result.LATER, after=7.0)),
        (503, b"", "30", Outcome(Result.LATER, after=30.0)),
        (429, b"", "Wed, 21 Oct 2026 07:28:00 GMT", Outcome(Result.LATER)),
        (401, b"", None, Outcome(Result.LATER)),
        (404, b"", None, Outcome(Result.LATER)),
        (302, b"", None, Outcome(Result.LATER)),
        (500, b"", None, Outcome(Result.UNCERTAIN)),
    ],
)
def test_what_a_gateways_answer_means(
    status: int, body: bytes, retry_after: str | None, expected: Outcome
) -> None:
    assert outcome_of(status, body, retry_after) == expected


# ------------------------------------------------------------------------------ the OpenAPI file


def test_the_openapi_file_says_what_the_code_does() -> None:
    """No reader of YAML is installed: what must agree is looked for as text."""
    text = (Path(__file__).parents[2] / "docs/gateway.openapi.yaml").read_text(encoding="utf-8")
    call = OutgoingCall(
        Handle(1, 1), Channel.SMS, "call", "+8619900000010", "t", {}, {}, 0.0, False, NOW
    )
    schema = text[text.index("    Call:\n") : text.index("    Report:\n")]
    assert f"required: [{', '.join(call_json(call))}]" in schema
    words = text[text.index("    Cause:\n") : text.index("    Call:\n")]
    assert f"[{', '.join(cause.value for cause in Cause)}]" in words
    assert f"maxLength: {LONGEST_EVENT}" in words and "enum" not in words, "any word is taken"
    assert f"[{', '.join([receipt.value for receipt in Receipt] + ['failed'])}]" in text
    assert f"enum: [{', '.join(channel.value for channel in BY_GATEWAY)}]" in text
