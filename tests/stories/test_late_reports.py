"""Somebody answers and then nothing is heard of them: those above learn of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_causes import trail
from tests.stories.test_late_acts import take_the_rest


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def said(story: Story, name: str, text: str) -> dict[str, Any]:
    """The newest message of this person's chat that holds the text, as it is now."""
    messages = story.server.messages(story[name].id)
    return next(message for message in reversed(messages) if text in message["text"])


async def test_who_answered_and_reported_nothing_is_told_to_those_above(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.tick()
    said(story, "县指挥", "📝 已回应未反馈 4")
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("已完成")
    await story.tick()
    said(story, "县指挥", "📝 已回应未反馈 1")
    await story.fast_forward(minutes=31)
    asked = said(story, "村长0", "请报告执行情况")
    await story.fast_forward(minutes=30)
    duty, county, head = story["镇值班"], story["县值班"], story["村长0"]
    listed = said(story, "镇值班", "已回应未反馈 1 人")
    assert "村长0" in listed["text"] and head.row["phone"] in listed["text"]
    assert "已记录：您来联系" in await duty.taps("我来联系：村长0", message=listed)
    await story.settled()
    shown = duty.shows(listed)
    assert "镇值班 正在联系" in shown["text"]
    assert not [text for text in buttons(shown) if "我来联系" in text]
    await story.fast_forward(minutes=30)
    further = said(story, "县值班", "已回应未反馈 1 人")
    await head.taps("已完成", message=asked)
    assert "不用再联系" in await county.taps("我来联系：村长0", message=further)
    await story.settled()
    assert "名单上的人都已反馈" in county.shows(further)["text"]
    await story["县指挥"].taps("取消预警", message=story["县指挥"].last_with("取消预警"))
    await story["县指挥"].taps("确定取消")
    await story.settled()
    said(story, "镇值班", "已取消")  # whoever was drawn in hears of the end
    assert not buttons(duty.shows(listed))
    take_the_rest(story)  # read above, as it stood at the time


async def test_an_officer_records_what_was_said_over_the_telephone(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    duty = story["镇值班"]
    await duty.says("/who")
    await story.settled()
    await duty.taps("我在打", message=duty.last_with("我在打"))
    await duty.taps("代为登记", message=duty.last_with("代为登记"))
    asked = said(story, "镇值班", "村长0 在电话里说了什么")
    assert "也就登记了已电话叫应" in asked["text"]
    await duty.taps("已转移群众", message=asked)
    said(story, "镇值班", "村长0 说转移了多少户、多少人")
    await duty.says("转移了一些")
    await story.settled()
    said(story, "镇值班", "没看懂，还没有记录")
    await duty.says("90000户 35人")
    await story.settled()
    said(story, "镇值班", "真的是 90000 户 35 人")
    await duty.taps("写错了")
    await duty.says("12户 35人")
    await story.settled()
    assert "已转移群众：12 户 35 人" in said(story, "镇值班", "已代 村长0 登记")["text"]
    await story.tick()
    card = said(story, "县指挥", "📝")
    assert "12 户" in card["text"]
    # The words of a 无法执行 go to those above as if the person had pressed it.
    await duty.taps("改报", message=duty.last_with("改报"))
    await duty.taps("无法执行", message=duty.last_with("无法执行"))
    await duty.says("桥断了，车过不去")
    await story.settled()
    said(story, "镇值班", "桥断了，车过不去")
    done = [row for row in trail(story) if row[0] == "call.reported_by_proxy"]
    assert [row[2]["report"] for row in done] == ["moved", "cannot", "cannot"]
    # Nobody reports for themselves so, and a stranger to the village not at all.
    call = next(row[1] for row in done).removeprefix("call:")
    refused = await story["村长1"].forges(f"xr:{call}:done")
    assert "值班员" in refused or "权限" in refused, refused
    take_the_rest(story)
