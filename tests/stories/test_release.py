"""Releasing a warning by taps or in one line, with a second person's consent; cancelling."""

from pathlib import Path

import pytest

from alerts import alert_store
from tests import elsewhere
from tests.roster import FLOOD_GROUP
from tests.stories.story import Story, buttons, story_of

NOBODYS_TOWNSHIP = "222403102000"
CALLED = ("村长0", "村长1", "村长2", "镇长")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def compose(story: Story, *, area: str = "敦化市") -> None:
    """The county's commander goes through the wizard up to the preview."""
    chief = story["县指挥"]
    await chief.says("⚠️ 发布预警")
    await chief.sees("什么等级")
    await chief.taps("红")
    await chief.taps("暴雨")
    await chief.says(area)


async def test_a_release_in_a_few_taps(story: Story) -> None:
    await compose(story)
    chief = story["县指挥"]
    await chief.sees("发什么内容")
    await chief.taps("自己写")
    await chief.sees("请写预警内容")
    await chief.says("<b>转移</b> & 撤离")
    await chief.sees("多久内发生")
    await chief.taps("不写时间")
    preview = chief.last_with("确认发布")
    assert "将叫应 4 人" in preview["text"]
    assert "<b>转移</b> & 撤离" in preview["text"]
    assert "发完" in preview["text"]
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("<b>转移</b> & 撤离")
    await story["村长0"].sees("敦化市", chat=FLOOD_GROUP)
    # The same button again, on a phone that had not caught up: nothing is released twice.
    toast = await chief.forges("w:confirm:00000000", message_id=preview["message_id"])
    assert "之前办过了" in toast and "已发布" in chief.shows(preview)["text"]
    assert story.app.database.read(_alerts) == 1


async def test_an_unknown_place_is_asked_again_and_nothing_is_lost(story: Story) -> None:
    await compose(story, area="敦花市")
    chief = story["县指挥"]
    await chief.sees("没有找到")
    await chief.says("敦化市")
    await chief.sees("发什么内容")
    await chief.taps("✖️ 取消")
    assert story.app.database.read(_alerts) == 0


async def test_a_text_too_long_is_refused_with_its_length(story: Story) -> None:
    await compose(story)
    chief = story["县指挥"]
    await chief.sees("发什么内容")
    await chief.taps("自己写")
    await chief.sees("请写预警内容")
    await chief.says("转" * 4000)
    await chief.sees("4000", "1000")
    await chief.says("立即转移")
    await chief.sees("多久内发生")


async def test_an_area_with_nobody_to_call_is_refused_and_another_is_asked_for(
    story: Story,
) -> None:
    chief = story["县指挥"]
    await chief.says(f"/warn 红 暴雨 {NOBODYS_TOWNSHIP} 立即转移")
    await chief.sees("没有可叫应的人", "没有发布", "大一级")
    assert story.app.database.read(_alerts) == 0
    await chief.says("敦化市")
    await chief.sees("敦化市", "立即转移", "将叫应 4 人")


@pytest.mark.parametrize(
    "line",
    [
        "/warn 红 暴雨 敦化市 立即转移",
        "/warn red rainstorm 222403000000 立即转移",
        "/warn 暴雨 红色 延边州敦化市 立即转移",
    ],
)
async def test_one_line_is_enough(story: Story, line: str) -> None:
    await story["县指挥"].says(line)
    preview = await story["县指挥"].sees("敦化市", "立即转移", "将叫应 4 人")
    assert buttons(preview)[0].startswith("✅ 确认发布 ")


async def test_a_line_that_says_too_little_is_explained(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn")
    await chief.sees("/warn 红 暴雨 敦化市")
    # Neither level nor hazard is known: both are asked for, and the places are kept.
    await chief.says("/warn 紫，龙卷风，敦化市")
    asked = await chief.sees("紫", "龙卷风", "区域已记下：敦化市", "什么等级")
    await chief.taps("红")
    await chief.taps("暴雨")
    assert "敦化市暴雨红色预警" in chief.shows(asked)["text"]


async def test_an_exercise_is_marked_everywhere(story: Story) -> None:
    await story["县指挥"].says("/warn 演练 红 暴雨 敦化市 立即转移")
    await story["县指挥"].sees("【演练】")
    await story["县指挥"].taps("确认发布")
    await story["县指挥"].sees("【演练】")
    for name in CALLED:
        await story[name].sees("【演练】")
    await story["村长0"].sees("【演练】", chat=FLOOD_GROUP)
    await story.fast_forward(minutes=2)
    for name in CALLED:
        await story[name].sees("【演练】")


@pytest.mark.parametrize("name", ["村长0", "县值班", "护林员"])
async def test_only_commanders_release(story: Story, name: str) -> None:
    await story[name].says("/warn 红 暴雨 敦化市 立即转移")
    message = await story[name].sees()
    assert "确认发布" not in " ".join(buttons(message))
    assert story.app.database.read(_alerts) == 0


async def test_a_commander_of_another_county_is_refused(story: Story) -> None:
    await story["图们指挥"].says("/warn 红 暴雨 敦化市 立即转移")
    message = await story["图们指挥"].sees()
    assert "确认发布" not in " ".join(buttons(message))


async def test_red_for_a_prefecture_takes_two_persons(story: Story) -> None:
    first, second = story["州指挥"], story["州主任"]
    await first.says("/warn 红 暴雨 延边朝鲜族自治州 立即转移")
    await first.sees("第二名指挥员")
    await first.taps("确认发布")
    assert "等待第二人确认" in first.last_with("撤回")["text"]
    await second.sees("延边", "确认")
    await story["省指挥"].sees("延边")
    assert not story.server.watch.untaken()
    await second.taps("确认发布")
    for name in (*CALLED, "县指挥", "图们指挥"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    await first.sees("已回应")
    await second.sees()  # called too, as director of the prefecture, or the progress card
    story.server.watch.take(second.id)
    # Nobody else is asked any more.
    assert "已由 州主任 确认发布" in story.server.messages(story["省指挥"].id)[-1]["text"]


async def test_cancelling_reaches_everyone_who_got_it(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移")
    await chief.sees()
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    await chief.taps("取消预警")
    await chief.taps("确定取消")
    for name in CALLED:
        await story[name].sees("预警已取消")
    await story["村长0"].sees("预警已取消", chat=FLOOD_GROUP)
    assert not any(buttons(message) for message in story.server.messages(story["村长0"].id))
    await story.fast_forward(minutes=10)


def _alerts(connection) -> int:
    return sum(alert.id != elsewhere.ALERT for alert in alert_store.alerts(connection))
