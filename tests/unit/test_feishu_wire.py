"""Feishu's frames, events, cards and codes, as data."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.model import Trouble
from bot.channels.events import ChannelAnswer, Handle, OutgoingCall
from bot.channels.feishu.card import card
from bot.channels.feishu.dialogue import (
    Parts,
    Reading,
    answer_to,
    endpoint_of,
    is_press,
    pinged_every,
    read_event,
    read_reading,
    toast,
)
from bot.channels.feishu.frames import DATA, BadFrame, Frame, decode, encode
from bot.channels.feishu.wire import account_of, card_request, look_up_request, outcome_of, token_of
from bot.channels.sending import Outcome, Result
from contacts.channels import Cause, Channel

NOT_ALLOWED = Trouble.NOT_ALLOWED
NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
QUEUED = int(NOW.timestamp()) - 60
NAMED = f"812-2.{QUEUED}"
CALL = OutgoingCall(
    Handle(812, 2), Channel.FEISHU, "call", "ou_1", "立即转移\n发布：王主任", {}, {},
    0.0, False, NOW, queued_at=NOW - timedelta(minutes=1), title="敦化市暴雨红色预警",
    buttons={"1": "✅ 收到", "2": "🆘 需要支援"},
    link="https://a.cn/a/x",
)  # fmt: skip

words = st.text(st.characters(codec="utf-8"), max_size=20)
frames = st.builds(
    Frame,
    method=st.integers(-(2**31), 2**31 - 1),
    headers=st.dictionaries(words, words, max_size=4),
    payload=st.binary(max_size=300),
    service=st.integers(-(2**31), 2**31 - 1),
    seq_id=st.integers(0, 2**64 - 1),
    log_id=st.integers(0, 2**64 - 1),
    payload_encoding=words,
    payload_type=words,
    log_id_new=words,
)


@given(frames)
def test_a_frame_is_read_as_it_was_written(frame: Frame) -> None:
    assert decode(encode(frame)) == frame


@given(st.binary(max_size=60))
def test_whatever_arrives_is_a_frame_or_is_refused(data: bytes) -> None:
    try:
        decode(data)
    except BadFrame:
        return


def test_a_frame_is_what_the_published_message_says() -> None:
    """Written out by hand from the .proto."""
    frame = Frame(DATA, {"type": "event"}, b"{}", service=7, seq_id=300)
    assert encode(frame).hex(" ") == (
        "08 ac 02 10 00 18 07 20 01 2a 0d 0a 04 74 79 70 65 12 05 65 76 65 6e 74 42 02 7b 7d"
    )
    cut = encode(frame)[:-1]
    with pytest.raises(BadFrame):
        decode(cut)
    # A field that is not known yet is left out: of each kind.
    with pytest.raises(BadFrame):
        decode(encode(frame) + b"\x08\x01" * 500)  # half a million of them took a second
    more = bytes.fromhex("50 01 5a 01 78 61 0102030405060708 6d 01020304")
    assert decode(encode(frame) + more) == frame


def test_the_parts_of_a_message_are_put_together_in_any_order() -> None:
    parts = Parts()

    def part(seq: int, payload: bytes) -> Frame:
        return Frame(DATA, {"message_id": "m", "sum": "3", "seq": str(seq)}, payload)

    assert parts.whole(Frame(DATA, {}, b"one"), NOW) == b"one"
    assert parts.whole(part(2, b"c"), NOW) is None
    assert parts.whole(part(0, b"a"), NOW) is None
    assert parts.whole(part(0, b"a"), NOW) is None, "told twice"
    assert parts.whole(part(1, b"b"), NOW) == b"abc"
    assert parts.whole(part(0, b"a"), NOW) is None
    later = NOW + timedelta(seconds=6)
    assert parts.whole(part(1, b"b"), later) is None, "the first part is forgotten"
    for number in range(64):  # that nobody ends
        parts.whole(Frame(DATA, {"message_id": f"m{number}", "sum": "2", "seq": "0"}), later)
    assert parts.whole(part(0, b"a"), later) is None
    assert parts.whole(part(2, b"c"), later) is None, "the oldest gave way"
    for bad in ("65", "x"):
        with pytest.raises(ValueError):
            parts.whole(Frame(DATA, {"sum": bad, "seq": "0"}), NOW)
    with pytest.raises(ValueError):
        parts.whole(part(3, b""), NOW)


def event(kind: str, body: dict[str, Any], at: str = "1782932398000000") -> bytes:
    header = {"event_id": "ev", "event_type": kind, "create_time": at}
    return orjson.dumps({"schema": "2.0", "header": header, "event": body})


def press(value: Any, who: Any = "ou_1") -> bytes:
    action = {"operator": {"open_id": who}, "action": {"tag": "button", "value": value}}
    return event("card.action.trigger", action)


def wrote(content: str, **more: Any) -> bytes:
    sender = {"sender_id": {"open_id": "ou_1"}, "sender_type": more.pop("sender_type", "user")}
    message = {"chat_type": "p2p", "message_type": "text", "content": content} | more
    return event("im.message.receive_v1", {"sender": sender, "message": message}, "1782932398000")


def test_a_press_and_words_are_answers() -> None:
    then = datetime(2026, 7, 1, 18, 59, 58, tzinfo=UTC)
    pressed = read_event(press({"call": NAMED, "key": "1"}), NOW)
    assert pressed == ChannelAnswer("ev", Channel.FEISHU, then, Handle(812, 2), "ou_1", "1", QUEUED)
    typed = read_event(wrote('{"text": "收到\\u0000"}'), NOW)
    assert typed == ChannelAnswer("ev", Channel.FEISHU, then, None, "ou_1", "收到")


@pytest.mark.parametrize(
    ("sent", "kind", "said"),
    [
        ('{"image_key": "img"}', "image", "［图片 picture］"),
        ('{"file_key": "f"}', "audio", "［语音 voice］"),
        ('{"name": "官地桥", "longitude": "128.2"}', "location", "［位置 place］ 官地桥"),
        ('{"title": "", "content": [[{"tag": "text", "text": "收到"}]]}', "post", "收到"),
        ('{"content": [[{"tag": "img"}]]}', "post", "［图片 picture］"),
        ("none", "share_chat", "［其他消息 other］"),
    ],
)
def test_what_is_no_text_is_told_as_what_it_is(sent: str, kind: str, said: str) -> None:
    answer = read_event(wrote(sent, message_type=kind), NOW)
    assert answer is not None and answer.what == said


@pytest.mark.parametrize(
    "payload",
    [
        press({"call": "x", "key": "1"}),
        press({"call": NAMED}),
        press(NAMED),
        press({"call": "812-2", "key": "1"}),
        press({"call": NAMED, "key": "1"}, who=None),
        press(None),
        wrote('{"text": " "}'),
        wrote("收到"),
        wrote('["收到"]'),
        wrote('{"text": "收到"}', chat_type="group"),
        wrote('{"text": "收到"}', sender_type="app"),
        event("contact.user.created_v3", {}),
        b'{"header": {"event_type": "card.action.trigger"}}',
        b"{}",
    ],
)
def test_what_is_no_answer_is_none(payload: bytes) -> None:
    assert read_event(payload, NOW) is None


def test_what_is_no_json_is_refused_and_times_that_make_no_sense_are_now() -> None:
    for payload in (b"", b"[1]", b"\xff"):
        with pytest.raises(ValueError):
            read_event(payload, NOW)
    assert is_press(press(None)) and not is_press(b"?") and not is_press(wrote("{}"))
    for at in ("", "yesterday", "17829323980000009999", "99999999999", "1"):
        body = {"operator": {"open_id": "o"}, "action": {"value": {"call": NAMED, "key": "1"}}}
        found = read_event(event("card.action.trigger", body, at), NOW)
        assert found is not None and found.at == NOW, at


def test_a_frame_is_answered_in_its_own_headers() -> None:
    asked = Frame(DATA, {"type": "event", "message_id": "m", "trace_id": "t"}, b"{}", service=7)
    said = answer_to(asked, 200, toast("已记录", "success"), 12)
    assert said.headers == asked.headers | {"biz_rt": "12"} and said.service == 7
    told = orjson.loads(said.payload)
    assert told["code"] == 200
    assert orjson.loads(base64.b64decode(told["data"])) == {
        "toast": {"type": "success", "content": "已记录"}
    }
    assert orjson.loads(answer_to(asked, 500, None, 0).payload) == {"code": 500}


def test_where_to_connect() -> None:
    url = "wss://x.cn/ws?device_id=1&service_id=33&ticket=secret"
    told = {"code": 0, "data": {"URL": url, "ClientConfig": {"PingInterval": 90}}}
    found = endpoint_of(told)
    assert found is not None and (found.url, found.service, found.ping_seconds) == (url, 33, 90.0)
    assert endpoint_of({"code": 1000040350}) is None and endpoint_of({"code": 0}) is None
    plain = endpoint_of({"code": 0, "data": {"URL": "wss://x.cn/ws"}})
    assert plain is not None and (plain.service, plain.ping_seconds) == (0, 120.0)
    assert pinged_every(b'{"PingInterval": 0}') is None and pinged_every(b"[]") is None


def test_a_card_has_our_handle_on_its_buttons_and_none_once_it_is_answered() -> None:
    shown = card(CALL)
    *_, first, second, link = shown["body"]["elements"]
    assert (
        first["behaviors"] == [{"type": "callback", "value": {"call": NAMED, "key": "1"}}]
        and first["text"]["content"] == "✅ 收到"
    )
    assert second["behaviors"][0]["value"]["key"] == "2"
    assert link["behaviors"] == [{"type": "open_url", "default_url": "https://a.cn/a/x"}]
    assert shown["header"]["template"] == "red" and shown["schema"] == "2.0"
    assert card(replace(CALL, exercise=True))["header"]["template"] == "blue"
    after = card(CALL, "已记录。")
    assert "button" not in [each["tag"] for each in after["body"]["elements"]]
    assert after["header"]["template"] == "green"
    asked = card_request(CALL, "ou_1")
    assert asked["uuid"] == NAMED and asked["receive_id"] == "ou_1"
    assert orjson.loads(asked["content"]) == shown


def test_what_was_read() -> None:
    reader = {"reader_id": {"open_id": "ou_1"}, "read_time": "1782932399000"}
    told = event("im.message.message_read_v1", {"reader": reader, "message_id_list": ["om_1", 2]})
    at = datetime(2026, 7, 1, 18, 59, 59, tzinfo=UTC)
    assert read_reading(told, NOW) == Reading("ev", at, ("om_1",)) and read_event(told, NOW) is None
    assert read_reading(event("im.message.message_read_v1", {}), NOW) is None
    assert read_reading(press({}), NOW) is None
    with pytest.raises(ValueError):
        read_reading(b"[]", NOW)


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (200, 0, Outcome(Result.ACCEPTED, "om_1")),
        (429, 99991400, Outcome(Result.LATER, after=52.0)),
        (400, 99991400, Outcome(Result.LATER, after=52.0)),
        (400, 230020, Outcome(Result.HELD, after=52.0)),  # of this person alone
        (400, 230013, Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)),
        (400, 230029, Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)),
        (400, 230034, Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)),
        (400, 230053, Outcome(Result.REFUSED, cause=Cause.BLOCKED)),
        (400, 230028, Outcome(Result.REFUSED, cause=Cause.CARRIER_BLOCKED)),
        (400, 230099, Outcome(Result.REFUSED, words="230099")),
        (400, 230006, Outcome(Result.LATER, trouble=NOT_ALLOWED, words="230006")),  # no bot
        (400, 99991672, Outcome(Result.LATER, trouble=NOT_ALLOWED, words="99991672")),  # no rights
        # What nobody foresaw may be this person's alone, and is read by somebody.
        (400, 99992361, Outcome(Result.UNCERTAIN, words="99992361")),
        (400, 99991663, Outcome(Result.LATER)),
        (400, 230049, Outcome(Result.UNCERTAIN)),
        (500, 0, Outcome(Result.UNCERTAIN)),
        (502, None, Outcome(Result.UNCERTAIN)),
        (200, None, Outcome(Result.UNCERTAIN)),
        (404, None, Outcome(Result.LATER)),
    ],
)
def test_what_feishus_codes_mean(status: int, code: int | None, outcome: Outcome) -> None:
    told = {"code": code, "data": {"message_id": "om_1"}} if code is not None else {}
    assert outcome_of(status, told, {"x-ogw-ratelimit-reset": "52"}) == outcome


def test_tokens_and_look_ups() -> None:
    assert token_of({"code": 0, "tenant_access_token": "t-1", "expire": 7200}) == ("t-1", 7200.0)
    for told in ({}, {"code": 10014}, {"code": 0, "tenant_access_token": "t"}):
        assert token_of(told) is None
    assert look_up_request("+8613900000001")["mobiles"] == ["13900000001"]
    assert look_up_request("+85291234567")["mobiles"] == ["+85291234567"]
    assert account_of({"data": {"user_list": [{"mobile": "139"}, {"user_id": "ou_2"}]}}) == "ou_2"
    for data in ({}, {"user_list": [{"mobile": "139"}]}, {"user_list": None}, None):
        assert account_of({"data": data}) is None
