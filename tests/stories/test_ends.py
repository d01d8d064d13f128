"""A warning ends: everyone whom it drew in hears of it, and nothing of it can be pressed any more.

That the calling is complete ends the calling only: the warning stays in force.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.roster import FIRE_GROUP, FLOOD_GROUP
from tests.stories.story import Actor, Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release

A_DAY = timedelta(hours=24, minutes=1)
"""Longer than a warning holds."""


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def chased(story: Story) -> None:
    """村长0 is silent for eight minutes: the stand-in is called, the group told, the duty officer
    has the list."""
    await release(story)
    await everybody_is_called(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.fast_forward(minutes=8)
    await story["村长0"].sees("没有收到您的回应")
    await story["副村长0"].sees("村长0", "顶上")
    await story["村长1"].sees("村长0", chat=FLOOD_GROUP)
    await story["副村长0"].sees("没有收到您的回应")
    await story["镇值班"].sees("未回应", "村长0")


def with_buttons(actor: Actor, chat: int | None = None) -> list[dict[str, Any]]:
    """The messages in the chat under which something can still be done: what to do afterwards is
    read only."""
    messages = actor.story.server.messages(chat or actor.id)
    return [found for found in messages if any("怎么做" not in words for words in buttons(found))]


CALLED = ("村长0", "村长1", "村长2", "镇长", "副村长0")


Old = tuple[str, int]


def old_button(actor: Actor) -> Old:
    """What the button 收到 bears, and its message: a client may show it long after it is gone."""
    message = actor.last_with("收到")
    data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    return data, message["message_id"]


async def nothing_left_to_press(story: Story, old: Old, over: str) -> None:
    """Whoever was called, in whatever message; and a tap that still comes is told why."""
    for name in CALLED:
        assert not with_buttons(story[name]), name
        assert any(over in message["text"] for message in story.server.messages(story[name].id))
    data, message_id = old
    assert over in await story["村长0"].forges(data, message_id=message_id)


def shown(story: Story, chat: int, words: str) -> dict[str, Any]:
    return next(found for found in story.server.messages(chat) if words in found["text"])


@pytest.mark.parametrize(
    ("press", "sure", "told", "over"),
    [
        ("取消预警", "确定取消", "这次预警是误发，不用执行", "本次预警是误发，已取消，不用执行（"),
        ("解除预警", "确定解除", "预警已解除", "本次预警已解除（"),
    ],
)
async def test_who_was_drawn_in_hears_of_the_end(
    story: Story, press: str, sure: str, told: str, over: str
) -> None:
    await chased(story)
    old = old_button(story["村长0"])
    await story["县指挥"].taps(press)
    await story["县指挥"].taps(sure)
    await story.tick()
    for name in ("村长0", "村长1", "村长2", "镇长", "副村长0", "镇值班"):
        await story[name].sees(told)
    await story["村长1"].sees(told, chat=FLOOD_GROUP)
    if told == "预警已解除":
        await story["县指挥"].sees("叫应总结", "已解除")
    assert not with_buttons(story["村长1"], FLOOD_GROUP)
    assert not with_buttons(story["镇值班"])
    assert not story.server.messages(FIRE_GROUP)  # it never had the warning
    card = shown(story, story["县指挥"].id, "已回应")
    assert not buttons(card)
    await nothing_left_to_press(story, old, over)
    await story.fast_forward(minutes=20)


async def test_expiry_reaches_who_telephones_and_who_is_still_asked(story: Story) -> None:
    await chased(story)
    old = old_button(story["村长0"])
    story.clock.advance(A_DAY)
    await story.tick()
    await story["镇值班"].sees("预警已到期")
    await story["村长1"].sees("预警已到期", chat=FLOOD_GROUP)
    await story["县指挥"].sees("叫应总结", "已到期")
    assert not with_buttons(story["镇值班"])
    assert not with_buttons(story["村长1"], FLOOD_GROUP)
    for name in ("村长0", "副村长0"):
        call = story.server.messages(story[name].id)[-1]
        assert "已到期" in call["text"] and not buttons(call)
    await nothing_left_to_press(story, old, "本次预警已到期（")
    await story.fast_forward(minutes=20)


async def test_closing_with_a_reason_tells_those_struck_off(story: Story) -> None:
    await chased(story)
    chief = story["县指挥"]
    await chief.taps("☑️ 销号")
    await chief.taps("写明原因")
    await chief.sees("请写一句销号原因")
    await chief.says("已派人上门")
    confirm = await chief.sees("确定用这个原因销号", "已派人上门")
    await chief.taps("确定销号：已派人上门", message=confirm)
    assert "已派人上门" in chief.shows(confirm)["text"]
    await story.tick()
    await chief.sees("叫应总结", "预警仍然有效")
    assert not with_buttons(story["镇值班"])
    assert "没有未回应的人" in story.server.messages(story["镇值班"].id)[-1]["text"]
    assert not with_buttons(story["村长1"], FLOOD_GROUP)
    call = story.server.messages(story["村长0"].id)[-1]
    assert "已派人上门" in call["text"] and not buttons(call)
    await story.fast_forward(minutes=20)


async def test_when_all_have_answered_the_warning_stays_in_force(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head, chief = story["村长0"], story["县指挥"]
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.tick()
    await chief.sees("叫应总结", "叫应已销号", "预警仍然有效")
    await head.taps("已转移群众")
    await head.sees("多少户")
    await head.says("12户 35人")
    await head.sees("12", "35")
    mine = next(found for found in story.server.messages(head.id) if "请立即" in found["text"])
    assert "销号" not in mine["text"] and "预警有效至" in mine["text"]
    await story.tick()
    shows = shown(story, chief.id, "已回应 4 / 4")
    assert "预警仍然有效" in shows["text"]
    assert "已报告 1" in shows["text"] and "35" in shows["text"]  # the card goes on
    await chief.says("/status")
    listed = await chief.sees("叫应已销号，预警有效")
    assert "解除" not in listed["text"]
    await chief.taps("解除预警", message=shows)
    await chief.taps("确定解除")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("预警已解除", "未接到返回通知，不得返回")
    await story["村长0"].sees("预警已解除", chat=FLOOD_GROUP)
    await story.tick()
    await chief.says("/status")
    await chief.sees("没有生效的预警")


async def test_villages_without_anybody_are_said_everywhere(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移")
    preview = await chief.sees("发布前请核对", "个村没有人可叫")
    words = next(line for line in preview["text"].splitlines() if "没有人可叫" in line)
    await chief.taps("确认发布")
    await chief.sees("已回应", words)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story.tick()
    await chief.sees("叫应总结", words)


async def test_a_refused_proposal_leaves_no_button(story: Story) -> None:
    first, second, third = story["州指挥"], story["州主任"], story["省指挥"]
    await first.says("/warn 红 暴雨 延边朝鲜族自治州 立即转移")
    await first.sees("第二名指挥员")
    await first.taps("确认发布")
    await second.sees("延边", "确认")
    await third.sees("延边", "确认")
    await second.taps("不同意")
    await first.sees("州主任 不同意")
    await story.tick()
    assert not with_buttons(third)
    assert "州主任 不同意" in story.server.messages(third.id)[-1]["text"]


async def test_a_proposal_nobody_confirmed_ends_for_all(story: Story) -> None:
    first, second, third = story["州指挥"], story["州主任"], story["省指挥"]
    await first.says("/warn 红 暴雨 延边朝鲜族自治州 立即转移")
    await first.sees("第二名指挥员")
    await first.taps("确认发布")
    await second.sees("延边", "确认")
    await third.sees("延边", "确认")
    story.clock.advance(A_DAY)
    await story.tick()
    await first.sees("没有人及时确认")
    assert not with_buttons(second) and not with_buttons(third)
