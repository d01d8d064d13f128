"""Handing cards to WeCom: its shapes, its limits, its tokens, and what each of its errors means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from alerts.channels.model import Trouble
from bot.channels.events import Handle, OutgoingCall
from bot.channels.sending import Outcome, Result
from bot.channels.wecom.lookups import ASKED_AGAIN_AFTER, UnknownNumbers
from bot.channels.wecom.member_pace import MEMBER_LIMITS, MemberPace
from bot.channels.wecom.sender import Remembered, WecomSender
from bot.channels.wecom.wire import (
    NO_ANSWER,
    Told,
    changed,
    message,
    mobile,
    outcome_of,
    read_answer,
    read_task_id,
    task_id,
)
from bot.config.reader import Secret
from bot.config.settings_accounts import WecomSettings
from bot.sandbox.providers.wecom import HANGS_UP, Corporation, WecomServer
from contacts.channels import Cause, Channel
from tests.waiting import free_port

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
CORP = Corporation()
CALL = OutgoingCall(
    Handle(812, 1), Channel.WECOM, "call", "zhangsan", "立即转移低洼地群众", {}, {}, 0.0, False,
    NOW + timedelta(hours=5), title="敦化市暴雨红色预警",
    buttons={"1": "✅ 收到", "2": "🆘 需要支援"}, link="https://a.example/a/x", queued_at=NOW,
)  # fmt: skip
NOT_ALLOWED = Outcome(Result.LATER, trouble=Trouble.NOT_ALLOWED)
NOT_LINKED = Outcome(Result.REFUSED, cause=Cause.NOT_LINKED)


class Bench:
    """A sender and the server it speaks to, under one clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.server = WecomServer(CORP, lambda: self.now)
        self.http = TestServer(self.server.app)
        self.remembered = Remembered()
        self.noted: list[tuple[int, str]] = []
        self.numbers = iter(range(1, 10_000))

    def call(self, **more: Any) -> OutgoingCall:
        return replace(CALL, handle=Handle(next(self.numbers), 1), **more)

    async def send(self, call: OutgoingCall | None = None, **changed: Any) -> Outcome:
        given = {
            "corp_id": CORP.corp_id,
            "agent_id": CORP.agent_id,
            "secret": Secret(CORP.secret),
            "url": str(self.http.make_url("")),
        }
        settings = WecomSettings(**{**given, **changed})
        async with aiohttp.ClientSession() as session:
            sender = WecomSender(
                settings, session, lambda: self.now, self.remembered, self.remember
            )
            return await sender.send(self.call() if call is None else call)

    async def remember(self, handle: Handle, account: str) -> bool:
        self.noted.append((handle.delivery_id, account))
        return True


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    async with made.http:
        made.server.add("ZhangSan", "13900000010")
        yield made


async def test_a_card_arrives_with_its_buttons_and_is_handed_over_once(bench: Bench) -> None:
    assert (await bench.send(CALL)).result is Result.ACCEPTED
    [card] = bench.server.messages("zhangsan")
    assert card.title == "敦化市暴雨红色预警" and card.text == "立即转移低洼地群众"
    assert card.buttons == {"1": "✅ 收到", "2": "🆘 需要支援"}
    assert card.link == "https://a.example/a/x"
    assert read_task_id(card.id) == (Handle(812, 1), int(NOW.timestamp()))
    # Nobody knows whether it arrived: it is handed over again, and does not arrive twice.
    assert (await bench.send(CALL)).result is Result.ACCEPTED
    assert len(bench.server.messages("zhangsan")) == 1
    assert bench.server.asked.count("/cgi-bin/gettoken") == 1


async def test_a_token_that_ended_is_renewed_at_once_and_one_before_its_end(bench: Bench) -> None:
    await bench.send()
    bench.server.end_tokens()
    both = await asyncio.gather(bench.send(), bench.send())
    assert [outcome.result for outcome in both] == [Result.ACCEPTED] * 2
    asked = bench.server.asked.count("/cgi-bin/gettoken")
    bench.now += timedelta(hours=1, minutes=56)
    assert (await bench.send()).result is Result.ACCEPTED
    assert bench.server.asked.count("/cgi-bin/gettoken") == asked + 1
    assert bench.server.asked[-1] == "/cgi-bin/message/send"


async def test_an_account_is_found_by_its_number_and_noted_before_its_owner_is_written_to(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = bench.call(to="+8613900000010")
    assert (await bench.send(call)).result is Result.ACCEPTED
    assert bench.noted == [(call.handle.delivery_id, "zhangsan")]
    assert bench.server.sent[-1]["touser"] == "zhangsan"

    async def locked(_handle: Handle, _account: str) -> bool:
        return False

    monkeypatch.setattr(bench, "remember", locked)
    sent = len(bench.server.sent)
    assert (await bench.send(call)).result is Result.HELD
    assert len(bench.server.sent) == sent


async def test_nobody_is_looked_up_again_and_again_and_not_too_many_a_day(bench: Bench) -> None:
    unknown = bench.call(to="+8613900000011")
    assert await bench.send(unknown) == NOT_LINKED
    assert await bench.send(unknown) == NOT_LINKED
    assert bench.server.asked.count("/cgi-bin/user/getuserid") == 1
    bench.server.add("LiSi", "13900000011")
    bench.now += ASKED_AGAIN_AFTER
    assert (await bench.send(unknown)).result is Result.ACCEPTED
    other = bench.call(to="+8613900000012")
    assert await bench.send(other, unknown_a_day=1) == Outcome(Result.REFUSED), "nobody knows"
    assert bench.server.asked.count("/cgi-bin/user/getuserid") == 2


async def test_locked_out_of_asking_those_whose_accounts_are_known_are_written_to(
    bench: Bench,
) -> None:
    for number in range(12):
        await bench.send(bench.call(to=f"+86139000001{number:02}"), unknown_a_day=99)
    asked = len(bench.server.asked)
    assert await bench.send(bench.call(to="+8613900000010")) == Outcome(Result.REFUSED)
    assert len(bench.server.asked) == asked
    assert (await bench.send()).result is Result.ACCEPTED


async def test_who_left_and_who_has_no_licence_is_not_linked(bench: Bench) -> None:
    bench.server.add("WangWu").licensed = False
    assert await bench.send(bench.call(to="wangwu")) == NOT_LINKED
    bench.server.members["zhangsan"].visible = False
    assert await bench.send() == NOT_LINKED
    assert await bench.send(bench.call(to="nobody")) == NOT_LINKED


async def test_a_member_who_gets_too_much_waits_for_the_next_minute(bench: Bench) -> None:
    for _ in range(30):
        assert (await bench.send()).result is Result.ACCEPTED
    held = await bench.send()
    assert held.result is Result.HELD and held.after is not None and 60 <= held.after <= 62
    bench.server.add("LiSi")
    assert (await bench.send(bench.call(to="lisi"))).result is Result.ACCEPTED
    bench.now += timedelta(seconds=held.after)
    assert (await bench.send()).result is Result.ACCEPTED
    assert len(bench.server.messages("zhangsan")) == 31


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, Outcome(Result.LATER)),
        (45009, Outcome(Result.LATER, after=60.0)),
        (45033, Outcome(Result.LATER)),
        (60020, NOT_ALLOWED),  # our address is not among its 可信IP
        (40056, NOT_ALLOWED),
        (42001, Outcome(Result.LATER)),
        (81013, NOT_LINKED),
        (60111, NOT_LINKED),
        (45002, Outcome(Result.REFUSED)),  # this message is too long
        (999999, Outcome(Result.UNCERTAIN)),
    ],
)
def test_what_each_error_means(code: int, outcome: Outcome) -> None:
    told = outcome_of(Told(code, {"errcode": code}), "zhangsan")
    assert replace(told, words="") == outcome
    # Somebody reads what an administrator has to mend, and what nobody foresaw.
    assert (str(code) in told.words) == (outcome.trouble is not None or code in (45002, 999999))


async def test_wrong_settings_send_nothing_and_show_no_secret(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = {"secret": Secret("wrong-secret")}
    refused = await asyncio.gather(bench.send(**wrong), bench.send(**wrong))
    assert {outcome.trouble for outcome in refused} == {Trouble.NOT_ALLOWED}
    assert len(bench.server.asked) == 1, "the second waits for no refusal of its own"
    assert not bench.server.sent and "secret 不对" in caplog.text
    assert "wrong-secret" not in caplog.text
    bench.now += timedelta(seconds=5)
    assert (await bench.send(agent_id=7)).trouble is Trouble.NOT_ALLOWED


async def test_a_server_that_is_down_or_hangs_up_is_an_outcome(bench: Bench) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert await bench.send(url=nowhere) == Outcome(Result.LATER)
    bench.server.down = True
    assert (await bench.send()).result is Result.LATER  # no token: nothing was sent
    bench.server.down = False
    bench.now += timedelta(seconds=5)
    assert (await bench.send()).result is Result.ACCEPTED
    bench.server.planned.append(HANGS_UP)
    assert (await bench.send()).result is Result.UNCERTAIN
    bench.server.down = True
    assert (await bench.send()).result is Result.UNCERTAIN


def test_without_cards_there_is_a_link_and_without_a_page_plain_words() -> None:
    long = replace(CALL, text="立即转移" * 300)
    linked = message(long, "zhangsan", 1, cards=False)
    assert linked["msgtype"] == "textcard" and linked["textcard"]["url"] == CALL.link
    assert len(linked["textcard"]["description"].encode()) <= 512
    plain = message(replace(long, link=""), "zhangsan", 1, cards=False)
    words = plain["text"]["content"]
    assert len(words.encode()) <= 2048 and words.endswith("值班员会看到。")
    card = message(replace(long, title="x" * 99), "zhangsan", 1, cards=True)["template_card"]
    assert len(card["sub_title_text"]) == 160 and len(card["main_title"]["title"]) == 36


def test_a_name_of_a_card_is_read_back_and_no_other() -> None:
    assert task_id(CALL) == "812-1@1782932400"
    assert read_task_id(task_id(CALL)) == (Handle(812, 1), 1782932400)
    for other in ("", "812", "812-1", "812-1@", "x-1@1", "812-1@1 ", "8" * 30 + "-1@1", "８-1@1"):
        assert read_task_id(other) is None
    assert mobile("+8613900000010") == "13900000010" and mobile("+85251234567") == "+85251234567"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b'{"errcode":0,"msgid":"m"}', 0),
        (200, b'{"access_token":"t"}', 0),
        (200, b"<html>", NO_ANSWER),
        (200, b"[]", NO_ANSWER),
        (200, b'{"errcode":"0"}', NO_ANSWER),
        (502, b"", NO_ANSWER),
        (302, b"{}", NO_ANSWER),
        (503, b"", -1),
        (429, b"", -1),
    ],
)
def test_what_is_no_answer_of_wecom_is_none(status: int, body: bytes, code: int) -> None:
    assert read_answer(status, body).code == code


def test_the_pace_of_a_member_holds_under_any_rhythm_and_a_clock_set_back() -> None:
    pace, now, sent = MemberPace(), NOW, list[datetime]()
    for _ in range(1300):
        now += timedelta(seconds=max(pace.wait("a", now), 0.1))
        pace.wrote("a", now)
        sent.append(now)
    for most, within in MEMBER_LIMITS:
        pairs = zip(sent, sent[most:], strict=False)
        assert all(later - earlier > within for earlier, later in pairs)
    assert 0 < pace.wait("a", now - timedelta(days=9)) <= 3600
    assert pace.wait("a", now + timedelta(hours=2)) == 0


def test_unknown_numbers_are_forgotten_and_counted_for_a_day() -> None:
    unknown = UnknownNumbers()
    unknown.missed("+1", NOW)
    assert unknown.known_as_unknown("+1", NOW) and not unknown.known_as_unknown("+2", NOW)
    assert not unknown.known_as_unknown("+1", NOW + ASKED_AGAIN_AFTER)
    assert unknown.may_ask(2, NOW) and not unknown.may_ask(1, NOW)
    assert unknown.may_ask(1, NOW + timedelta(days=1))
    assert not unknown.known_as_unknown("+1", NOW - timedelta(hours=9))  # a clock set back


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (0, Result.ACCEPTED),
        (60140, Result.ACCEPTED),  # the code was used: the buttons are gone, or will not go
        (-1, Result.LATER),
        (45009, Result.LATER),
        (NO_ANSWER, Result.UNCERTAIN),
        (81013, Result.REFUSED),
        (999999, Result.REFUSED),
    ],
)
def test_what_a_change_of_a_card_comes_to(code: int, result: Result) -> None:
    assert changed(Told(code, {"errcode": code})).result is result
