"""An SMS through the county's gateway is answered by replying to it: the number is the person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.county_gateway import FIRST, SECOND, GatewayStory, gateway_story

PHONE = FIRST["phone"]


@pytest.fixture
async def world(tmp_path: Path):
    async with gateway_story(tmp_path, "sms") as running:
        yield running


async def test_a_reply_answers_the_call(world: GatewayStory) -> None:
    await world.release()
    [sms] = world.gateway.of(PHONE, "sms")
    assert "官地镇暴雨红色预警" in sms["text"] and "回复1" in sms["text"]
    assert "http" not in sms["text"] and sms["keys"] == {}
    assert all(len(text) <= 35 for text in sms["variables"].values())
    _, said = await world.sms("199 0000 0075", "收到，马上转移", event="the-reply")
    assert said["recorded"] and "已记录您收到官地镇暴雨红色预警" in said["say"]
    assert world.answered() == {"官地村长": "sms", "北河沿村长": None}
    _, again = await world.sms(PHONE, "收到，马上转移", event="the-reply")
    assert again == {"recorded": True, "say": "已记录。"}
    _, said = await world.sms(PHONE, "1")
    assert "之前已记录" in said["say"]
    _, first = await world.sms(PHONE, "撤回", event="by-mistake")
    assert "已撤回您的回应" in first["say"] and world.answered()["官地村长"] is None
    assert (await world.sms(PHONE, "撤回", event="by-mistake"))[1] == first, "told once more"
    await world.pass_time(seconds=1)
    await world.story.tick()
    assert "先前的回应已撤回，请重新回应。" in world.gateway.of(PHONE, "sms")[-1]["text"]
    _, said = await world.sms(PHONE, "收到，桥断了，需要支援")
    assert said["recorded"] and "您写的话已转给值班员" in said["say"]
    [told] = [text for text in world.officers_read() if "桥断了" in text]
    assert "「收到」已记录" in told and "不算" not in told


async def test_what_is_no_answer_and_who_is_nobody_is_told_so(world: GatewayStory) -> None:
    await world.release()
    _, said = await world.sms(PHONE, "收到没有？")
    assert not said["recorded"] and "没有记为收到" in said["say"]
    told = [text for text in world.officers_read() if "收到没有" in text]
    assert told, "somebody reads it"
    for _ in range(2):
        _, said = await world.sms(PHONE, "我正在开车，稍后回复")  # by itself
        assert said == {"recorded": False, "say": ""}, "two automats would never end"
    assert len([text for text in world.officers_read() if "开车" in text]) == 1
    # What a person writes next is read, if not replied to; not without end.
    for house in range(6):
        _, said = await world.sms(PHONE, f"第{house}户房子塌了")
        assert said == {"recorded": False, "say": ""}
    assert len([text for text in world.officers_read() if "房子塌了" in text]) == 3
    # An hour on its way: the officer reads when it was written.
    late = (world.story.clock() - timedelta(hours=1)).isoformat()
    await world.sms(SECOND["phone"], "桥断了", at=late)
    [told] = [text for text in world.officers_read() if "桥断了" in text]
    assert "发出，60 分钟后才收到" in told
    _, said = await world.sms("+8613900000001", "1")
    assert said == {"recorded": False, "say": ""}, "an automat there would write back for ever"
    assert set(world.answered().values()) == {None}


async def test_two_persons_of_one_number_say_which_of_them(tmp_path: Path) -> None:
    async with gateway_story(tmp_path, "sms") as world:
        world.has_too(SECOND, PHONE)
        await world.release()
        _, said = await world.sms(PHONE, "1")
        assert not said["recorded"]
        assert "官地村长" in said["say"] and "北河沿村长" in said["say"]
        assert set(world.answered().values()) == {None}
        _, said = await world.sms(PHONE, "北河沿村长 1")
        assert said["recorded"] and world.answered()["北河沿村长"] == "sms"
        assert world.answered()["官地村长"] is None


async def test_yesterdays_warning_takes_no_answer(world: GatewayStory) -> None:
    await world.release()
    chief = world.story["县指挥"]
    await chief.says("/status")
    await chief.taps("取消预警")
    await chief.taps("取消")
    await world.story.settled()
    _, said = await world.sms(PHONE, "1")
    assert not said["recorded"]
    assert set(world.answered().values()) == {None}
