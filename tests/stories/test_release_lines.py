"""A warning written in one line and edited; the preview that says where, which level, how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts import alert_store
from alerts.model import State
from alerts.preview import MOST_NAMED
from tests import elsewhere
from tests.roster import COUNTY, FIRE_GROUP, FLOOD_GROUP, TOWNSHIP, VILLAGES
from tests.stories.story import Story, buttons, story_of

CALLED = ("村长0", "村长1", "村长2", "镇长")
LINE = "/warn 红 暴雨 敦化市 立即转移"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def alerts_of(story: Story) -> list:
    found = story.app.database.read(alert_store.alerts)
    return [alert for alert in found if alert.id != elsewhere.ALERT]


async def release(story: Story, line: str = LINE) -> None:
    chief = story["县指挥"]
    await chief.says(line)
    await chief.sees("立即转移")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)


@pytest.mark.parametrize(
    "line",
    [
        "／warn 红 暴雨 敦化市 立即转移",
        "/warn红 暴雨 敦化市 立即转移",
        "/warn 红色暴雨敦化市立即转移",
        "/warn，红，暴雨，敦化市，立即转移",
        "/warn\n红\n暴雨\n敦化市\n立即转移",
    ],
)
async def test_a_line_is_read_however_it_is_written(story: Story, line: str) -> None:
    await story["县指挥"].says(line)
    preview = await story["县指挥"].sees("敦化市", "立即转移", "将叫应 4 人")
    assert buttons(preview)[0] == "✅ 确认发布 🔴红·敦化市·叫应4人"


async def test_two_places_are_two_areas(story: Story) -> None:
    await story["县指挥"].says("/warn 红 洪水 大石头镇 黄泥河镇 立即转移")
    preview = await story["县指挥"].sees("大石头镇、黄泥河镇", "敦化市 大石头镇", "将叫应 4 人")
    assert "大石头镇等2地" in buttons(preview)[0]
    assert "叫应4人" in buttons(preview)[0]
    await story["县指挥"].taps("取消", message=preview)


@pytest.mark.parametrize(
    ("line", "named", "asked"),
    [
        ("/warn 紫 暴雨 敦化市 立即转移", "「紫」不是预警等级", "什么等级"),
        ("/warn 红 龙卷风 敦化市 立即转移", "「龙卷风」不在灾害表里", "什么灾害"),
        ("/warn 红 暴雨 山洪 敦化市 立即转移", "「山洪」没有用上", "将叫应 4 人"),
        ("/warn 红 暴雨 敦画市 立即转移", "没有找到「敦画市」", "12 位代码"),
        ("/warn 紫 敦化市 立即转移", "「紫」不是预警等级", "区域已记下：敦化市"),
    ],
)
async def test_what_is_not_understood_is_named(
    story: Story, line: str, named: str, asked: str
) -> None:
    await story["县指挥"].says(line)
    await story["县指挥"].sees(named, asked)
    assert alerts_of(story) == []


async def test_what_was_no_place_may_be_the_text(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦画市 立即转移")
    asked = await chief.sees("没有找到「敦画市」")
    assert any("敦化市" in text for text in buttons(asked))
    await chief.taps("延边州 敦化市")
    assert "确认发布" in " ".join(buttons(chief.shows(asked)))
    await chief.says("/warn 红 暴雨 敦化市、河边上 立即转移")
    asked = await chief.sees("没有找到「河边上」")
    await chief.taps("是内容")
    assert "河边上 立即转移" in chief.shows(asked)["text"]


async def test_a_name_of_several_places_is_asked_about_with_its_parents(story: Story) -> None:
    governor = story["省指挥"]
    await governor.says("/warn 橙 暴雨 朝阳 立即转移")
    asked = await governor.sees("「朝阳」有 4 处")
    assert "长春市 朝阳区" in buttons(asked)
    assert "通化市 辉南县 朝阳镇" in buttons(asked)
    # Two such names are asked about one after the other.
    await story["县指挥"].says("/warn 红 暴雨 朝阳、太平 立即转移")
    asked = await story["县指挥"].sees("「朝阳」有")
    assert "敦化市 黑石乡 朝阳村" in buttons(asked)[0]  # their own before others'
    await story["县指挥"].taps("敦化市 黑石乡 朝阳村")
    assert "「太平」有" in story.server.messages(story["县指挥"].id)[-1]["text"]


async def test_an_edited_line_is_what_goes_out(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移到学校")
    first = await chief.sees("转移到学校")
    sent = story.server.messages(chief.id)[-2]
    assert sent["text"].startswith("/warn")
    story.server.people.edit_text(
        chief.id, sent["message_id"], "/warn 橙 暴雨 黄泥河镇 立即转移到村部"
    )
    await story.settled()
    second = await chief.sees("之前的预览作废", "黄泥河镇", "转移到村部")
    await chief.taps("确认发布", message=first)
    assert "预览已作废" in chief.shows(first)["text"]
    assert alerts_of(story) == []
    await chief.taps("确认发布", message=second)
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("转移到村部")
    await chief.sees("转移到村部", chat=FLOOD_GROUP)  # the county's: it hears of its townships
    (alert,) = alerts_of(story)
    assert (alert.description, alert.areas) == ("立即转移到村部", (TOWNSHIP,))
    story.server.people.edit_text(
        chief.id, sent["message_id"], "/warn 红 暴雨 敦化市 立即转移到山上"
    )
    await story.settled()
    await chief.sees("不会改变已经提交的预警")
    assert len(alerts_of(story)) == 1


async def test_an_edited_text_is_what_goes_out(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE)
    preview = await chief.sees("立即转移")
    await chief.taps("改内容", message=preview)
    await chief.taps("自己写")
    await chief.sees("请写预警内容")
    await chief.says("马上撒离")
    first = await chief.sees("马上撒离")
    typed = story.server.messages(chief.id)[-2]
    story.server.people.edit_text(chief.id, typed["message_id"], "马上撤离")
    await story.settled()
    second = await chief.sees("内容已按您的修改更新", "马上撤离")
    await chief.taps("确认发布", message=first)
    assert "预览已作废" in chief.shows(first)["text"]
    await chief.taps("确认发布", message=second)
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("马上撤离")
    await story["村长0"].sees("马上撤离", chat=FLOOD_GROUP)
    story.server.people.edit_text(chief.id, typed["message_id"], "不撤了")
    await story.settled()
    await chief.sees("不会改变已经提交的预警")
    assert alerts_of(story)[0].description == "马上撤离"


async def test_a_text_typed_while_the_preview_is_open_changes_nothing(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees("立即转移")
    await chief.says("村长0怎么还没回应？")
    await chief.sees()
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    assert alerts_of(story)[0].description == "立即转移"


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("/warn 红 暴雨 敦化市 再转移", True),
        ("/warn 橙 暴雨 黄泥河镇 再转移", True),  # part of the area, another colour
        ("/warn 红 暴雨 演练 敦化市 再转移", False),
        ("/warn 红 洪水 敦化市 再转移", False),
    ],
)
async def test_the_same_warning_in_force_is_said_first(story: Story, line: str, same: bool) -> None:
    await release(story)
    chief = story["县指挥"]
    await chief.says(line)
    preview = await chief.sees("再转移")
    assert ("同样的预警已经有了" in preview["text"]) is same
    if not same:
        return
    assert "敦化市暴雨红色预警" in preview["text"]
    assert buttons(preview)[0] == "✏️ 改为变更已有的 🔴 敦化市暴雨红色预警"
    await chief.taps("看已有的", message=preview)
    await chief.sees("敦化市暴雨红色预警", "未回应 4")
    assert chief.shows(preview)["text"] == preview["text"]
    assert "✅ 确认发布" in buttons(chief.shows(preview))[1]
    await chief.taps("改为变更已有的", message=preview)
    change = chief.shows(preview)
    assert "作为对已有预警的变更" in change["text"] and "再转移" in change["text"]
    assert "✅ 确认" in buttons(change)[0]
    assert len(alerts_of(story)) == 1


async def test_the_same_released_meanwhile_is_read_before_the_second_goes_out(
    story: Story,
) -> None:
    governor = story["省指挥"]
    await governor.says(LINE)
    mine = await governor.sees("立即转移")
    assert "同样的预警" not in mine["text"]
    await release(story)
    await governor.taps("确认发布", message=mine)
    await governor.sees("刚刚有人发布了同样的预警", "同样的预警已经有了")
    assert len(alerts_of(story)) == 1


async def test_warnings_are_sent_in_the_name_of_the_headquarters(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees()
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in CALLED:
        await story[name].sees("【敦化市防汛抗旱指挥部】")
    await story["村长0"].sees("【敦化市防汛抗旱指挥部】", chat=FLOOD_GROUP)
    await chief.taps("取消预警")
    await chief.taps("确定取消")
    for name in CALLED:
        await story[name].sees("预警已取消", "【敦化市防汛抗旱指挥部】县指挥")
    await story["村长0"].sees("【敦化市防汛抗旱指挥部】", chat=FLOOD_GROUP)


async def test_a_fire_warning_is_sent_by_the_fire_headquarters(story: Story) -> None:
    """And to the fire group of the county, though it is for one township of it."""
    chief = story["县指挥"]
    await chief.says("/warn 红 森林火险 黄泥河镇 立即熄灭一切火源")
    await chief.sees("工作群 1 个")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in (*CALLED, "护林员"):
        await story[name].sees("【敦化市森林防灭火指挥部】")
    await chief.sees("【敦化市森林防灭火指挥部】", chat=FIRE_GROUP)
    assert alerts_of(story)[0].state is State.RELEASED
    await chief.taps("取消预警")
    await chief.taps("确定取消")
    for name in (*CALLED, "护林员"):
        await story[name].sees("预警已取消")
    await chief.sees("预警已取消", chat=FIRE_GROUP)
    assert COUNTY


@pytest.mark.parametrize("between", ["，", "、", " ", "\n"])
async def test_more_areas_than_one_warning_takes_are_refused_plainly(
    story: Story, between: str
) -> None:
    gazetteer = story.app.services.gazetteer
    below = [found.code for found in gazetteer if found.code.startswith("222403")]
    villages = [code for code in below if not code.endswith("000") and code not in VILLAGES]
    codes = [*VILLAGES, *villages]
    chief = story["县指挥"]
    await chief.says(f"/warn 红 暴雨 {between.join(codes[: MOST_NAMED + 1])} 立即转移")
    await chief.sees(f"一次最多 {MOST_NAMED} 个区域", f"您写了 {MOST_NAMED + 1} 个", "没有发布")
    await chief.says(f"/warn 红 暴雨 {between.join(codes[:MOST_NAMED])} 立即转移")
    preview = await chief.sees("发布前请核对")
    assert f"{MOST_NAMED} 个村" in preview["text"]


async def test_names_that_are_no_places_count_among_them(story: Story) -> None:
    names = "、".join(f"某某{number}镇" for number in range(MOST_NAMED + 1))
    await story["县指挥"].says(f"/warn 红 暴雨 敦化市、{names} 立即转移")
    await story["县指挥"].sees("一次最多", "没有发布")
