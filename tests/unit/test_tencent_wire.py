"""Tencent Cloud's wire: the signature as published, what an answer means, what it tells."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.channels.model import Trouble
from bot.channels.cloud import CloudReply
from bot.channels.events import ChannelAnswer, Handle, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.tencent.wire import (
    SmsReceipt,
    outcome_of,
    read_receipts,
    read_replies,
    request,
    signed,
)
from bot.config.reader import Secret
from bot.config.settings_clouds import TencentSettings
from contacts.channels import Cause, Channel
from data.errors import InvalidInput

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)


def test_a_request_is_signed_as_tencent_cloud_publishes_it() -> None:
    """The example of "签名方法 v3"."""
    made = signed(
        "https://cvm.tencentcloudapi.com",
        "cvm",
        "DescribeInstances",
        "2017-03-12",
        "ap-guangzhou",
        b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name":'
        b' "instance-name"}]}',
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        datetime.fromtimestamp(1551113065, UTC),
    )
    assert made.headers["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/"
        "tc3_request, SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_an_sms_bears_its_variables_in_the_templates_order() -> None:
    settings = TencentSettings(
        secret_id="AKID",
        secret_key=Secret("s"),
        sdk_app_id="1400006666",
        sign_name="敦化应急",
        template_id="1110",
        template_variables=("sender", "warning", "text1"),
    )
    words = {"warning": "【演练】暴雨", "text1": "立即转移", "sender": ""}
    call = OutgoingCall(
        Handle(812, 1), Channel.SMS, "call", "+8613900000010", "…", words, {}, 0.0, True, NOW
    )
    body = json.loads(request(call, settings, NOW).body)
    assert body["TemplateId"] == "1110"
    proof = request(replace(call, kind="test"), replace(settings, test_template_id="9"), NOW)
    assert json.loads(proof.body)["TemplateId"] == "9"
    news = request(replace(call, kind="end"), replace(settings, news_template_id="7"), NOW)
    assert json.loads(news.body)["TemplateId"] == "7"  # which does not say "reply 1"
    assert body["TemplateParamSet"] == ["上级指挥部", "“演练”暴雨", "立即转移"]
    assert body["PhoneNumberSet"] == ["+8613900000010"] and body["SessionContext"] == "812-1"


def status(code: str, **more: Any) -> dict[str, Any]:
    return {"Response": {"SendStatusSet": [{"Code": code, **more}], "RequestId": "r"}}


def error(code: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": "…"}, "RequestId": "r"}}


def trouble(kind: Trouble, words: str) -> Outcome:
    return Outcome(Result.LATER, trouble=kind, words=words)


MONEY = "FailedOperation.InsufficientBalanceInSmsPackage"
ARREARS = "UnauthorizedOperation.ServiceSuspendDueToArrears"
SIGNATURE = "FailedOperation.SignatureIncorrectOrUnapproved"
TOO_LONG = "InvalidParameterValue.TemplateParameterLengthLimit"


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (status("Ok", SerialNo="s1"), Outcome(Result.ACCEPTED, provider_id="s1")),
        (status(MONEY), trouble(Trouble.NO_MONEY, MONEY)),
        (error(ARREARS), trouble(Trouble.NO_MONEY, ARREARS)),
        (error(SIGNATURE), trouble(Trouble.NOT_APPROVED, SIGNATURE)),
        (status(TOO_LONG), trouble(Trouble.NOT_APPROVED, TOO_LONG)),
        (
            error("AuthFailure.SignatureFailure"),
            trouble(Trouble.NOT_ALLOWED, "AuthFailure.SignatureFailure"),
        ),
        (
            status("LimitExceeded.AppDailyLimit"),
            trouble(Trouble.USED_UP, "LimitExceeded.AppDailyLimit"),
        ),
        (
            status("LimitExceeded.PhoneNumberThirtySecondLimit"),
            Outcome(Result.HELD, after=60.0),
        ),
        (status("LimitExceeded.PhoneNumberOneHourLimit"), Outcome(Result.HELD, after=900.0)),
        (
            status("LimitExceeded.PhoneNumberDailyLimit"),
            Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED),
        ),
        (error("RequestLimitExceeded"), Outcome(Result.LATER)),
        (error("InternalError.Timeout"), Outcome(Result.UNCERTAIN)),
        (
            status("InvalidParameterValue.IncorrectPhoneNumber"),
            Outcome(Result.REFUSED, cause=Cause.NO_SUCH_NUMBER),
        ),
        (
            status("FailedOperation.PhoneNumberInBlacklist"),
            Outcome(Result.REFUSED, cause=Cause.BLOCKED),
        ),
        (error("InvalidParameter"), Outcome(Result.REFUSED, words="InvalidParameter")),
        ({}, Outcome(Result.LATER)),
    ],
)
def test_what_an_answer_means(told: dict[str, Any], outcome: Outcome) -> None:
    assert outcome_of(CloudReply(200, json.dumps(told).encode())) == outcome


def test_what_it_tells_of_sms_and_replies() -> None:
    at = datetime(2015, 10, 17, 0, 3, 4, tzinfo=UTC)
    published = {
        "user_receive_time": "2015-10-17 08:03:04",
        "nationcode": "86",
        "mobile": "13900000010",
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": "s1",
    }
    lost = published | {
        "report_status": "FAIL",
        "errmsg": "002",
        "description": "关机",
        "sid": "s2",
    }
    number = "+8613900000010"
    assert read_receipts(json.dumps([published, lost]).encode(), NOW) == [
        SmsReceipt("s1", number, at, True, None),
        SmsReceipt("s2", number, at, False, Cause.OUT_OF_REACH),
    ]
    reply = {"mobile": "13900000010", "nationcode": "86", "text": "1", "time": 1457336869}
    [answer] = read_replies(json.dumps(reply).encode(), NOW)
    assert answer == ChannelAnswer(
        f"tencent {number} 1457336869 1",
        Channel.SMS,
        datetime(2016, 3, 7, 7, 47, 49, tzinfo=UTC),
        None,
        number,
        "1",
    )
    assert read_replies(b'{"mobile": "106", "text": "1", "time": 1e300}', NOW) == []
    with pytest.raises(InvalidInput):
        read_receipts(b"[1]", NOW)
