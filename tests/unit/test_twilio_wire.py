"""Twilio's wire: signatures as published, what is asked and spoken, what it tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from alerts.channels.model import Trouble
from bot.channels.cloud import CloudReply
from bot.channels.events import CallReport, Handle, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.twilio.wire import (
    LONGEST_TWIML,
    asking,
    is_signed,
    outcome_of,
    read_call,
    read_key,
    read_sms,
    read_sms_status,
    request,
    signature,
    spoken_answer,
    written_answer,
)
from bot.config.reader import Secret
from bot.config.settings_clouds import TwilioSettings
from contacts.channels import Cause, Channel, Receipt

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
SETTINGS = TwilioSettings("AC1", Secret("12345"), from_number="+15005550006")
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL.replace(".com", ".com:1234"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),  # signed with port 443
        (URL.replace("https", "http"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),  # with port 80
    ],
)
def test_signatures_that_twilio_publishes(url: str, given: str) -> None:
    assert is_signed("12345", url, FIELDS.items(), given)
    assert not is_signed("12346", url, FIELDS.items(), given)
    assert not is_signed("12345", url, (FIELDS | {"Digits": "1"}).items(), given)
    assert not is_signed("12345", url, FIELDS.items(), "")
    assert not is_signed("12345", url + "\udcff", FIELDS.items(), "\udcff")


def test_an_address_without_a_name_is_signed_with_its_port_or_without() -> None:
    given = signature("12345", "https://[2001:db8::1]/twilio/sms", FIELDS.items())
    assert is_signed("12345", "https://[2001:db8::1]:8443/twilio/sms", FIELDS.items(), given)
    assert is_signed("12345", "https://[2001:db8::1]/twilio/sms", FIELDS.items(), given)


def test_a_field_that_comes_twice_is_signed_with_both_values() -> None:
    pairs = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
    assert signature("12345", URL, pairs) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


def call(channel: Channel, text: str) -> OutgoingCall:
    return OutgoingCall(
        Handle(812, 1), channel, "call", "+15005550010", text, {}, {}, 10.0, False, NOW
    )


def test_a_call_bears_its_words_and_where_the_key_goes() -> None:
    made = request(call(Channel.VOICE, "转移 <低洼地> & 报告"), SETTINGS, "https://a.example/cb/")
    asked = {name: value for name, [value] in parse_qs(made.body.decode()).items()}
    assert made.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json"
    assert made.headers["Authorization"] == "Basic QUMxOjEyMzQ1"
    assert asked["StatusCallback"] == "https://a.example/cb/twilio/call?call=812-1"
    gather = ElementTree.fromstring(asked["Twiml"])[0]
    assert gather.get("action") == "https://a.example/cb/twilio/key?call=812-1"
    say = gather[0]
    assert (say.text, say.get("language")) == ("转移 <低洼地> & 报告", "zh-CN")
    sms = request(call(Channel.SMS, "Evacuate"), SETTINGS, "https://a.example/cb/")
    assert b"Body=Evacuate" in sms.body and sms.url.endswith("/Messages.json")


def test_words_too_long_for_a_call_keep_what_the_keys_mean() -> None:
    keys = "收到请按1，需要支援请按2，重听请按9。"
    written = asking("&立即转移" * 2000 + keys, "https://a.example", SETTINGS)
    assert len(written) <= LONGEST_TWIML
    assert (ElementTree.fromstring(written)[0][0].text or "").endswith(keys)


def test_what_is_said_to_a_key_and_written_to_an_sms() -> None:
    done = ElementTree.fromstring(spoken_answer("已记录。", True, "https://a", SETTINGS))
    assert [part.tag for part in done] == ["Say", "Hangup"]
    again = ElementTree.fromstring(spoken_answer("No such key.", False, "https://a", SETTINGS))
    assert again[0].tag == "Gather" and again[0][0].get("language") == "en-US"
    assert written_answer("") == "<Response/>"
    assert written_answer("已记录<") == "<Response><Message>已记录&lt;</Message></Response>"


@pytest.mark.parametrize(
    ("status", "told", "outcome"),
    [
        (201, {"sid": "CA1", "status": "queued"}, Outcome(Result.ACCEPTED, provider_id="CA1")),
        (429, {"code": 20429}, Outcome(Result.LATER)),
        (503, {"code": 20503}, Outcome(Result.LATER)),
        (500, {"code": 20500}, Outcome(Result.UNCERTAIN)),
        (401, {"code": 20003}, Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words="20003")),
        (401, {}, Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words="401")),
        (403, {"code": 20005}, Outcome(Result.LATER, trouble=Trouble.NO_MONEY, words="20005")),
        (400, {"code": 21606}, Outcome(Result.LATER, trouble=Trouble.NOT_APPROVED, words="21606")),
        (400, {"code": 21211}, Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER)),
        (400, {"code": 21610}, Outcome(Result.REFUSED, cause=Cause.BLOCKED)),
        (400, {"code": 21602}, Outcome(Result.REFUSED)),
    ],
)
def test_what_an_answer_means(status: int, told: dict[str, Any], outcome: Outcome) -> None:
    assert outcome_of(CloudReply(status, json.dumps(told).encode())) == outcome


@pytest.mark.parametrize(
    ("fields", "receipt", "cause", "seconds"),
    [
        ({"CallStatus": "completed", "CallDuration": "9"}, Receipt.DELIVERED, None, 9.0),
        ({"CallStatus": "completed", "CallDuration": "0"}, None, Cause.CUT_SHORT, 0.0),
        (
            {"CallStatus": "completed", "CallDuration": "9", "AnsweredBy": "machine_start"},
            None,
            Cause.NO_ANSWER,
            9.0,
        ),
        ({"CallStatus": "busy"}, None, Cause.BUSY, None),
        ({"CallStatus": "no-answer"}, None, Cause.NO_ANSWER, None),
        ({"CallStatus": "failed", "SipResponseCode": "404"}, None, Cause.NO_SUCH_NUMBER, None),
        ({"CallStatus": "failed"}, None, None, None),
    ],
)
def test_what_became_of_a_call(
    fields: dict[str, str], receipt: Receipt | None, cause: Cause | None, seconds: float | None
) -> None:
    report = read_call({"CallSid": "CA1", **fields}, "812-1", NOW)
    status = fields["CallStatus"]
    assert report == CallReport(
        f"twilio CA1 {status}", Handle(812, 1), NOW, receipt, cause, seconds
    )


def test_what_else_it_tells() -> None:
    assert read_call({"CallStatus": "ringing"}, "812-1", NOW) is None
    assert read_call({"CallStatus": "busy"}, "a-b", NOW) is None
    key = read_key({"CallSid": "CA1", "Digits": "1", "To": "+15005550010"}, "812-1", NOW)
    assert key is not None and (key.what, key.who) == ("1", "+15005550010")
    assert read_key({"CallSid": "CA1"}, "812-1", NOW) is None
    arrived = read_sms_status({"MessageSid": "S", "MessageStatus": "delivered"}, "813-1", NOW)
    assert arrived is not None and arrived.receipt is Receipt.DELIVERED
    lost = {"MessageSid": "S", "MessageStatus": "undelivered", "ErrorCode": "30005"}
    report = read_sms_status(lost, "813-1", NOW)
    assert report is not None and report.cause is Cause.NO_SUCH_NUMBER
    assert read_sms_status({"MessageStatus": "sent"}, "813-1", NOW) is None
    sms = read_sms({"MessageSid": "S", "From": "+15005550010", "Body": " 1 "}, NOW)
    assert sms is not None and (sms.what, sms.handle) == ("1", None)
    assert read_sms({"From": "CITYALERT", "Body": "1"}, NOW) is None
