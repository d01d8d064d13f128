"""How often a telephone rings, what a receipt means, what an answer says, who is called by what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.model import (
    AGAIN_AFTER,
    NEVER_AGAIN,
    QUIET,
    TRIES,
    Kind,
    Progress,
    Said,
    Told,
    Tried,
    after_failure,
    by_key,
    by_text,
    channels_for,
    may_try_at,
    meaning,
)
from alerts.channels.written_answers import says_more
from alerts.escalation import RungChannels
from bot.views.channels import how_it_went
from contacts.channels import Cause, Channel, Receipt, telephones
from contacts.people import Person, Role

START = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)

# Seconds after the one before at which somebody wants the number to ring.
wishes = st.lists(st.integers(0, 1200), max_size=40)


def rung(wished: list[int]) -> list[datetime]:
    """When the number rings, if it is tried whenever that is wished and allowed."""
    now, tries = START, []
    for seconds in wished:
        now += timedelta(seconds=seconds)
        if may_try_at(tries, now) <= now:
            tries.append(now)
    return tries


@given(wishes)
def test_no_number_rings_too_often_whoever_wants_it_to(wished: list[int]) -> None:
    tries = rung(wished)
    for most, within in QUIET:
        for first in tries:
            assert sum(first <= at < first + within for at in tries) <= most


@given(wishes, st.randoms())
def test_the_time_named_is_the_first_that_is_allowed(wished: list[int], random) -> None:
    tries = rung(wished)
    now = (tries[-1] if tries else START) + timedelta(seconds=30)
    mixed = random.sample(tries, len(tries))
    at = may_try_at(mixed, now)
    assert at >= now
    assert may_try_at(tries, at) == at
    if at > now:
        just_before = at - timedelta(milliseconds=1)
        assert may_try_at(tries, just_before) > just_before


def test_three_tries_in_five_minutes_then_rest_and_five_in_an_hour() -> None:
    now, tries = START, []
    for _ in range(6):
        now = may_try_at(tries, now)
        tries.append(now)
    minutes = [(at - START).total_seconds() / 60 for at in tries]
    assert minutes == [0, 1, 2, 5, 6, 60]


@pytest.mark.parametrize("cause", [*Cause, None])
def test_a_delivery_is_tried_again_a_minute_later_three_times_at_most(cause: Cause | None) -> None:
    again = after_failure(Channel.VOICE, 1, cause, START)
    if cause in NEVER_AGAIN:
        assert again == (Progress.FAILED, None, cause)
    else:
        assert again == (Progress.QUEUED, START + AGAIN_AFTER, cause)
    assert after_failure(Channel.VOICE, TRIES, cause, START) == (Progress.FAILED, None, cause)


def test_an_sms_that_did_not_arrive_is_not_written_again() -> None:
    assert after_failure(Channel.SMS, 1, Cause.POWERED_OFF, START).progress is Progress.FAILED


@pytest.mark.parametrize(
    ("told", "length", "means"),
    [
        (Told(Receipt.DELIVERED, None, 21.0), 20.0, Told(Receipt.HEARD, None, 21.0)),
        (Told(Receipt.DELIVERED, None, 20.0), 20.0, Told(Receipt.HEARD, None, 20.0)),
        (Told(Receipt.DELIVERED, None, 19.9), 20.0, Told(None, Cause.CUT_SHORT, 19.9)),
        (Told(Receipt.HEARD, None, 3.0), 20.0, Told(None, Cause.CUT_SHORT, 3.0)),
        (Told(Receipt.HEARD, None, None), 20.0, Told(Receipt.HEARD, None, None)),
        (Told(Receipt.HEARD, None, 3.0), None, Told(Receipt.HEARD, None, 3.0)),
        (Told(Receipt.ACCEPTED, None, 0.0), 20.0, Told(Receipt.ACCEPTED, None, 0.0)),
        (Told(None, Cause.BUSY, 0.0), 20.0, Told(None, Cause.BUSY, 0.0)),
        (
            Told(Receipt.DELIVERED, Cause.CUT_SHORT, None),
            None,
            Told(None, Cause.CUT_SHORT, None),
        ),
        (Told(Receipt.HEARD, Cause.BLOCKED, 25.0), 20.0, Told(None, Cause.BLOCKED, 25.0)),
    ],
)
def test_heard_is_who_listened_to_the_end(told: Told, length: float | None, means: Told) -> None:
    assert meaning(told, length) == means


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("1", Said.RECEIVED),
        (" 1 ", Said.RECEIVED),
        ("2", Said.HELP),
        ("9", Said.AGAIN),
        *((key, Said.OTHER) for key in ("7", "", "11", "0", "*", "#", "收到")),
    ],
)
def test_keys(key: str, said: Said) -> None:
    assert by_key(key) is said


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "１",
        "1。",
        " 1 ",
        "收到",
        "1收到",
        "1 收到",
        "Y",
        "y",
        "Ｙ",
        "收到，马上转移",
        "【1】",
        "yes",
    ],
)
def test_replies_that_are_answers(text: str) -> None:
    assert by_text(text) is Said.RECEIVED


def test_the_words_of_the_other_button_call_for_help() -> None:
    assert by_text("需要支援") is by_text(" 需要支援。") is Said.HELP
    assert by_text("不需要支援") is by_text("哪里需要支援") is Said.OTHER


@pytest.mark.parametrize(
    ("text", "said", "more"),
    [
        ("收到，需要支援", Said.HELP, False),
        ("收到 需要支援", Said.HELP, False),
        ("收到。请求支援", Said.HELP, False),
        ("收到需要支援", Said.HELP, False),
        ("需要支援 收到", Said.HELP, False),
        ("1 需要支援", Said.HELP, False),
        ("收到，桥断了，急需派船支援", Said.HELP, True),
        ("收到，没电了，需要支援", Said.HELP, True),
        ("收到，有人被困，救命", Said.HELP, True),
        ("received, need help", Said.HELP, False),
        ("收到，不需要支援", Said.RECEIVED, True),
        ("收到，暂无需支援", Said.RECEIVED, True),
        ("收到，如需要支援再报告", Said.RECEIVED, True),
        ("收到，做好抢险救灾准备", Said.RECEIVED, True),
        ("收到，桥断了", Said.RECEIVED, True),
        ("收到，不能转移", Said.RECEIVED, True),
        ("收到，马上转移", Said.RECEIVED, False),
        ("收到[强]，请领导放心，保证完成任务", Said.RECEIVED, False),
        ("1", Said.RECEIVED, False),
        ("Y", Said.RECEIVED, False),
        ("1收到了", Said.RECEIVED, False),
        ("没收到，需要支援", Said.OTHER, True),
        ("收到吗？需要支援", Said.OTHER, True),
    ],
)
def test_what_an_answer_says_beside_received(text: str, said: Said, more: bool) -> None:
    assert (by_text(text), says_more(text)) == (said, more)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "11",
        "7",
        "没收到",
        "收到没有？",
        "TD",
        "退订",
        "N",
        "好的",
        "1号楼没收到",
        "你是谁",
    ],
)
def test_replies_that_are_none(text: str) -> None:
    assert by_text(text) is Said.OTHER


VOICE, SMS = (Channel.VOICE,), (Channel.SMS,)


def test_who_has_no_telegram_is_called_at_once_by_all_that_would_come_later() -> None:
    named = RungChannels(at_once=VOICE, remind_by=SMS, stand_in_by=())
    assert channels_for(named, Kind.CALL, unreachable=False, stands_in=False) == VOICE
    assert channels_for(named, Kind.CALL, unreachable=True, stands_in=False) == VOICE + SMS
    assert channels_for(named, Kind.CALL, unreachable=False, stands_in=True) == ()
    assert channels_for(named, Kind.CALL, unreachable=True, stands_in=True) == SMS
    assert channels_for(named, Kind.REMIND, unreachable=True, stands_in=True) == SMS


def test_every_telephone_is_an_address() -> None:
    numbers = "+8613900000002、+864333230001、+864333230001x801、+8542345678901"
    person = Person(
        1, "王强", "+8613900000001", "222403101200", Role.VILLAGE_RESPONSIBLE, 1,
        other_phones=numbers,
    )  # fmt: skip
    assert telephones(person, Channel.VOICE) == [
        "+8613900000001", "+8613900000002", "+864333230001", "+8542345678901",
    ]  # fmt: skip
    assert telephones(person, Channel.SMS) == [
        "+8613900000001", "+8613900000002", "+8542345678901",
    ]  # fmt: skip
    assert telephones(person, Channel.WECOM) == []


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        (Tried(Channel.VOICE, 1, arrived=True), "电话语音：已接通，没有按键"),
        (Tried(Channel.VOICE, 1, arrived=True, heard=True), "电话语音：听完了，没有按键"),
        (Tried(Channel.SMS, 1, arrived=True), "短信：已送达，没有回复"),
        (Tried(Channel.SMS, 0, Cause.NOT_LINKED), "短信：没有可用的号码"),
        (Tried(Channel.WECOM, 0, Cause.NOT_LINKED), "企业微信：未绑定"),
        (Tried(Channel.VOICE, 3, Cause.POWERED_OFF), "电话语音：关机（3 次）"),
        (Tried(Channel.VOICE, 0), "电话语音：等着发"),
    ],
)
def test_how_it_went_in_words(tried: Tried, words: str) -> None:
    assert how_it_went(tried, "zh") == words
