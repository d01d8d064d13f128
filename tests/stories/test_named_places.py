"""A place or a name behind a command is used: /who 大石头镇, /link 王强, one of several 朝阳."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.season.model import DangerLevel
from alerts.season.store import danger_on
from contacts.people import Role
from tests.roster import COUNTY, FLOOD_GROUP, person
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import LINE

EMU = "222403105000"  # 额穆镇, with a 新集村 as 黑石乡 has one
WAITING = (
    person(101, "王 强", EMU[:9] + "200", Role.VILLAGE_RESPONSIBLE, linked=False),
    person(102, "赵德柱", "222403101201", Role.VILLAGE_RESPONSIBLE, linked=False),
)
EVENING = datetime(2027, 4, 2, 12, 34, tzinfo=UTC)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=WAITING) as running:
        yield running


async def released(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.taps("确认发布")
    await chief.sees("已发布")
    await chief.sees("已回应")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("敦化市暴雨红色预警")
    await story["村长0"].sees("敦化市暴雨红色预警", chat=FLOOD_GROUP)


async def test_the_place_behind_who_is_the_list_of_that_place(story: Story) -> None:
    await released(story)
    chief = story["县指挥"]
    await chief.says("/who 额穆镇")
    assert "王 强" in (await chief.sees("未回应 1 人"))["text"]
    await chief.says("/who 1")
    await chief.sees("未回应 6 人")
    await chief.says("/who 火星镇")
    await chief.sees("没有找到「火星镇」", "/who 敦化市大石头镇", "/handbook 姓名")
    await chief.says("/who 图们市")
    await chief.sees("超出您的区划范围")
    await chief.says("/who 新集")
    asked = await chief.sees("「新集」有", "是哪一处")
    [here] = [words for words in buttons(asked) if "额穆镇" in words]
    await chief.taps(here, message=asked)
    await chief.sees("✅ 没有未回应的人")


async def test_an_officer_whose_people_have_all_answered_is_told_so(story: Story) -> None:
    """While others of the same warning are silent."""
    await released(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story["镇值班"].says("/who")
    await story["镇值班"].sees("未回应 1 人", "赵德柱")
    await story["镇值班"].taps("赵德柱 已电话叫应")
    await story["镇值班"].says("/who")
    await story["镇值班"].sees("✅ 没有未回应的人")


async def test_a_name_or_a_place_behind_link_is_whose_links_come(story: Story) -> None:
    officer = story["县值班"]
    await officer.says("/link 王强")
    text = (await officer.sees("还没有绑定的 1 人", "王 强"))["text"]
    assert "赵德柱" not in text
    await officer.says(f"/link {WAITING[1]['phone'][3:]}")
    await officer.sees("还没有绑定的 1 人", "赵德柱")
    await officer.says("/link 额穆镇")
    await officer.sees("还没有绑定的 1 人", "王 强")
    await officer.says("/link 大桥乡")
    await officer.sees("敦化市 大桥乡没有等您发链接的人")
    await officer.says("/link 孙悟空")
    await officer.sees("没有绑定的人里没有「孙悟空」，也没有这个地方")
    await officer.says("/link")
    await officer.sees("还没有绑定的 2 人")
    await story["村长0"].says("/link 王强")
    await story["村长0"].sees("没有「王强」等您发链接", "您已经绑定过了")


async def test_the_place_behind_coverage_is_what_is_looked_at(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/coverage 额穆镇")
    await chief.sees("👥 覆盖：额穆镇")
    await story["镇长"].says("/coverage 敦化市")
    await story["镇长"].sees("超出您的区划范围")


async def test_which_of_several_places_danger_means_is_a_button(story: Story) -> None:
    story.clock.advance(EVENING - story.clock())
    chief = story["县指挥"]
    await chief.says("/danger 新集 橙 指挥部")
    asked = await chief.sees("四级（橙）（还没有设置）", "「新集」有", "是哪一处")
    assert not any(code in asked["text"] for code in ("222403", "代码"))
    [here] = [words for words in buttons(asked) if "额穆镇" in words]
    await chief.taps(here, message=asked)
    await chief.sees("已设置：", "四级（橙）")
    day = EVENING.date()
    known = story.app.database.read(lambda c: danger_on(c, EMU[:9] + "213", day))
    assert known.level is DangerLevel.ORANGE
    assert story.app.database.read(lambda c: danger_on(c, COUNTY, day)).level is None
    await chief.says("/danger 朝阳 红")
    asked = await chief.sees("「朝阳」有", "是哪一处")
    assert "敦化市 黑石乡 朝阳村" in buttons(asked)[0]  # the commander's own before others'
    await chief.says("/danger 新集")
    asked = await chief.sees("火险等级 04-02", "是哪一处")
    await chief.taps(here, message=asked)
    await chief.sees("火险等级：", "四级（橙）")
