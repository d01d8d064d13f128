"""/danger … 红 is an order to everybody who patrols: previewed, confirmed, recalled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.season.model import DangerLevel
from alerts.season.store import danger_on, save_dangers
from tests.roster import COUNTY, TOWNSHIP
from tests.stories.story import QUIET, Story, buttons, story_of

EVENING = datetime(2027, 4, 2, 12, 34, tzinfo=UTC)  # 20:34 in Beijing
ASKED = ("村长0", "村长1", "村长2", "副村长0", "护林员")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        running.clock.advance(EVENING - running.clock())
        yield running


def level_of(story: Story, code: str = COUNTY) -> DangerLevel | None:
    day = (story.clock() + timedelta(hours=8)).date()
    return story.app.database.read(lambda c: danger_on(c, code, day)).level


async def order(story: Story, line: str = "/danger 敦化市 红") -> None:
    chief = story["县指挥"]
    await chief.says(line)
    await chief.sees("下达前请核对")
    await chief.taps("确认下达")
    await story.tick()
    for name in ASKED:
        asked = [(await story[name].sees())["text"] for _ in range(2)]  # in whatever order
        assert any("今日极高火险" in text for text in asked)
        assert any("零报告" in text for text in asked)


async def test_red_is_shown_with_place_number_and_hour_before_anybody_is_ordered(
    story: Story,
) -> None:
    chief = story["县指挥"]
    await chief.says("/danger 敦化市 红")
    preview = await chief.sees(
        "五级（红）", "延边州 敦化市", "将向 5 人下达", "马上发出（现在 20:34）"
    )
    assert buttons(preview)[:2] == [
        "✅ 确认下达 🔴红·敦化市·5人·气象三色",
        "✅ 确认下达 🔴红·敦化市·5人·指挥部四色",
    ]
    await story.tick()
    assert level_of(story) is None
    await chief.taps("取消", message=preview)
    assert "没有改动" in chief.shows(preview)["text"]
    assert level_of(story) is None
    await order(story)
    assert level_of(story) is DangerLevel.RED


async def test_whose_colours_a_level_is_of_is_named_or_asked(story: Story) -> None:
    chief = story["县指挥"]
    for line, told in (
        ("橙 气象", "四级（橙） · 气象三色"),
        ("森防指 黄", "三级（黄） · 指挥部四色"),
        ("蓝", "二级（蓝） · 指挥部四色"),  # the weather service has no blue
        ("4", "四级（橙） · 国标五级"),
        ("Ⅱ级", "四级（橙） · 指挥部四色"),  # of the command's four the second
        ("绿", "一级（绿） · 国标五级"),
        ("蓝 气象", "只有黄、橙、红"),
    ):
        await chief.says(f"/danger 敦化市 {line}")
        await chief.sees(told)
    await chief.says("/danger 敦化市 橙")
    asked = await chief.sees("❓ 这是谁发布的")
    whose = ("气象三色", "指挥部四色")
    assert buttons(asked)[:2] == [f"✅ 确认设置 🟠·敦化市·{scale}" for scale in whose]
    assert level_of(story) is DangerLevel.GREEN
    await chief.taps("指挥部四色", message=asked)
    assert "已设置：敦化市 04-02 火险 🟠 四级（橙） · 指挥部四色" in chief.shows(asked)["text"]
    await story["村长0"].says("/danger")
    await story["村长0"].sees("四级（橙） · 指挥部四色", "按敦化市的等级")


async def test_an_order_for_tomorrow_says_when_it_goes_out(story: Story) -> None:
    await story["县指挥"].says("/danger 敦化市 红 明天")
    await story["县指挥"].sees("04-03 07:00 发出", "04-03 17:00 发出", "将向 5 人下达")
    await story["县指挥"].taps("确认下达")
    await story.tick()
    story.expect_nothing()


async def test_a_misspelt_place_is_guessed_at(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/danger 敦画市 黄 指挥部")
    await chief.sees("没有找到「敦画市」", "您是不是要找", "还没有设置")
    assert level_of(story) is not DangerLevel.YELLOW
    await chief.taps("敦化市")
    await chief.sees("已设置：敦化市")
    assert level_of(story) is DangerLevel.YELLOW


async def test_an_old_preview_orders_nothing(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/danger敦化市紅")
    preview = await chief.sees("下达前请核对")
    await story.fast_forward(minutes=17)
    await chief.taps("确认下达", message=preview)
    assert "过时" in chief.shows(preview)["text"]
    assert level_of(story) is None


async def test_back_to_yellow_recalls_the_orders(story: Story) -> None:
    await order(story)
    chief = story["县指挥"]
    await story["村长1"].taps("收到")
    await chief.says("／danger，敦化市，黃")
    preview = await chief.sees("已下达的要求将撤回，通知 5 人")
    assert "确认撤回 🟡·敦化市·通知5人" in buttons(preview)[0]
    await chief.taps("确认撤回", message=preview)
    await story.tick()
    for name in ASKED:
        await story[name].sees("要求已撤回", "三级（黄）", "不用再回应")
    assert "已撤回" in await story["村长0"].taps("收到")
    await story.fast_forward(minutes=90, step=QUIET)  # no reminder, no list of the silent
    # And red once more the same evening: ordered anew, those who had answered too.
    await order(story)


async def test_levels_that_come_in_a_file_recall_too(story: Story) -> None:
    await order(story)
    now = story.clock()
    day = (now + timedelta(hours=8)).date()
    story.app.database.do(lambda c: save_dangers(c, [(COUNTY, day, DangerLevel.ORANGE)], now))
    await story.tick()
    for name in ASKED:
        await story[name].sees("要求已撤回", "四级（橙）")


async def test_a_township_of_its_own_level_is_recalled_alone(story: Story) -> None:
    await order(story)
    await story["镇长"].says("/danger 黄泥河镇 黄")
    await story["镇长"].sees("通知 5 人")
    await story["镇长"].taps("确认撤回")
    await story.tick()
    for name in ASKED:
        await story[name].sees("要求已撤回")
    assert level_of(story) is DangerLevel.RED
    assert level_of(story, TOWNSHIP) is DangerLevel.YELLOW


async def test_who_never_got_the_orders_is_not_told_of_their_end(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/danger 敦化市 红 明天")
    await chief.sees("下达前请核对")
    await chief.taps("确认下达")
    await chief.says("/danger 敦化市 黄 指挥部 明天")
    await chief.sees("已设置")
    await story.fast_forward(minutes=2)
