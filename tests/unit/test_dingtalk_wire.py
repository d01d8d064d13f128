"""DingTalk's messages, callbacks, cards and codes, as data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from alerts.channels.model import Said, Trouble, by_text
from bot.channels.dingtalk.dialogue import (
    address_of,
    answer_to,
    card_says,
    open_request,
    read_answer,
    read_message,
    response,
    tells_only_them,
)
from bot.channels.dingtalk.wire import (
    account_of,
    card_request,
    deliver_request,
    look_up_request,
    message_request,
    outcome_of,
    token_of,
    wants_a_new_token,
)
from bot.channels.events import ChannelAnswer, Handle, OutgoingCall
from bot.channels.sending import Outcome, Result
from contacts.channels import Cause, Channel

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
QUEUED = int(NOW.timestamp()) - 60
NAMED = f"812-2.{QUEUED}"
THEN = datetime(2026, 7, 1, 18, 59, 58, tzinfo=UTC)
CALL = OutgoingCall(
    Handle(812, 2), Channel.DINGTALK, "call", "zhang", "立即[转移](http://x)\n发布：王主任", {}, {},
    0.0, False, NOW, queued_at=NOW - timedelta(minutes=1), title="敦化市暴雨红色预警",
    buttons={"1": "✅ 收到", "2": "🆘 需要支援"},
)  # fmt: skip
TRACK = NAMED


def heard(topic: str, data: Any, kind: str = "CALLBACK") -> str:
    headers = {"topic": topic, "messageId": "m-1", "time": str(int(THEN.timestamp() * 1000))}
    told = {"specVersion": "1.0", "type": kind, "headers": headers, "data": orjson.dumps(data)}
    return orjson.dumps(told | {"data": told["data"].decode()}).decode()


def press(**changes: Any) -> str:
    content = orjson.dumps({"cardPrivateData": {"actionIds": ["a"], "params": {"key": "1"}}})
    told = {"userId": "zhang", "outTrackId": TRACK, "content": content.decode()}
    return heard("/v1.0/card/instances/callback", told | changes)


def wrote(**changes: Any) -> str:
    told = {
        "senderStaffId": "zhang",
        "msgId": "msg-1",
        "conversationType": "1",
        "msgtype": "text",
        "createAt": int(THEN.timestamp() * 1000),
        "text": {"content": " 收到\u0000 "},
    }
    return heard("/v1.0/im/bot/messages/get", told | changes)


def test_a_press_and_words_are_answers() -> None:
    pressed = read_answer(read_message(press()), NOW)
    assert pressed == ChannelAnswer(
        "m-1", Channel.DINGTALK, THEN, Handle(812, 2), "zhang", "1", QUEUED
    )
    typed = read_answer(read_message(wrote()), NOW)
    assert typed == ChannelAnswer("msg-1", Channel.DINGTALK, THEN, None, "zhang", "收到")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"msgtype": "picture", "content": {"downloadCode": "d"}}, "［图片 picture］"),
        ({"msgtype": "audio", "content": {"recognition": "收到"}}, "［语音 voice］ 收到"),
        ({"msgtype": "richText", "content": {"richText": [{"text": "桥断"}, {"type": 1}]}}, "桥断"),
        ({"msgtype": "something new"}, "［其他消息 other］"),
    ],
)
def test_what_is_no_text_is_told_as_what_it_is(sent: dict[str, Any], said: str) -> None:
    """Not dropped in silence; what DingTalk makes of a voice is no answer."""
    answer = read_answer(read_message(wrote(**sent)), NOW)
    assert answer is not None and answer.what == said
    assert by_text(answer.what) is Said.OTHER


@pytest.mark.parametrize(
    "told",
    [
        press(outTrackId="another-app"),
        press(outTrackId="812-2"),
        press(userId=""),
        press(content="{}"),
        press(content='{"cardPrivateData": {"params": {}}}'),
        press(content=None),
        wrote(conversationType="2"),
        wrote(text={"content": " "}),
        wrote(text=None),
        wrote(senderStaffId=None),
        wrote(msgId=""),
        heard("/v1.0/something/else", {}),
    ],
)
def test_what_is_no_answer_is_none(told: str) -> None:
    assert read_answer(read_message(told), NOW) is None


def test_what_is_no_json_is_refused() -> None:
    for told in ("", "[]", "{}", '{"headers": 1}'):
        with pytest.raises(ValueError):
            read_message(told)
    with pytest.raises(ValueError):
        read_answer(read_message(heard("/v1.0/im/bot/messages/get", [])), NOW)
    with pytest.raises(ValueError):
        read_answer(read_message(press(content="{")), NOW)


def test_messages_are_answered_by_their_id() -> None:
    said = orjson.loads(
        answer_to(read_message(press()), 200, response(card_says("已记录", answered=True)))
    )
    assert said["code"] == 200 and said["headers"]["messageId"] == "m-1"
    assert orjson.loads(said["data"])["response"] == {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": {"answered": "已记录", "notice": ""}},
    }
    assert card_says("不懂", answered=False)["cardData"]["cardParamMap"] == {"notice": "不懂"}
    assert "cardData" not in tells_only_them("不是您的")


def test_where_to_connect_and_what_is_wanted() -> None:
    told = {"endpoint": "wss://x.cn:443/connect", "ticket": "a+b/c="}
    address = address_of(told)
    assert address is not None and "%2B" in address and address.startswith("wss://x.cn/connect?")
    assert address_of({}) is None and address_of({"endpoint": "", "ticket": "t"}) is None
    topics = [each["topic"] for each in open_request("id", "secret")["subscriptions"]]
    assert topics == ["/v1.0/card/instances/callback", "/v1.0/im/bot/messages/get"]


def test_a_card_bears_our_handle_and_a_message_says_what_to_reply() -> None:
    asked = card_request(CALL, "zhang", "template", "robot")
    assert asked["outTrackId"] == TRACK and asked["openSpaceId"] == "dtv1.card//IM_ROBOT.zhang"
    assert asked["cardData"]["cardParamMap"]["title"] == "敦化市暴雨红色预警"
    assert deliver_request(CALL, "zhang", "robot").items() <= asked.items()
    message = message_request(CALL, "zhang", "robot")
    text = orjson.loads(message["msgParam"])["text"]
    assert message["userIds"] == ["zhang"] and message["msgKey"] == "sampleMarkdown"
    assert "[✅ 收到](dtmd://dingtalkclient/sendMessage?content=%E6%94%B6%E5%88%B0)" in text
    assert "](http" not in text, "nobody's words become a link"


UNKNOWN = Outcome(Result.UNCERTAIN, words="unknown.thing robot … x")


@pytest.mark.parametrize(
    ("status", "told", "outcome"),
    [
        (200, {"processQueryKey": "q"}, Outcome(Result.ACCEPTED, "q")),
        (
            200,
            {"processQueryKey": "q", "invalidStaffIdList": ["zhang"]},
            Outcome(Result.REFUSED, cause=Cause.NOT_LINKED),
        ),
        (
            200,
            {"processQueryKey": "q", "flowControlledStaffIdList": ["zhang"]},
            Outcome(Result.HELD, after=15.0),
        ),
        (200, {"processQueryKey": "q", "filteredStaffIdList": ["zhang"]}, Outcome(Result.REFUSED)),
        (
            200,
            {"success": True, "result": {"outTrackId": "t", "deliverResults": [{"success": True}]}},
            Outcome(Result.ACCEPTED, "t"),
        ),
        (
            200,
            {"success": True, "result": {"deliverResults": [{"success": False, "errorMsg": "no"}]}},
            Outcome(Result.REFUSED),
        ),
        (
            200,
            {"success": True, "result": [{"success": False, "errorMsg": "system.busy"}]},
            Outcome(Result.LATER),
        ),
        (200, {"success": True, "result": [{"success": True}]}, Outcome(Result.ACCEPTED)),
        (200, {}, Outcome(Result.UNCERTAIN)),
        (400, {"code": "staffId.notExisted"}, Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)),
        (400, {"code": "param.userIdNotExist"}, Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)),
        (
            400,
            {"code": "param.contentUnsafe"},
            Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED),
        ),
        (400, {"code": "param.invalid"}, Outcome(Result.REFUSED, words="param.invalid")),
        (
            400,
            {"code": "param.templateNotExist"},
            Outcome(Result.LATER, trouble=Trouble.NOT_APPROVED, words="param.templateNotExist"),
        ),
        (
            403,
            {"code": "Forbidden.AccessDenied.QuotaExceeded"},
            Outcome(
                Result.LATER, trouble=Trouble.USED_UP, words="Forbidden.AccessDenied.QuotaExceeded"
            ),
        ),
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}, Outcome(Result.LATER)),
        (
            403,
            {"code": "Forbidden.AccessDenied"},
            Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED, words="Forbidden.AccessDenied"),
        ),
        (503, {"code": "ServiceUnavailable"}, Outcome(Result.LATER)),
        (500, {"code": "system.busy"}, Outcome(Result.UNCERTAIN)),
        (502, {}, Outcome(Result.UNCERTAIN)),
        (404, {}, Outcome(Result.LATER)),
        # What nobody foresaw may be this person's alone, and is read by somebody.
        (400, {"code": "unknown.thing", "message": "robot 12345678 x"}, UNKNOWN),
    ],
)
def test_what_dingtalks_codes_mean(status: int, told: dict[str, Any], outcome: Outcome) -> None:
    assert outcome_of(status, told, "zhang") == outcome


def test_tokens_and_look_ups() -> None:
    assert token_of({"accessToken": "t", "expireIn": 7200}) == ("t", 7200.0)
    assert token_of({"code": "invalidClientIdOrSecret"}) is None
    assert look_up_request("+8613900000001") == {"mobile": "13900000001"}
    assert account_of({"errcode": 0, "result": {"userid": "zhang"}}) == "zhang"
    nobody = Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)
    assert account_of({"errcode": 60121}) == account_of({"errcode": 0, "result": {}}) == nobody
    for told in ({"errcode": 90018}, {"errcode": -1}, {"errcode": 88, "sub_code": "²"}, {}):
        assert account_of(told) == Outcome(Result.LATER)
    refused = account_of({"errcode": 88, "sub_code": "60011"})
    assert isinstance(refused, Outcome) and refused.trouble is Trouble.NOT_ALLOWED
    assert wants_a_new_token(200, {"errcode": 88, "sub_code": "40014"})
    assert wants_a_new_token(401, {}) and not wants_a_new_token(200, {"errcode": 60121})
