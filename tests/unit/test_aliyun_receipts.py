"""What Aliyun tells of calls and SMS: every status code it publishes, and what nobody sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.aliyun.receipts import MessageType, Unreadable, read_all
from bot.channels.events import CallReport, ChannelAnswer, Handle
from contacts.channels import Cause, Channel, Receipt
from data.errors import InvalidInput

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
ENDED = datetime(2026, 7, 1, 18, 59, 30, tzinfo=UTC)
OVER = {
    "call_id": "1^2",
    "out_id": "812-1",
    "callee": "13900000010",
    "end_time": "2026-07-02 02:59:30",
}


def told(kind: MessageType, *items: Any) -> list[CallReport | ChannelAnswer]:
    return read_all(kind, json.dumps(list(items)).encode(), NOW)


@pytest.mark.parametrize(
    ("more", "receipt", "cause", "seconds"),
    [
        ({"status_code": "200000", "duration": "12"}, Receipt.HEARD, None, None),
        ({"status_code": "200001", "duration": "3"}, Receipt.DELIVERED, None, 3.0),
        ({"status_code": "200001", "duration": "0"}, None, Cause.CUT_SHORT, 0.0),
        ({"status_code": "200008", "duration": 40}, Receipt.DELIVERED, None, 40.0),
        ({"status_code": "200002"}, None, Cause.BUSY, None),
        ({"status_code": "200003"}, None, Cause.NO_ANSWER, None),
        ({"status_code": "200004"}, None, Cause.NO_SUCH_NUMBER, None),
        ({"status_code": "200005"}, None, Cause.OUT_OF_REACH, None),
        (
            {"status_code": "200005", "smart_status_code": "CALL_REJECTED"},
            None,
            Cause.REJECTED,
            None,
        ),
        ({"status_code": "200005", "early_media_code": "200010"}, None, Cause.POWERED_OFF, None),
        ({"status_code": "200005", "early_media_code": "200011"}, None, Cause.SUSPENDED, None),
        ({"status_code": "200007"}, None, Cause.OUT_OF_REACH, None),
        ({"status_code": "200010"}, None, Cause.POWERED_OFF, None),
        ({"status_code": "200011"}, None, Cause.SUSPENDED, None),
        ({"status_code": "200012"}, None, Cause.CARRIER_BLOCKED, None),
        (
            {"status_code": "200000", "smart_status_code": "ANSWERED", "duration": "9"},
            Receipt.HEARD,
            None,
            None,
        ),
        # A mailbox listens to the end, too.
        (
            {"status_code": "200000", "smart_status_code": "INTELLIGENT_ANSWER", "duration": "9"},
            None,
            Cause.NO_ANSWER,
            9.0,
        ),
        # The carrier's or Aliyun's own trouble is nobody's cause: it is rung again.
        ({"status_code": "200121"}, None, None, None),
        ({"status_code": "999999"}, None, None, None),
    ],
)
def test_what_became_of_a_call(
    more: dict[str, Any], receipt: Receipt | None, cause: Cause | None, seconds: float | None
) -> None:
    [report] = told(MessageType.VOICE_REPORT, OVER | more)
    assert report == CallReport("aliyun 1^2", Handle(812, 1), ENDED, receipt, cause, seconds)


def test_a_key_comes_first_and_has_one_name_in_the_call_and_at_its_end() -> None:
    """Of 7, 1 and 9 only 1 is an answer."""
    in_the_call = {"call_id": "1^2", "out_id": "812-1", "status_code": "300000", "dtmf": "1"}
    [pressed] = told(MessageType.VOICE_CALL_REPORT, in_the_call)
    at_its_end, report = told(
        MessageType.VOICE_REPORT, OVER | {"status_code": "200000", "dtmf": "719"}
    )
    assert isinstance(pressed, ChannelAnswer) and isinstance(at_its_end, ChannelAnswer)
    assert pressed.event == at_its_end.event and pressed.what == at_its_end.what == "1"
    assert at_its_end.who == "+8613900000010" and pressed.who is None
    assert isinstance(report, CallReport)
    for keys, counts in (("21", "2"), ("12", "2"), ("97", "7"), ("79", "9")):
        pressed, _ = told(MessageType.VOICE_REPORT, OVER | {"status_code": "200100", "dtmf": keys})
        assert isinstance(pressed, ChannelAnswer) and pressed.what == counts
    assert told(MessageType.VOICE_CALL_REPORT, in_the_call | {"status_code": "200102"}) == []


@pytest.mark.parametrize(
    ("more", "receipt", "cause"),
    [
        ({"success": True, "err_code": "DELIVERED"}, Receipt.DELIVERED, None),
        ({"success": "true", "err_code": "DELIVRD"}, Receipt.DELIVERED, None),
        ({"success": False, "err_code": "MK:0001"}, None, Cause.NO_SUCH_NUMBER),
        ({"success": False, "err_code": "X:1", "err_msg": "用户停机"}, None, Cause.SUSPENDED),
        ({"success": False, "err_code": "EXPIRED"}, None, Cause.OUT_OF_REACH),
        ({"success": False, "err_msg": "关机或不在服务区"}, None, Cause.OUT_OF_REACH),
        ({"success": False, "err_msg": "运营商关键字拦截"}, None, Cause.CARRIER_BLOCKED),
        # Whichever of the two it is: nothing is certain.
        ({"success": False, "err_msg": "空号或黑名单"}, None, None),
        ({"success": False, "err_code": "UNDELIV"}, None, None),
    ],
)
def test_whether_an_sms_arrived(
    more: dict[str, Any], receipt: Receipt | None, cause: Cause | None
) -> None:
    sms = {"biz_id": "b^1", "out_id": "813-1", "report_time": "2026-07-02 02:59:30"}
    [report] = told(MessageType.SMS_REPORT, sms | more)
    assert report == CallReport("aliyun b^1 813-1", Handle(813, 1), ENDED, receipt, cause)


def test_what_somebody_wrote_back() -> None:
    up = {
        "phone_number": "13900000010",
        "content": "收到\0",
        "send_time": "2026-07-02 02:59:30",
        "sequence_id": 1234567890,
    }
    [answer] = told(MessageType.SMS_UP, up)
    assert answer == ChannelAnswer(
        "aliyun +8613900000010 1234567890", Channel.SMS, ENDED, None, "+8613900000010", "收到"
    )
    assert told(MessageType.SMS_UP, up | {"content": " "}, up | {"phone_number": "10690"}) == []


def test_what_is_not_ours_or_not_theirs() -> None:
    assert told(MessageType.VOICE_REPORT, OVER | {"out_id": "PROD#2021"}) == []
    for body, fault in ((b"{", Unreadable.NOT_JSON), (b"[1]", Unreadable.NOT_OBJECTS)):
        with pytest.raises(InvalidInput) as refused:
            read_all(MessageType.VOICE_REPORT, body, NOW)
        assert refused.value.code is fault
    # One message of the queue is no array.
    assert len(read_all(MessageType.VOICE_REPORT, json.dumps(OVER).encode(), NOW)) == 1


_FIELDS = (
    "call_id out_id callee end_time status_code smart_status_code early_media_code duration dtmf"
    " status_time biz_id success err_code err_msg report_time phone_number content send_time"
    " sequence_id"
).split()
_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.just("812-1"),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip


@given(st.sampled_from(MessageType), st.dictionaries(st.sampled_from(_FIELDS), _VALUES))
def test_nothing_that_is_json_breaks_it(kind: MessageType, item: dict[str, Any]) -> None:
    for one in read_all(kind, json.dumps([item]).encode(), NOW):
        assert one.event and one.at.tzinfo is not None
