"""Whoever has no Telegram is rung up by Aliyun, and answers with a key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import cloud_hearing
from bot.channels.aliyun.connection import AliyunQueues
from data.errors import StoreBusy
from tests.providers.aliyun import VISIBLE_AGAIN, Aliyun
from tests.providers.cloud import HANGS_UP, TAKES_AND_HANGS_UP
from tests.stories.cloud_story import CALLBACK_TOKEN, CloudStory, cloud_story
from tests.stories.county_gateway import FIRST, LANDLINE, SECOND

PHONE, OTHER_PHONE = FIRST["phone"], SECOND["phone"]
QUEUES = ("Alicom-Queue-1234-VoiceReport", "Alicom-Queue-1234-VoiceCallReport")

World = CloudStory[Aliyun]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with cloud_story(tmp_path, Aliyun, "voice") as running:
        yield running


async def tell(world: World, kind: str, *items: object, token: str = CALLBACK_TOKEN) -> int:
    status = await world.cloud.push(token, kind, *items)
    await world.story.settled()
    return status


async def test_a_key_is_on_the_board_before_the_call_is_over(world: World) -> None:
    await world.release()
    [call], [other] = world.cloud.of(PHONE), world.cloud.of(OTHER_PHONE)
    spoken = json.loads(call["StartTtsParams"])
    assert "官地镇暴雨红色预警" in spoken["warning"] and spoken["text"] == "立即转移低洼地群众"
    pressed = world.cloud.pressed(call, "1")
    assert await tell(world, "VoiceCallReport", pressed) == 200
    assert world.answered() == {"官地村长": "voice", "北河沿村长": None}
    # The end of the call tells the key once more, and that it was a short one: nothing changes.
    over = world.cloud.over(call, "200001", 2, dtmf="1")
    # A key that means nothing, hung up early: that is no answer.
    early = world.cloud.over(other, "200001", 2, dtmf="7")
    for _ in range(2):
        assert await tell(world, "VoiceReport", over, early) == 200
    assert await tell(world, "VoiceCallReport", pressed) == 200
    assert world.answered() == {"官地村长": "voice", "北河沿村长": None}
    await world.pass_time(seconds=61)
    await world.story.tick()
    assert len(world.cloud.of(PHONE)) == 1
    _, again = world.cloud.of(OTHER_PHONE)
    assert again["OutId"] != other["OutId"]
    # The late end of the first call does not end the second one.
    late = world.cloud.over(other, "200003")
    help_wanted = world.cloud.over(again, "200000", 30, dtmf="2")
    assert await tell(world, "VoiceReport", late, help_wanted) == 200
    assert world.answered()["北河沿村长"] == "voice"
    assert [text for text in world.officers_read() if "支援" in text]


async def test_busy_then_no_such_number_is_said_on_the_list(world: World) -> None:
    await world.release()
    [call], [other] = world.cloud.of(PHONE), world.cloud.of(OTHER_PHONE)
    off = world.cloud.over(other, "200005", smart_status_code="SUSPEND")
    assert await tell(world, "VoiceReport", world.cloud.over(call, "200002"), off) == 200
    await world.pass_time(seconds=61)
    await world.story.tick()
    assert len(world.cloud.of(OTHER_PHONE)) == 1, "a suspended number is not rung again"
    _, again = world.cloud.of(PHONE)
    assert await tell(world, "VoiceReport", world.cloud.over(again, "200010")) == 200
    world.officers_read()
    duty = world.story["县值班"]
    await duty.says("/who")
    listed = await duty.sees("官地村长", "北河沿村长")
    assert "电话语音：停机" in listed["text"] and "电话语音：关机（2 次）" in listed["text"]


async def test_what_nobody_there_said_changes_nothing(world: World) -> None:
    await world.release()
    [call] = world.cloud.of(PHONE)
    key = world.cloud.pressed(call, "1")
    assert await tell(world, "VoiceCallReport", key, token="a-guess-of-somebody") == 404
    assert await tell(world, "SmsDigitalReport", key) == 404
    assert (await world.cloud.post(f"/aliyun/{CALLBACK_TOKEN}/VoiceReport", body=b"{"))[0] == 400
    # Well told, and about nothing of ours: no reason to be told it again.
    for item in (
        key | {"out_id": "99999-1"},
        key | {"out_id": "PROD#2021"},
        key | {"out_id": call["OutId"].replace("-1", "-2")},
        key | {"out_id": call["OutId"].partition(".")[0] + ".thiy1c"},  # of a database of before
        key | {"callee": OTHER_PHONE.removeprefix("+86")},
    ):
        assert await tell(world, "VoiceCallReport", item) == 200
    busy = world.cloud.over(call, "200004", out_id=call["OutId"][:-1] + "_")
    old = world.cloud.over(call, "200004", out_id=call["OutId"].partition(".")[0] + ".thiy1c")
    assert await tell(world, "VoiceReport", busy, old) == 200
    assert world.answered()["官地村长"] is None
    # The day after, the warning is over: a report and a key of it come late.
    await world.pass_time(minutes=1)
    world.story.clock.advance(timedelta(hours=25))
    await world.story.tick()
    over = world.cloud.over(call, "200000", 30, dtmf="1")
    assert await tell(world, "VoiceReport", over) == 200
    assert world.answered()["官地村长"] is None


async def test_a_key_that_cannot_be_written_is_told_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await world.release()
    [call], [other] = world.cloud.of(PHONE), world.cloud.of(OTHER_PHONE)
    key = world.cloud.pressed(call, "1")
    database = world.story.app.services.database

    async def busy(*_: object) -> None:
        raise StoreBusy("busy")

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "run", busy)
        assert await world.cloud.push(CALLBACK_TOKEN, "VoiceCallReport", key) == 503
    assert await tell(world, "VoiceCallReport", key) == 200
    assert world.answered()["官地村长"] == "voice"

    # What a bug keeps from being taken does not take the others with it.
    def fails(*_: object) -> None:
        raise RuntimeError(OTHER_PHONE)

    with monkeypatch.context() as patch:
        patch.setattr(cloud_hearing, "take_report", fails)
        over = world.cloud.over(call, "200001", 2), world.cloud.over(other, "200000", dtmf="1")
        assert await tell(world, "VoiceReport", *over) == 200
    assert world.answered()["北河沿村长"] == "voice"
    assert "RuntimeError" in caplog.text and OTHER_PHONE not in caplog.text


async def test_the_queue_tells_the_same_without_an_address_of_ours(world: World) -> None:
    await world.release()
    [call], [other] = world.cloud.of(PHONE), world.cloud.of(OTHER_PHONE)
    queues = AliyunQueues(world.story.app.services, QUEUES)
    assert await queues.look() == 0
    over = world.cloud.over(call, "200000", 20, dtmf="1")
    world.cloud.put(QUEUES[0], over, over, world.cloud.over(other, "200003"), "unreadable")
    world.cloud.put(QUEUES[1], world.cloud.pressed(call, "1"))
    assert await queues.look() == 5
    assert world.answered() == {"官地村长": "voice", "北河沿村长": None}
    assert not any(world.cloud.queued.values()), "what is taken in is deleted"
    # Our store does not work just then: nothing is deleted, and it comes again.
    with pytest.MonkeyPatch.context() as patch:

        async def busy(*_: object) -> None:
            raise StoreBusy("busy")

        world.cloud.put(QUEUES[1], world.cloud.pressed(other, "1"))
        patch.setattr(type(world.story.app.services.database), "run", busy)
        assert await queues.look() == 0
    world.story.clock.advance(VISIBLE_AGAIN)
    assert await queues.look() == 1
    assert world.answered()["北河沿村长"] == "voice"


async def test_a_call_whose_answer_was_lost_is_known_by_its_report(world: World) -> None:
    world.cloud.plan("Throttling.User", TAKES_AND_HANGS_UP, HANGS_UP)
    await world.release()
    [lost] = world.cloud.calls
    await world.pass_time(seconds=30)
    # What it says of the call is ours to know though its answer got lost, and ends the matter.
    assert await tell(world, "VoiceReport", world.cloud.over(lost, "200000", 25, dtmf="1")) == 200
    assert sorted(via or "" for via in world.answered().values()) == ["", "voice"]
    for _ in range(2):
        await world.pass_time(seconds=45)
    # It knows no request it had before: whoever may have been rung is left alone for a minute.
    assert len(world.cloud.of(PHONE)) == len(world.cloud.of(OTHER_PHONE)) == 1


async def test_an_empty_account_is_told_to_the_duty_officer(world: World) -> None:
    world.cloud.no_money = True
    await world.release()
    await world.pass_time(minutes=3)
    asked = world.cloud.asked
    [told] = [text for text in world.officers_read() if "服务商拒收" in text]
    assert "电话语音：欠费，或套餐用完，要充值（isv.AMOUNT_NOT_ENOUGH）" in told
    assert asked <= 12, "it is asked once a minute, not by every call again and again"
    world.cloud.no_money = False
    await world.pass_time(minutes=3)
    assert len(world.cloud.of(PHONE)) == 1
    await world.pass_time(minutes=6)
    assert [text for text in world.officers_read() if "故障已解除：服务商拒收" in text]


async def test_an_hour_without_aliyun_brings_no_burst_afterwards(world: World) -> None:
    world.cloud.down = True
    await world.release()
    for _ in range(10):
        world.story.clock.advance(timedelta(minutes=6))
        await world.story.tick()
    await world.pass_time(minutes=2)
    read = world.officers_read()
    assert [text for text in read if "电话、短信交不出去" in text]
    assert 10 <= world.cloud.asked <= 60, "it was tried again, with rests"
    world.cloud.down = False
    await world.pass_time(minutes=3)
    assert len(world.cloud.calls) <= 2, "what the ladder asks for since, and nothing of before"


async def test_aliyun_takes_all_and_tells_nothing(tmp_path: Path) -> None:
    async with cloud_story(tmp_path, Aliyun, "voice", "sms") as world:
        world.has_too(FIRST, LANDLINE)
        await world.release()
        await world.pass_time(minutes=11)
        assert len(world.cloud.calls) == 5
        read = [text for text in world.officers_read() if "发出后没有回音" in text]
        assert len(read) == 1


async def test_two_persons_on_one_landline_each_answer_their_own_call(tmp_path: Path) -> None:
    async with cloud_story(tmp_path, Aliyun, "voice") as world:
        world.has_too(FIRST, LANDLINE)
        world.has_too(SECOND, LANDLINE)
        await world.release()
        for _ in range(4):
            await world.pass_time(seconds=61)
        rung = world.cloud.of(LANDLINE)
        assert len({call["OutId"].partition("-")[0] for call in rung}) == 2
        await tell(world, "VoiceCallReport", world.cloud.pressed(rung[0], "1"))
        assert sorted(via or "" for via in world.answered().values()) == ["", "voice"]
