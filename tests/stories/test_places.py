"""Reservoirs, schools and other places: called by kind or alone, by /warn and by the wizard."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, update

from alerts import alert_store
from data.tables.contacts import people, places
from tests import elsewhere
from tests.roster import FLOOD_GROUP, OTHER_COUNTY, VILLAGES, Role, person
from tests.stories.story import Story, buttons, story_of

FURTHER = "222403102200"
KEEPER = person(50, "库管员", VILLAGES[1], Role.RESERVOIR_INSPECTOR)
OTHER_KEEPER = person(51, "库管员乙", FURTHER, Role.RESERVOIR_INSPECTOR)
TEACHER = person(52, "校长", VILLAGES[0], Role.PLACE_RESPONSIBLE)
ROWS = [
    ("红旗-1", "reservoir", "红旗<b>水库", VILLAGES[1]),
    ("胜利-1", "reservoir", "胜利水库", FURTHER),
    ("小学-1", "school", "红旗小学", VILLAGES[0]),
    ("图们-1", "school", "图们小学", OTHER_COUNTY),
]


@pytest.fixture
async def story(tmp_path: Path):
    rows = [dict(zip(("code", "kind", "name", "division_code"), row, strict=True)) for row in ROWS]
    async with story_of(tmp_path, more=(KEEPER, OTHER_KEEPER, TEACHER)) as running:
        running.app.database.do(lambda c: c.execute(insert(places), rows))
        for keeper, row in zip((KEEPER, OTHER_KEEPER, TEACHER), ROWS, strict=False):
            at = update(people).where(people.c.id == keeper["id"]).values(place_code=row[0])
            running.app.database.do(lambda c, at=at: c.execute(at))
        yield running


async def released(story: Story, *, to: tuple[str, ...]) -> None:
    """It goes out to these, and to nobody else: the story fails on any other message."""
    await story["县指挥"].taps("确认发布")
    await story["县指挥"].sees("已回应")
    await story["县指挥"].sees("已回应", chat=FLOOD_GROUP)
    for name in to:
        await story[name].sees("加强巡查")


def newest(story: Story):
    found = story.app.database.read(alert_store.alerts)
    return next(alert for alert in found if alert.id != elsewhere.ALERT)


async def test_one_kind_of_places_is_called_by_a_line(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 橙 暴雨 敦化市 所有水库 加强巡查")
    shown = await chief.sees("只叫应：所有水库的责任人", "将叫应 2 人")
    assert "敦化市水库" in buttons(shown)[0]
    await released(story, to=("库管员", "库管员乙"))
    assert newest(story).places == ("reservoir",)


async def test_one_place_alone_is_called_by_its_name(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 橙 暴雨 红旗小学 加强巡查")
    await chief.sees("只叫应：红旗小学的责任人", "将叫应 1 人")
    await released(story, to=("校长",))
    assert (newest(story).areas, newest(story).places) == ((VILLAGES[0],), ("小学-1",))


async def test_all_that_is_said_of_a_warning_names_the_place_it_is_for(story: Story) -> None:
    chief, keeper = story["县指挥"], story["库管员乙"]
    title = "胜利水库暴雨橙色预警"
    await chief.says("/warn 橙 暴雨 胜利水库 加强巡查")
    await chief.sees("只叫应：胜利水库的责任人")
    await released(story, to=("库管员乙",))
    await keeper.says("知道了")
    await keeper.sees("还没有算您回应", title)
    await keeper.says("收到")
    await keeper.sees("已记录", title)
    await keeper.taps("需要支援")
    await keeper.sees("需要什么支援", title)
    told = await chief.sees("请求支援", "胜利水库")
    assert "水库巡查责任人" in told["text"]
    await story["县值班"].sees("请求支援", "胜利水库")
    await keeper.says("一台泵")
    await keeper.sees("一台泵", title)
    await keeper.presses("📋 我的任务")
    await keeper.sees("一台泵", title)
    card = chief.last_with("取消预警")
    for ask, back in (("取消预警", "返回"), ("解除预警", "返回"), ("销号", "返回")):
        await chief.taps(ask, message=card)
        assert title in chief.shows(card)["text"], ask
        await chief.taps(back, message=card)
    await chief.says("/warn 橙 暴雨 胜利水库 加强巡查")
    await chief.sees("同样的预警已经有了", title)


async def test_a_place_that_nobody_answers_for_is_named(story: Story) -> None:
    gone = update(people).where(people.c.id == TEACHER["id"]).values(active=False)
    story.app.database.do(lambda c: c.execute(gone))
    await story["县指挥"].says("/warn 橙 暴雨 红旗小学 加强巡查")
    told = await story["县指挥"].sees("红旗小学：这里没有登记责任人", "没有发布")
    assert "永安" not in told["text"]


async def test_the_wizard_switches_kinds_and_places(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 橙 暴雨 敦化市 加强巡查")
    shown = await chief.sees("将叫应 7 人")
    await chief.taps("改叫应谁")
    menu = buttons(chief.shows(shown))
    assert "▫️ 所有水库（2 处）" in menu and "▫️ 红旗小学" in menu
    assert not any("图们小学" in words for words in menu)
    await chief.taps("所有水库")
    await chief.says("红旗小学")
    shown = await chief.sees("只叫应：所有水库、红旗小学的责任人")
    await chief.taps("胜利水库")  # on, beside the kind: and off again
    await chief.taps("胜利水库")
    await chief.taps("选好了")
    assert "将叫应 3 人" in chief.shows(shown)["text"]
    await released(story, to=("库管员", "库管员乙", "校长"))
    assert newest(story).places == ("reservoir", "小学-1")


async def test_everybody_again_and_a_name_nobody_bears(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 橙 暴雨 敦化市 学校 加强巡查")
    await chief.sees("只叫应：所有学校的责任人", "将叫应 1 人")
    await chief.taps("改叫应谁")
    await chief.says("图们小学")
    shown = await chief.sees("没有找到「图们小学」", "只叫应：所有学校的责任人")
    await chief.taps("不限")
    assert "将叫应 7 人" in chief.shows(shown)["text"]
    assert "只叫应" not in chief.shows(shown)["text"]


async def test_a_place_is_found_by_name_where_the_wizard_asks_for_the_area(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 橙 暴雨")
    await chief.sees("哪个区域")
    await chief.says("胜利水库")
    await chief.sees("只叫应：胜利水库的责任人", "将叫应 1 人")
