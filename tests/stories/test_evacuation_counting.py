"""A village moves: households ticked, figures said, the sums above, the frail, and home again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts import alert_store
from alerts.lifecycle import Change
from alerts.model import Hazard
from tests.evacuated import add_card
from tests.roster import FLOOD_GROUP, VILLAGES
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import data_of
from tests.stories.test_changes import change
from tests.stories.test_late_acts import take_the_rest
from tests.stories.test_late_reports import said

LINE = "/warn 红 山洪 敦化市 立即转移危险区群众"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        running.card = running.app.database.do(add_card)
        yield running


async def warned(story: Story) -> None:
    """A red warning of flash floods; the head of the first village has answered."""
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees("发布前请核对")
    await chief.taps("确认发布")
    await chief.sees("已回应", "应转 12 户 35 人", "未转 12 户 35 人", "未转移的老弱 2 户")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("山洪灾害红色预警")
    await story["村长0"].sees("山洪灾害红色预警", chat=FLOOD_GROUP)
    await story["村长0"].taps("收到")


async def list_of(story: Story, name: str = "村长0") -> dict[str, Any]:
    """The village's list: below the question for figures."""
    head = story[name]
    await head.taps("已转移群众")
    await head.sees("也可以逐户登记")
    await head.sees("多少户")
    await head.taps("逐户登记")
    return await head.sees(
        "团结村 逐户登记", "应转 12 户 35 人 · 已转 0 户 0 人 · 未转 12 户 35 人"
    )


def on_card(story: Story) -> str:
    """The commander's progress card as it is now."""
    messages = story.server.messages(story["县指挥"].id)
    return next(found["text"] for found in messages if "已回应" in found["text"])


async def test_the_head_ticks_and_the_county_sees_it(story: Story) -> None:
    await warned(story)
    head, duty = story["村长0"], story["镇值班"]
    shown = await list_of(story)
    # The frail first, with who takes them along; the names of others on their buttons only.
    assert "周老太（卧床）" in shown["text"] and "+8613900000066" in shown["text"]
    assert "☐ 5 周五 1人 · 卧床" in buttons(shown)[0]
    stale = data_of(head.shows(shown))
    assert "已转 1/12 户" in await head.taps("☐ 5 周五", message=shown)
    again = await head.forges(stale, message_id=shown["message_id"])
    assert "只算一次" in again and "村长0" in again
    assert "只算一次" in await duty.forges(stale)  # the township, by telephone
    await duty.sees("团结村 逐户登记")
    await head.taps("☐ 9 冯九", message=shown)
    await head.taps("☑️ 5 周五", message=shown)
    await head.taps("↩️ 登记错了", message=shown)
    await head.taps("不愿转移 ⋯", message=shown)
    await head.taps("☐ 2 钱二", message=shown)
    await head.taps("✋ 不愿转移", message=shown)
    assert "2 钱二家不愿转移" in head.shows(shown)["text"]
    await head.taps("✋ 2 钱二", message=shown)
    await head.taps("↩️ 登记错了", message=shown)
    assert "已转 1 户 4 人" in head.shows(shown)["text"]
    await head.taps("全部已转", message=shown)
    assert "还有 11 户 31 人没有登记" in head.shows(shown)["text"]
    assert "已转 12/12 户" in await head.taps("✅ 是，全部已转", message=shown)
    assert "已转 12 户 35 人 · 未转 0 户 0 人" in head.shows(shown)["text"]
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("安置点人数已满", "已到 35 人", "已超出 5 人")
    await story.fast_forward(seconds=30)
    assert "应转 12 户 35 人" in on_card(story) and "未转 0 户 0 人" in on_card(story)
    assert "只给本村责任人" in await story["村长2"].forges(stale)


async def test_figures_that_are_too_many_or_differ_are_told(story: Story) -> None:
    await warned(story)
    head = story["村长0"]
    shown = await list_of(story)
    await head.taps("报数字", message=shown)
    await head.sees("也可以逐户登记")
    await head.sees("多少户")
    await head.says("30户 80人")
    await head.sees("真的是 30 户 80 人", "转移卡上应转 12 户 35 人")
    await head.taps("写错了")
    await head.sees("也可以逐户登记")
    await head.sees("多少户")
    await head.says("12户 35人")
    await head.sees("12 户 35 人", "未转 0 户 0 人")
    for officer in ("县值班", "镇值班"):
        await story[officer].sees("安置点人数已满", "已到 35 人")
    await head.taps("🔄", message=shown)
    await head.taps("☐ 1 赵一", message=shown)
    assert "已转 1 户 3 人 · 未转 11 户 32 人" in head.shows(shown)["text"]
    await head.taps("已转移群众")
    await head.sees("也可以逐户登记")
    await head.sees("多少户")
    await head.says("12户 35人")
    await head.sees("报数 12 户 35 人，逐户登记 1 户 3 人，统计以逐户登记为准")
    await story.fast_forward(seconds=30)
    assert "已转 1 户 3 人" in on_card(story) and "1 个村逐户登记与报数不一致" in on_card(story)


async def test_the_frail_are_listed_to_those_in_charge_only(story: Story) -> None:
    await warned(story)
    duty = story["县值班"]
    await duty.says("/frail")
    listed = await duty.sees("还没有转移的老弱 2 户", "周老太（卧床）", "+8613900000066", "冯九")
    await duty.taps("登记", message=listed)
    await duty.taps("☐ 5 周五", message=await duty.sees("团结村 逐户登记"))
    await duty.says("/frail 黄泥河镇")
    assert "周老太" not in (await duty.sees("还没有转移的老弱 1 户", "冯九"))["text"]
    await story["州指挥"].says("/frail")
    await story["州指挥"].sees("只给本村责任人")
    await story["村长1"].says("/frail")
    await story["村长1"].sees("值班")
    await story.fast_forward(seconds=30)
    assert "已转 1 户 1 人" in on_card(story)


async def test_home_they_go_by_the_commanders_word(story: Story) -> None:
    await warned(story)
    chief, head = story["县指挥"], story["村长0"]
    shown = await list_of(story)
    await head.taps("☐ 1 赵一", message=shown)
    await story.fast_forward(seconds=30)
    await chief.taps("解除预警")
    await chief.taps("确定解除")
    summed = await chief.sees("叫应总结", "已转 1 户 3 人", "🏠 已转移 1 户 3 人，还没有通知返回")
    assert "🏠 通知返回" in buttons(summed)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("预警已解除", "未接到返回通知，不得返回")
    await head.sees("预警已解除", "不得返回", chat=FLOOD_GROUP)
    await chief.says("/status 1")
    card = await chief.sees("本次预警已解除", "已转 1 户 3 人")
    await chief.taps("转移进度", message=card)
    await chief.taps("通知返回", message=card)
    asked = chief.shows(card)
    assert "通知 1 个村" in asked["text"] and "这些村已转移 1 户 3 人" in asked["text"]
    assert "已发出" in await chief.taps("确认通知返回", message=asked)
    await chief.sees("转移群众返回通知", "已回应 0 / 1")
    called = await head.sees("🏠", "转移群众返回通知", "可以组织群众返回")
    await head.sees("转移群众返回通知", chat=FLOOD_GROUP)
    await head.taps("收到", message=called)
    assert "已返回" in " ".join(buttons(head.shows(called)))
    assert "已返回" in await head.taps("🏠 已返回", message=called)
    await story.tick()
    await chief.sees("叫应总结")
    home = story.app.database.read(lambda c: alert_store.alert(c, 2))
    assert home is not None and home.hazard is Hazard.FLOOD_RETURN
    assert home.areas == (VILLAGES[0],)


async def test_households_on_the_road_arrive_after_their_village_is_left_out(story: Story) -> None:
    """Narrowed, widened again, corrected, narrowed and lifted: with a cry for help and a roll call
    beside it."""
    await warned(story)
    head, other, chief = story["村长0"], story["村长1"], story["县指挥"]
    shown = await list_of(story)
    await head.taps("☐ 5 周五", message=shown)
    await other.taps("收到")
    await other.taps("需要支援")
    await chief.says("/rollcall 敦化市")
    await chief.taps("开始点名")
    await change(story, Change(remove=VILLAGES[:2]))
    await head.sees("您这里不再适用", "不得返回")
    assert buttons(head.last_with("补登")) == ["🏠 补登已转移群众"]
    assert "按补登记入" in await head.taps("☐ 9 冯九", message=shown)
    assert "预警已不包括这里" in head.shows(shown)["text"]
    await story.fast_forward(seconds=30)
    card = on_card(story)
    # Neither called nor answered; moved all the same, and who needs help still does.
    assert "已回应 0 / 2" in card and "已转移 2 户 5 人" in card and "需要支援 1" in card, card
    await head.taps("补登已转移群众")
    await head.says("已转移12户35人")
    take_the_rest(story)
    assert "按补登记入" in said(story, "村长0", "已转移群众：")["text"]
    # Whoever called for help is not left alone with it.
    await other.says("桥断了，过不去")
    take_the_rest(story)
    assert "按补登记入" in said(story, "村长1", "桥断了，过不去")["text"]
    assert "桥断了，过不去" in said(story, "镇值班", "桥断了")["text"]

    await change(story, Change(add=VILLAGES[:1]))
    await head.sees("预警又包括您这里")
    await head.taps("收到")
    await story.fast_forward(seconds=30)
    assert "已回应 1 / 3" in on_card(story)
    await change(story, Change(text="立即转移到村部"))
    await head.sees("预警有变化", "立即转移到村部")
    await change(story, Change(remove=VILLAGES[:1]))
    await head.sees("您这里不再适用")
    take_the_rest(story)
    await chief.says("/lift 1")
    await chief.taps("确定解除")
    await story.settled()
    heard = [each["chat"]["id"] for each in story.server.watch.untaken()]
    assert head.id not in heard and other.id not in heard and story["村长2"].id in heard
    assert "预警已结束，按补登记入" in await head.taps("☐ 2 钱二", message=shown)
    take_the_rest(story)
