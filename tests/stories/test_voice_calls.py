"""Whoever has no Telegram is rung up by the county's gateway, and answers with a key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import store as channel_store
from data.errors import StoreBusy
from tests.stories.county_gateway import (
    FIRST,
    HANGS_UP,
    LANDLINE,
    SECOND,
    TAKES_AND_HANGS_UP,
    GatewayStory,
    gateway_story,
)

OTHER_MOBILE = "+8619900009999"
A_SECOND, TWO_MINUTES = timedelta(seconds=1), timedelta(minutes=2)
PHONE, OTHER_PHONE = FIRST["phone"], SECOND["phone"]


@pytest.fixture
async def world(tmp_path: Path):
    async with gateway_story(tmp_path, "voice") as running:
        yield running


async def test_a_village_head_without_telegram_is_rung_up_and_presses_1(
    world: GatewayStory,
) -> None:
    await world.release()
    assert "📞 电话语音 2 人，约 1 秒发完" in world.preview
    [call] = world.gateway.of(PHONE)
    assert "官地镇暴雨红色预警" in call["text"] and "立即转移低洼地群众" in call["text"]
    assert "收到请按1" in call["text"] and call["keys"]["1"] == "acknowledge"
    assert not call["exercise"]
    status, said = await world.key(call, "1", event="the-key")
    assert (status, said["recorded"]) == (200, True)
    assert "已记录您收到官地镇暴雨红色预警" in said["say"]
    assert world.answered() == {"官地村长": "voice", "北河沿村长": None}
    # The gateway heard no answer of ours and tells it again: nothing is counted twice.
    assert await world.key(call, "1", event="the-key") == (
        200,
        {"recorded": True, "say": "已记录。"},
    )


async def test_keys_that_are_no_answer_and_a_call_for_help(world: GatewayStory) -> None:
    await world.release()
    [call], [other] = world.gateway.of(PHONE), world.gateway.of(OTHER_PHONE)
    _, said = await world.key(call, "7")
    assert not said["recorded"] and "没有这个按键" in said["say"]
    _, said = await world.key(call, "9", event="nine")
    assert not said["recorded"] and said["say"] == call["text"]
    _, said = await world.key(call, "9", event="nine")
    assert not said["recorded"] and said["say"] == call["text"]
    for _ in range(2):
        _, said = await world.key(call, "3", event="three")
        assert not said["recorded"] and "没有这个按键" in said["say"]
    assert world.answered()["官地村长"] is None
    _, said = await world.key(other, "2")
    assert said["recorded"] and "需要支援" in said["say"]
    assert world.answered()["北河沿村长"] == "voice"


async def test_whoever_hangs_up_early_has_not_answered_and_is_rung_again(
    world: GatewayStory,
) -> None:
    await world.release()
    [call] = world.gateway.of(PHONE)
    assert await world.report(call, "delivered", seconds=2.0) == (200, {"recorded": True})
    assert world.answered()["官地村长"] is None
    await world.pass_time(seconds=61)
    await world.story.tick()
    _, again = world.gateway.of(PHONE)
    assert again["id"] != call["id"], "the county knows an id it has made a call for"
    # A report of the first try comes late: the second one goes on.
    late = await world.report(call, "failed", cause="no_answer")
    assert late == (200, {"recorded": False})
    await world.key(again, "1")
    assert world.answered()["官地村长"] == "voice"


async def test_a_gateway_that_is_busy_breaks_or_hangs_up_gets_each_call_once(
    world: GatewayStory,
) -> None:
    world.gateway.plan(429, Retry_After="7")
    world.gateway.plan(500, HANGS_UP)
    await world.release()
    assert world.gateway.calls == {}
    for _ in range(6):
        await world.pass_time(seconds=30)
    assert len(world.gateway.of(PHONE)) == len(world.gateway.of(OTHER_PHONE)) == 1
    assert set(world.gateway.asked) == set(world.gateway.calls), "handed over again by the same id"


async def test_a_call_that_was_taken_and_not_noted_is_handed_over_by_the_same_id(
    world: GatewayStory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the gateway's answer and our note of it: nobody is rung twice."""

    def dies(*_: Any) -> None:
        raise StoreBusy("killed")

    with monkeypatch.context() as patch:
        patch.setattr(channel_store, "accepted", dies)
        await world.release()
    taken = dict(world.gateway.calls)
    assert taken
    await world.pass_time(minutes=3)
    assert set(taken) <= set(world.gateway.calls)
    assert {world.gateway.asked.count(call_id) for call_id in taken} == {2}
    assert len(world.gateway.of(PHONE)) == len(world.gateway.of(OTHER_PHONE)) == 1


async def test_a_key_counts_though_the_gateways_answer_to_us_was_lost(
    world: GatewayStory,
) -> None:
    """It took the call and rang; what it said to us never arrived, and the call waits again."""
    world.gateway.plan(TAKES_AND_HANGS_UP, TAKES_AND_HANGS_UP)
    await world.release()
    [call], [other] = world.gateway.of(PHONE), world.gateway.of(OTHER_PHONE)
    assert (await world.key(call, "1"))[1]["recorded"]
    failed = await world.report(other, "failed", cause="no_such_number")
    assert failed == (200, {"recorded": True})
    assert world.answered() == {"官地村长": "voice", "北河沿村长": None}
    asked = list(world.gateway.asked)
    await world.pass_time(minutes=2)
    assert world.gateway.asked == asked, "nobody is rung again"


async def test_forged_replayed_and_stale_requests_record_nothing(world: GatewayStory) -> None:
    await world.release()
    [call] = world.gateway.of(PHONE)
    told = {"channel": "voice", "id": call["id"], "from": PHONE, "key": "1"}
    path = "/v1/answers"
    assert await world.says(path, told, secret="x" * 32) == (401, {"error": "forged"})
    assert await world.says(path, told, late=301) == (401, {"error": "stale"})
    assert await world.says(path, told, sign=False) == (401, {"error": "unsigned"})
    key = {"event": "e", "at": world.story.clock().isoformat(), **told | {"key": "7"}}
    nonce = "a-nonce-that-is-used-twice"
    assert (await world.says(path, key, nonce=nonce))[0] == 200
    assert await world.says(path, key, nonce=nonce) == (409, {"error": "replayed"})
    assert world.answered()["官地村长"] is None


async def test_what_is_about_nothing_of_ours_is_refused(world: GatewayStory) -> None:
    await world.release()
    [call] = world.gateway.of(PHONE)
    unknown = (404, {"error": "unknown_call"})
    assert await world.report({"id": "99-1"}, "heard") == unknown
    assert await world.report({"id": call["id"].replace("-1", "-2")}, "heard") == unknown
    assert await world.key(call | {"to": OTHER_PHONE}, "1") == unknown
    assert await world.key(call, "1", at="today") == (422, {"error": "bad_time", "field": "at"})
    assert world.answered()["官地村长"] is None


async def test_two_persons_on_one_landline_each_answer_their_own_call(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "voice") as world:
        world.has_too(FIRST, LANDLINE)
        world.has_too(SECOND, LANDLINE)
        await world.release()
        for _ in range(4):
            await world.pass_time(seconds=61)
        rung = world.gateway.of(LANDLINE)
        assert len({call["id"].partition("-")[0] for call in rung}) == 2
        await world.key(rung[0], "1")
        assert sorted(via or "" for via in world.answered().values()) == ["", "voice"]


async def test_a_gateway_that_opens_no_port_fetches_its_calls(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "voice", pull=True) as world:
        await world.release()
        assert "📞 电话语音 2 人，由网关来取" in world.preview
        gateway = world.gateway
        status, first = await gateway.says("/v1/calls", method="GET")
        assert status == 200 and len(first["calls"]) == 2
        # The answer got lost on its way: the same calls come again, by the same ids.
        world.story.clock.advance(A_SECOND)
        _, again = await gateway.says("/v1/calls", method="GET")
        assert [call["id"] for call in again["calls"]] == [call["id"] for call in first["calls"]]
        world.story.clock.advance(A_SECOND)
        stored = f"/v1/calls?after={again['next']}"
        _, nothing = await gateway.says(stored, method="GET")
        assert nothing == {"calls": [], "next": again["next"]}
        by_number = {call["to"]: call for call in again["calls"]}
        _, said = await world.key(by_number[PHONE], "1")
        assert said["recorded"] and world.answered()["官地村长"] == "voice"
        assert (await gateway.says("/v1/calls", method="GET", secret="y" * 32))[0] == 401


async def test_a_call_that_the_gateway_holds_is_taken_back(tmp_path: Path) -> None:
    """Whoever answered otherwise, and whoever's warning is over, is not to be rung any more."""
    async with gateway_story(tmp_path, "voice", "sms") as world:
        gateway = world.gateway
        await world.release()
        [call], [other] = gateway.of(PHONE), gateway.of(OTHER_PHONE)
        [sms], [other_sms] = gateway.of(PHONE, "sms"), gateway.of(OTHER_PHONE, "sms")
        await world.report(sms, "delivered")
        await world.story.tick()
        assert gateway.taken_back == []
        await world.sms(PHONE, "1")
        await world.story.tick()
        assert gateway.taken_back == [call["id"]]  # the SMS has arrived
        await world.report(other, "delivered", seconds=2.0)  # it is ringing
        chief = world.story["县指挥"]
        await chief.taps("取消预警", message=chief.last_with("取消预警"))
        await chief.taps("确定取消")
        await world.story.tick()
        await world.story.tick()
        assert gateway.taken_back == [call["id"], other_sms["id"]]


async def test_a_gateway_that_fetches_reads_what_is_taken_back(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "voice", "sms", pull=True) as world:
        await world.release()
        _, told = await world.gateway.says("/v1/calls", method="GET")
        world.story.clock.advance(A_SECOND)
        await world.gateway.says(f"/v1/calls?after={told['next']}", method="GET")
        await world.sms(PHONE, "1")
        held = {call["id"] for call in told["calls"] if call["to"] == PHONE}
        ids, after = [], told["next"]
        for stored in (False, False, True, True):  # an answer that got lost is said again
            world.story.clock.advance(A_SECOND)
            path = f"/v1/calls?after={after}"
            _, answer = await world.gateway.says(path, method="GET")
            ids.append(set(answer.get("withdrawn", ())))
            after = answer["next"] if stored else after
        assert ids == [held, held, held, set()]


async def test_calls_that_waited_long_are_still_fetched(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "voice", pull=True) as world:
        await world.release()
        world.story.without_ticks |= {"sweep", "channels"}  # the ladder is another story
        for _ in range(3):
            world.story.clock.advance(10 * TWO_MINUTES)
        _, told = await world.gateway.says("/v1/calls", method="GET")
        assert len(told["calls"]) == 2


async def test_an_hour_without_the_gateway_is_told_and_brings_no_burst_afterwards(
    world: GatewayStory,
) -> None:
    world.gateway.down = True
    await world.release()
    for _ in range(16):
        world.story.clock.advance(TWO_MINUTES)
        await world.story.tick()
    await world.pass_time(minutes=2)
    asked = len(world.gateway.asked)
    assert 4 <= asked <= 60, "it was tried again, with rests"
    read = world.officers_read()
    [told] = [text for text in read if "电话、短信交不出去" in text]
    assert "2 个电话或短信没有交出去" in told
    world.gateway.down = False
    await world.pass_time(minutes=5)
    assert world.gateway.calls == {} and len(world.gateway.asked) == asked


async def test_a_gateway_that_takes_all_and_tells_nothing_is_told(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "voice", "sms") as world:
        world.has_too(FIRST, OTHER_MOBILE)
        await world.release()
        await world.pass_time(minutes=11)
        read = [text for text in world.officers_read() if "发出后没有回音" in text]
        assert len(read) == 1 and "收下了" in read[0]
