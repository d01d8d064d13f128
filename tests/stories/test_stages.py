"""A warning planned in stages: asked about before each, one warning all along, moved, ended."""

import re
from pathlib import Path

import pytest

from tests.roster import FLOOD_GROUP
from tests.stories.story import QUIET, Story, buttons, story_of

CALLED = ("镇长", "村长0", "村长1", "村长2")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def planned(story: Story, line: str, *, by_itself: bool = False) -> dict:
    """The county's commander plans one in one line; returns the plan's message."""
    chief = story["县指挥"]
    await chief.says(line)
    preview = await chief.sees("分阶段计划，确认前请核对")
    if by_itself:
        await chief.taps("改为到时自动发", message=preview)
    await chief.taps("确认计划", message=preview)
    return preview


async def all_see(story: Story, *texts: str, names: tuple[str, ...] = CALLED) -> None:
    for name in names:
        await story[name].sees(*texts)


async def test_asked_before_each_stage_and_one_warning_all_along(story: Story) -> None:
    chief, head = story["县指挥"], story["村长0"]
    plan = await planned(story, "/stages 黄 暴雨 敦化市 4小时后 沿河低洼处注意")
    assert "➖ 提前 24 小时" in chief.shows(plan)["text"]
    await story.tick()  # the stage of six hours is due at once
    asked = await chief.sees("「提前 6 小时」阶段", "发不发？", "老弱病残幼先转移", "将叫应 4 人")
    await chief.taps("⏭ 不发", message=asked)
    assert "⏭ 提前 6 小时" in chief.shows(asked)["text"]
    await story.fast_forward(minutes=30)
    asked = await chief.sees("「提前 3 小时」阶段", "沿河低洼处注意", "停课停工停业")
    await chief.taps("叫应4人", message=asked)
    card = await chief.sees("敦化市暴雨黄色预警", "已回应 0 / 4")
    assert "下一阶段「提前 1 小时」" in chief.shows(card)["text"]
    await all_see(story, "敦化市暴雨黄色预警", "停课停工停业", "预计 3 小时内发生")
    await head.sees("敦化市暴雨黄色预警", chat=FLOOD_GROUP)
    for name in CALLED:
        await story[name].taps("收到")
    await story.fast_forward(minutes=1)
    await chief.sees("叫应总结")
    # Nobody decides about the last: it is asked again when it is due, and released then.
    await story.fast_forward(minutes=119, step=QUIET)
    await chief.sees("「提前 1 小时」阶段", "立即转移危险区所有群众")
    await story.fast_forward(minutes=30)
    once = chief.last_with("⏭ 不发")
    asked = await chief.sees("「提前 1 小时」阶段到时间了", "还没有决定")
    await chief.taps("确认发布", message=asked)
    assert not [each for each in story.server.messages(chief.id) if "⏭ 不发" in buttons(each)]
    assert "没有待发的阶段了" in chief.shows(once)["text"]
    assert "没有待发的阶段了" in chief.shows(asked)["text"]
    await all_see(story, "进入「提前 1 小时」阶段", "不漏一户")
    await head.sees("敦化市暴雨黄色预警", "不漏一户", chat=FLOOD_GROUP)
    assert "已记录" in await head.taps("收到")


async def test_by_itself_moved_and_ended_with_its_warning(story: Story) -> None:
    chief, head = story["县指挥"], story["村长0"]
    await planned(story, "/stages 橙 暴雨 敦化市 30小时后 沿河低洼处注意", by_itself=True)
    await story.tick()
    # Three days' stage is for the county and the townships, and no more than blue.
    card = await chief.sees("敦化市暴雨蓝色预警", "已回应 0 / 1")
    await story["镇长"].sees("敦化市暴雨蓝色预警", "核对责任人和转移名单")
    await head.sees("敦化市暴雨蓝色预警", chat=FLOOD_GROUP)
    # It comes sooner: what is due by now goes out, and whoever answered is asked again.
    await story["镇长"].taps("收到")
    await story.fast_forward(minutes=1)
    await chief.sees("叫应总结")
    await chief.says("/stages")
    listed = await chief.sees("分阶段预警", "已发布到「提前 3 天」")
    await chief.taps("🗓", message=listed)
    await chief.taps("改时间", message=listed)
    await chief.sees("预计什么时候发生")
    await chief.says("5小时后")
    moved = await chief.sees("分阶段计划 1", "⏳ 提前 6 小时", "到时间自动发布")
    await story.tick()
    await story.fast_forward(seconds=10)
    assert "已回应 0 / 4" in chief.shows(card)["text"]
    await all_see(story, "进入「提前 6 小时」阶段", "老弱病残幼先转移", names=("镇长",))
    await all_see(story, "敦化市暴雨橙色预警", names=CALLED[1:])
    await head.sees("敦化市暴雨橙色预警", chat=FLOOD_GROUP)
    # Lifted before the next stage: nothing more comes, and whoever planned it reads so.
    await chief.taps("✅ 解除预警", message=card)
    await chief.taps("确定解除", message=card)
    await all_see(story, "预警已解除")
    await head.sees("预警已解除", chat=FLOOD_GROUP)
    await chief.sees("叫应总结")
    await story.fast_forward(minutes=2)
    await chief.sees("计划已取消，后面的阶段不再发布", "✖️ 提前 3 小时")
    await story.fast_forward(minutes=24 * 60, step=QUIET)
    await chief.taps("改时间", message=moved)  # an old button, the day after: times bear their date
    assert "计划已取消" in chief.shows(moved)["text"]
    assert re.search(r"已发布 \d\d-\d\d \d\d:\d\d", chief.shows(moved)["text"])


async def test_planned_in_the_wizard_moved_on_and_called_off(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("⚠️ 发布预警")
    await chief.sees("什么等级")
    await chief.taps("橙")
    await chief.taps("暴雨")
    await chief.says("敦化市")
    await chief.sees("发什么内容")
    await chief.taps("用第 1 条")
    await chief.taps("分阶段发布…")
    await chief.says("改天")
    await chief.sees("没有看懂「改天」")
    await chief.says("9天后")
    preview = await chief.sees("分阶段计划，确认前请核对", "提前 7 天", "提前 1 小时")
    await chief.taps("改为到时自动发", message=preview)
    await chief.taps("改为每次先问我", message=preview)
    await chief.taps("确认计划", message=preview)
    assert "每一阶段发布前先问" in chief.shows(preview)["text"]
    await chief.taps("现在发布「提前", message=preview)  # nothing goes out before it is seen
    assert any("🔵蓝·敦化市·叫应" in words for words in buttons(chief.shows(preview)))
    await chief.taps("看计划", message=preview)
    await chief.taps("现在全部叫应", message=preview)
    assert "将叫应 4 人" in chief.shows(preview)["text"]
    await chief.taps("⬅️ 返回", message=preview)
    await chief.taps("取消计划", message=preview)
    await chief.taps("确定取消计划", message=preview)
    assert "计划已取消" in chief.shows(preview)["text"]
    await chief.says("/stages 橙 暴雨 敦化市 30天后")
    await chief.sees("最多提前 14 天")
    await chief.says("/stages")
    await chief.sees("现在没有进行中的计划")
