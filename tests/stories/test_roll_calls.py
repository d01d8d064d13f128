"""Roll calls: asked with one button, answered by positions, the silent named."""

from __future__ import annotations

from pathlib import Path

import pytest

from contacts.people import Contact
from data.tables import people
from tests.roster import COUNTY, OTHER_COUNTY
from tests.stories.story import Story, buttons, story_of

HERE = (43.37, 128.23, 12.0)  # Dunhua
TUMEN = (42.97, 129.85, 12.0)
NOWHERE = (0.0, 0.0, 12.0)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as told:
        yield told


async def _started(story: Story, line: str = "敦化市 所有人 20"):
    """The county's commander calls the roll in one line; returns the growing result."""
    commander = story["县指挥"]
    await commander.says(f"/rollcall {line}")
    preview = await commander.sees("点名 · 敦化市", "20 分钟内报位")
    await commander.taps("开始点名")
    return preview


def _keyboard(story: Story, name: str) -> list[list[dict[str, object]]]:
    """The keys under a person's chat now."""
    _, chat = story.server.people._place(story[name].id, None, None)
    return chat.keyboards[story[name].id]["keyboard"]


async def test_a_roll_call_in_a_few_taps(story: Story) -> None:
    commander = story["县指挥"]
    await commander.says("📣 点名")  # the key
    await commander.sees("点名：哪个区域？", "敦化市")
    await commander.taps("确认此区域")
    shown = commander.last_with("护林员")
    assert "点谁？" in shown["text"]
    await commander.taps("护林员")
    await commander.taps("20 分钟")
    assert "应到 1 人" in commander.shows(shown)["text"]
    await commander.taps("开始点名")
    assert "已应到 0/1" in commander.shows(shown)["text"]
    await story["护林员"].sees("📣 点名 · 敦化市", "县指挥", "前报位")
    keys = _keyboard(story, "护林员")
    assert keys[0] == [{"text": "📍 一键报位", "request_location": True}]
    assert "🆘 求救" in [key["text"] for row in keys for key in row]
    await story["护林员"].presses("一键报位", location=HERE)
    await story["护林员"].sees("已记录", "点名已应到")
    await story.tick()
    assert "已应到 1/1" in commander.shows(shown)["text"]
    await story.fast_forward(minutes=21)
    assert "结束" in commander.shows(shown)["text"]
    assert buttons(commander.shows(shown)) == ["🗺 地图"]


async def test_the_result_grows_and_the_silent_are_named(story: Story) -> None:
    database = story.app.database
    database.do(
        lambda c: c.execute(
            people.update().where(people.c.id == 11).values(contact=Contact.BLOCKED.value)
        )
    )
    result = await _started(story)
    commander, asked = story["县指挥"], ("村长0", "村长2", "副村长0", "护林员", "镇长", "镇值班")
    for name in (*asked, "县值班"):
        await story[name].sees("📣 点名 · 敦化市")
    text = commander.shows(result)["text"]
    assert "已应到 0/8" in text and "未应到 7 人" in text and "送不到 1 人" in text
    for name in asked[2:]:
        await story[name].presses("一键报位", location=HERE)
        await story[name].sees("点名已应到")
    await story["县值班"].presses("一键报位", location=HERE)
    await story["县值班"].sees("点名已应到")
    await story["村长2"].presses("一键报位", location=TUMEN)
    await story["村长2"].sees("点名已应到，但您不在责任区内")
    await story["村长0"].presses("一键报位", location=NOWHERE)
    await story["村长0"].sees("有疑问")  # it answers nothing
    await story.tick()
    text = commander.shows(result)["text"]
    assert "已应到 6/8" in text and "不在责任区 1 人" in text and "未应到 1 人" in text
    await commander.taps("未应到 2 人", message=result)
    listed = await commander.sees("未应到 2 人", "村长0", "+86199000000010"[3:6], "村长1")
    assert "Telegram 送不到" in listed["text"] and "村长2" not in listed["text"]
    await commander.taps("不在责任区 1 人", message=result)
    await commander.sees("不在责任区 1 人", "村长2", "报位在本县之外")
    assert "请过" in await commander.taps("再叫一次", message=result)
    await story.fast_forward(minutes=2)
    assert "已再叫 1 人" in await commander.taps("再叫一次", message=result)
    await story["村长0"].sees("还没有收到您的位置", "点名")
    await story.fast_forward(minutes=19)
    await commander.sees("未应到 2 人", "村长0", "村长1")
    await story["县值班"].sees("未应到 2 人", "村长0")
    await story["村长0"].presses("一键报位", location=HERE)
    await story["村长0"].sees("点名已应到（晚了）")
    await story.tick()
    assert "已应到 7/8" in commander.shows(result)["text"]


async def test_the_same_roll_call_is_not_sent_twice(story: Story) -> None:
    await _started(story, "敦化市 护林员 20")
    await story["护林员"].sees("📣 点名")
    await story["县指挥"].says("/rollcall 敦化市 护林员 20")
    await story["县指挥"].sees("应到 1 人")
    assert "没有重复发出" in await story["县指挥"].taps("开始点名")
    await story["县指挥"].taps("结束点名")
    await story["县指挥"].sees("未应到 1 人", "护林员")
    await story["县值班"].sees("未应到 1 人", "护林员")


async def test_who_may_call_the_roll(story: Story) -> None:
    await story["护林员"].says("/rollcall 敦化市 护林员 20")
    await story["护林员"].sees("您的职务不能")
    await story["图们指挥"].forges(f"qg:{COUNTY}:rangers:20")
    await story["县指挥"].forges(f"qg:{OTHER_COUNTY}:rangers:20")
    await _started(story, "护林员 20 敦化市")
    await story["护林员"].sees("📣 点名")
    for name in ("图们指挥", "村长0"):
        for do in ("again", "map", "close", "silent", "far", "show"):
            said = await story[name].forges(f"qt:1:{do}:0")
            assert "范围" in said or "不当值" in said or "职务" in said
    await story["县指挥"].forges("qt:999:close:0")
    await story["县指挥"].taps("结束点名")
    await story["县指挥"].sees("未应到 1 人", "护林员")
    await story["县值班"].sees("未应到 1 人")
    assert "已结束" in await story["县指挥"].forges("qt:1:again:0")


async def test_nobody_and_no_such_place(story: Story) -> None:
    commander = story["县指挥"]
    await commander.says("/rollcall 敦化市 瞭望员 20")
    await commander.sees("没有要点名的人")
    await commander.says("/rollcall 火星 护林员 20")
    await commander.sees("没有「火星」")
    await commander.says("黄泥河镇")  # typed: the question is still open
    await commander.sees("点谁？", "黄泥河镇")
    await commander.taps("不点了")
