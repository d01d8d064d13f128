"""Aliyun's wire: signatures as published, what is asked, what an answer means."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.channels.model import Trouble
from bot.channels.aliyun.queue import (
    LentKey,
    delete_request,
    lent_key,
    messages_in,
    receive_request,
    type_of,
)
from bot.channels.aliyun.receipts import MessageType
from bot.channels.aliyun.signing import signed_call
from bot.channels.aliyun.wire import outcome_of, parameters_of, request
from bot.channels.cloud import CloudReply
from bot.channels.events import Handle, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.config.reader import Secret
from bot.config.settings_clouds import AliyunSettings
from contacts.channels import Cause, Channel

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)
SETTINGS = AliyunSettings(
    access_key_id="LTAI-of-the-county",
    access_key_secret=Secret("secret-of-the-county"),
    show_number="057112345678",
    start_template="TTS_1",
    received_template="TTS_2",
    help_template="TTS_3",
    bye_template="TTS_4",
    sign_name="敦化应急",
    sms_template="SMS_1",
)
WORDS = {
    "warning": "演练：敦化市暴雨红色预警",
    "text1": "立即转移" + "低洼地群众，" * 5 + "快",
    "text2": "到 8:30 前报告",
    "text3": "",
    "sender": "",
}


def call(channel: Channel, to: str = "+8613900000010") -> OutgoingCall:
    return OutgoingCall(Handle(812, 1), channel, "call", to, "…", WORDS, {}, 10.0, True, NOW)


def asked(one: OutgoingCall) -> dict[str, str]:
    made = request(one, SETTINGS, NOW, "n" * 32)
    assert made is not None
    return {name: value for name, [value] in parse_qs(urlsplit(made.url).query).items()}


def test_a_request_is_signed_as_aliyun_publishes_it() -> None:
    """The example with fixed parameters of "V3版本请求体&签名机制"."""
    made = signed_call(
        "https://ecs.cn-shanghai.aliyuncs.com",
        "RunInstances",
        "2014-05-26",
        {
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            "RegionId": "cn-shanghai",
        },
        "YourAccessKeyId",
        "YourAccessKeySecret",
        datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        "3156853299f313e23d1673dc12e1703d",
    )
    assert made.headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_call_bears_keys_words_and_our_name_for_it() -> None:
    told = asked(call(Channel.VOICE))
    assert told["CalledNumber"] == "13900000010" and told["CalledShowNumber"] == "057112345678"
    assert told["OutId"] == "812-1" and len(told["OutId"]) <= 15
    spoken = json.loads(told["StartTtsParams"])
    assert spoken == {
        "warning": WORDS["warning"],
        "text": WORDS["text1"] + "到 8，30 前报告",
        "sender": "上级指挥部",
    }
    keys = [(told[f"MenuKeyMap.{n}.Key"], told[f"MenuKeyMap.{n}.Code"]) for n in (1, 2, 3)]
    assert keys == [("1", "TTS_2"), ("2", "TTS_3"), ("9", "TTS_1")]
    assert told["MenuKeyMap.3.TtsParams"] == told["StartTtsParams"]
    assert (told["PlayTimes"], told["Timeout"], told["ByeCode"]) == ("2", "10000", "TTS_4")


def test_a_test_has_words_of_its_own_and_asks_for_no_help() -> None:
    own = replace(SETTINGS, test_template="TTS_9", sms_test_template="SMS_9")
    proof = replace(call(Channel.VOICE), kind="test")
    told, without = parameters_of(proof, own), parameters_of(proof, SETTINGS)
    assert told is not None and without is not None
    end = parameters_of(
        replace(call(Channel.SMS), kind="end"), replace(SETTINGS, sms_news_template="SMS_7")
    )
    assert end is not None and end["TemplateCode"] == "SMS_7"
    spoken = parameters_of(
        replace(call(Channel.VOICE), kind="end"), replace(SETTINGS, voice_news_template="TTS_8")
    )
    assert spoken is not None and spoken["StartCode"] == "TTS_8"
    keys = {name: value for name, value in spoken.items() if name.startswith("MenuKeyMap")}
    again = {"Key": "9", "Code": "TTS_8", "TtsParams": spoken["StartTtsParams"]}
    assert keys == {f"MenuKeyMap.1.{name}": value for name, value in again.items()}
    codes = [told[f"MenuKeyMap.{place}.Code"] for place in (1, 2, 3)]
    assert (told["StartCode"], codes) == ("TTS_9", ["TTS_2", "TTS_2", "TTS_9"])
    assert without["StartCode"] == "TTS_1"
    asks = {
        "warning": "测试",
        "text1": "核对王伟的联系方式。",
        "text2": "请回复数字1234",
        "text3": "",
    }
    proof = replace(call(Channel.SMS), kind="test", variables=asks)
    sms = parameters_of(proof, own)
    assert sms is not None and sms["TemplateCode"] == "SMS_9"
    assert json.loads(sms["TemplateParam"])["text"] == "核对王伟的联系方式。请回复数字1234"


def test_landlines_are_dialled_as_at_home_and_nobody_abroad_is_rung() -> None:
    assert asked(call(Channel.VOICE, "+864333230001"))["CalledNumber"] == "04333230001"
    assert request(call(Channel.VOICE, "+15005550006"), SETTINGS, NOW, "n") is None
    assert asked(call(Channel.SMS, "+85261234567"))["PhoneNumbers"] == "85261234567"


def test_an_sms_bears_variables_no_carrier_refuses() -> None:
    told = asked(call(Channel.SMS))
    assert (told["PhoneNumbers"], told["SignName"]) == ("8613900000010", "敦化应急")
    variables = json.loads(told["TemplateParam"])
    assert list(variables) == ["warning", "text"]
    assert all(0 < len(value) <= 35 for value in variables.values())
    assert variables["text"] == WORDS["text1"][:-1] + "…", "there is more than fits"


LATER = Result.LATER


@pytest.mark.parametrize(
    ("status", "told", "outcome"),
    [
        (200, {"Code": "OK", "CallId": "c^1"}, Outcome(Result.ACCEPTED, provider_id="c^1")),
        (200, {"Code": "OK", "BizId": "b^1"}, Outcome(Result.ACCEPTED, provider_id="b^1")),
        (
            200,
            {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发分钟级流控Permits:1"},
            Outcome(Result.HELD, after=60.0),
        ),
        (
            200,
            {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发小时级流控Permits:5"},
            Outcome(Result.HELD, after=900.0),
        ),
        (
            200,
            {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发天级流控Permits:20"},
            Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED),
        ),
        (
            200,
            {"Code": "isv.AMOUNT_NOT_ENOUGH"},
            Outcome(LATER, trouble=Trouble.NO_MONEY, words="isv.AMOUNT_NOT_ENOUGH"),
        ),
        (
            200,
            {"Code": "isv.SMS_SIGNATURE_ILLEGAL"},
            Outcome(LATER, trouble=Trouble.NOT_APPROVED, words="isv.SMS_SIGNATURE_ILLEGAL"),
        ),
        (
            400,
            {"Code": "SignatureDoesNotMatch"},
            Outcome(LATER, trouble=Trouble.NOT_ALLOWED, words="SignatureDoesNotMatch"),
        ),
        (
            200,
            {"Code": "isv.DAY_LIMIT_CONTROL"},
            Outcome(LATER, trouble=Trouble.USED_UP, words="isv.DAY_LIMIT_CONTROL"),
        ),
        (
            200,
            {"Code": "isv.MOBILE_NUMBER_ILLEGAL"},
            Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER),
        ),
        (400, {"Code": "Throttling.User"}, Outcome(LATER)),
        (503, {"Code": "ServiceUnavailable"}, Outcome(LATER)),
        (500, {"Code": "InternalError"}, Outcome(Result.UNCERTAIN)),
        (200, {"Code": "isp.SYSTEM_ERROR"}, Outcome(Result.UNCERTAIN)),
        (
            400,
            {"Code": "InvalidParameters", "Message": "看 https://x/y 13900000001 号码"},
            Outcome(Result.REFUSED, words="InvalidParameters 看 … … 号码"),
        ),
        (502, None, Outcome(Result.UNCERTAIN)),
        (429, None, Outcome(LATER)),
    ],
)
def test_what_an_answer_means(status: int, told: Any, outcome: Outcome) -> None:
    body = b"<html>" if told is None else json.dumps(told).encode()
    assert outcome_of(CloudReply(status, body)) == outcome


KEY = LentKey("STS.key", "secret-of-the-lent-key", "token", NOW)
QUEUE = "Alicom-Queue-1234-SmsUp"


def test_the_queue_is_asked_as_aliyuns_own_client_asks_it() -> None:
    """Signatures made by aliyun-python-sdk-dybaseapi 1.0.8 of the same requests."""
    url = "https://1943695596114318.mns.cn-hangzhou.aliyuncs.com"
    got = receive_request(QUEUE, KEY, url, NOW)
    assert got.url == f"{url}/queues/{QUEUE}/messages?numOfMessages=16&waitseconds=10"
    assert got.headers["Authorization"] == "MNS STS.key:qEwlUqARGMDji1SS41CM6yoHlwM="
    assert got.headers["security-token"] == "token"
    gone = delete_request(QUEUE, ["1-ODU4OTkzNDU5My0xNDM1MTk3NjAwLTItNg=="], KEY, url, NOW)
    assert gone.headers["Authorization"] == "MNS STS.key:i957WG7ElRJJVVZGYr9ID2QplPY="
    assert type_of(QUEUE) is MessageType.SMS_UP and type_of("Alicom-Queue-1234") is None


def test_a_lent_key_is_good_as_long_as_its_times_are_apart() -> None:
    lent = {
        "AccessKeyId": "STS.key",
        "AccessKeySecret": "s",
        "SecurityToken": "t",
        "CreateTime": "2026-11-29 23:00:00",
        "ExpireTime": "2026-11-30 00:00:00",
    }
    key = lent_key(CloudReply(200, json.dumps({"MessageTokenDTO": lent}).encode()), NOW)
    assert key is not None and key.until == NOW + timedelta(minutes=58)
    assert "STS" not in repr(key)
    assert lent_key(CloudReply(400, b'{"Code": "Forbidden"}'), NOW) is None


RECEIVED = """<?xml version="1.0" encoding="utf-8"?>
<Messages xmlns="http://mns.aliyuncs.com/doc/v1/"><Message><MessageId>m1</MessageId>
<ReceiptHandle>r1</ReceiptHandle><MessageBody>{}</MessageBody></Message></Messages>"""
NOTHING = (
    '<?xml version="1.0"?><Error xmlns="http://mns.aliyuncs.com/doc/v1/">'
    "<Code>{}</Code><Message>…</Message></Error>"
)


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, RECEIVED.format("eyJhIjogMX0="), [b'{"a": 1}']),
        (200, RECEIVED.format('{"a": 1}'), [b'{"a": 1}']),
        (404, NOTHING.format("MessageNotExist"), []),
        (404, NOTHING.format("QueueNotExist"), None),
        (403, NOTHING.format("AccessDenied"), None),
        (200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", None),
        (502, "<html><br></html>", None),
    ],
)
def test_what_a_queue_answers(status: int, body: str, found: list[bytes] | None) -> None:
    messages = messages_in(CloudReply(status, body.encode()))
    assert (None if messages is None else [message.body for message in messages]) == found
