"""Zones and shifts: a patroller inside and outside the zone, late, silent and found again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.config.load import load
from bot.config.settings_patrol import SeasonSettings
from tests.imported import import_beside
from tests.roster import COUNTY, RANGER, TOWNSHIP
from tests.stories.story import Story, buttons, story_of

ZONE = ZoneInfo("Asia/Shanghai")
INSIDE, OUTSIDE = (43.372, 128.232), (43.372, 128.290)
RING = [[128.2, 43.34], [128.26, 43.34], [128.26, 43.4], [128.2, 43.4], [128.2, 43.34]]


@pytest.fixture
async def story(tmp_path: Path):
    patrol = load(None, {}).patrol
    async with story_of(
        tmp_path, patrol=patrol, season=SeasonSettings(periods=("01-01..12-31",))
    ) as running:
        await until(running, 7, 50)
        yield running


async def until(story: Story, hour: int, minute: int = 0) -> None:
    """Let the clock run to the next such time of day; the bot sleeps through it."""
    now = story.clock().astimezone(ZONE)
    wanted = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if wanted <= now:
        wanted += timedelta(days=1)
    story.clock.advance(wanted - now)
    await story.tick()


async def reports(story: Story, spot: tuple[float, float] = INSIDE) -> dict[str, Any]:
    """The ranger presses 一键报位; what the bot answers."""
    ranger = story["护林员"]
    story.server.people.send_location(ranger.id, *spot, horizontal_accuracy=8)
    await story.settled()
    return await ranger.sees("已记录")


def bring(story: Story, tmp_path: Path, kind: str, content: str, *, gcj02: bool = False) -> str:
    """Import a file at the command line, beside the running bot; what it says."""
    file = tmp_path / f"{kind}.{'geojson' if kind == 'zones' else 'csv'}"
    file.write_text(content, encoding="utf-8")
    return import_beside(story, kind, file, gcj02=gcj02)[1]


def zone(ring: list[list[float]] = RING, **properties: Any) -> str:
    feature = {
        "type": "Feature",
        "properties": {"name": "<东沟>", "division_code": TOWNSHIP, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


async def test_a_check_in_says_inside_or_how_far_outside_and_when_the_next_is(
    story: Story, tmp_path: Path
) -> None:
    assert "新增 1" in bring(story, tmp_path, "zones", zone())
    answer = await reports(story)
    for words in ("敦化市", "✅ 在巡护区「<东沟>」内", "下次报位：10:00"):
        assert words in answer["text"]
    answer = await reports(story, OUTSIDE)
    assert "外 2.4 公里" in answer["text"]


async def test_a_missed_check_in_goes_up_to_the_county_and_ends_with_a_position(
    story: Story,
) -> None:
    ranger, station, county = story["护林员"], story["镇值班"], story["县值班"]
    await reports(story)
    await story.fast_forward(minutes=10)
    await until(story, 10, 14)
    story.expect_nothing()
    await story.fast_forward(minutes=1, seconds=10)
    await ranger.sees("10:00 应报位", "一键报位", "求救")
    await story.fast_forward(minutes=15)
    listed = await station.sees("1 人未按时报位", "护林员", "10:00 起没有报位", "最后位置")
    assert "43.37200,128.23200" in listed["text"]
    await story.fast_forward(minutes=15)
    await county.sees("未按时报位", "护林员", "没有报位")
    answer = await reports(story)
    assert "晚了" in answer["text"]
    await story.fast_forward(minutes=1)
    await station.sees("已报位", "护林员")
    await county.sees("已报位", "护林员")


async def test_an_officer_who_reached_him_by_telephone_ends_it(story: Story) -> None:
    station, county = story["镇值班"], story["县值班"]
    await until(story, 8, 46)
    await story["护林员"].sees("8:00 应报位")
    listed = await station.sees("未按时报位")
    await county.sees("未按时报位")
    assert any("联系上 护林员" in text for text in buttons(listed))
    data = listed["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert "联系上" in await station.taps("联系上 护林员", message=listed)
    assert buttons(station.shows(listed)) == []
    assert "已有人联系上" in await station.forges(data, message_id=listed["message_id"])
    await county.sees("镇值班", "已联系上", "护林员")
    assert "已有人联系上" in await county.taps("联系上 护林员")
    await story.fast_forward(minutes=30)


async def test_a_live_location_counts_as_checking_in(story: Story) -> None:
    ranger = story["护林员"]
    message = story.server.people.send_location(ranger.id, *INSIDE, live_period=28_800)
    await story.settled()
    await ranger.sees("已记录")
    for hour in (9, 11, 13):
        await until(story, hour, 30)
        story.server.people.move_live_location(
            ranger.id, message["message_id"], INSIDE[0] + hour / 1000, INSIDE[1]
        )
        await story.settled()
    await until(story, 14, 20)


async def test_a_forwarded_position_is_no_sign_of_life(story: Story) -> None:
    ranger, people = story["护林员"], story.server.people
    await until(story, 8, 16)
    await ranger.sees("8:00 应报位")
    mine = people.send_location(story["村长0"].id, *INSIDE)
    await story.settled()
    await story["村长0"].sees("已记录")
    people.forward(ranger.id, story["村长0"].id, mine["message_id"])
    await story.settled()
    await ranger.sees("有疑问", "转发")
    await story.fast_forward(minutes=15)
    await story["镇值班"].sees("未按时报位", "护林员")


async def test_a_restart_in_the_middle_of_a_chase_forgets_nothing(story: Story) -> None:
    from bot.app import App
    from tests.stories.story import settings_for

    await until(story, 8, 16)
    await story["护林员"].sees("8:00 应报位")
    patrol, season = story.app.settings.patrol, story.app.settings.season
    await story.app.stop()
    settings = settings_for(story.server, patrol=patrol, season=season)
    story.app = App(settings, story.app.database, clock=story.clock, ticking=False)
    await story.app.start()
    await story.app.ready()
    await story.fast_forward(minutes=15)
    await story["镇值班"].sees("未按时报位", "护林员")


async def test_hours_by_order_and_a_day_off(story: Story, tmp_path: Path) -> None:
    today = story.clock().astimezone(ZONE).date()
    head = "phone,division_code,date,start,end,every_minutes\n"
    order = f"{head},{COUNTY},{today},09:00,17:00,60\n"
    assert "新增 1" in bring(story, tmp_path, "shifts", order)
    await story.tick()
    assert "下次报位：10:00" not in (await reports(story))["text"]
    plan = f"{head}{RANGER['phone']},,{today},09:00,17:00,0\n"
    assert "新增 1" in bring(story, tmp_path, "shifts", plan)
    await story.tick()
    assert "下次报位" not in (await reports(story))["text"]
    await until(story, 12)


async def test_bad_zone_files_are_refused_with_the_place_of_the_fault(
    story: Story, tmp_path: Path
) -> None:
    bow = [RING[0], RING[2], RING[1], RING[3], RING[0]]
    output = bring(story, tmp_path, "zones", zone(bow))
    assert "第 1 个「<东沟>」：边线自己交叉" in output
    assert "什么都没有导入" in output
    wrong = bring(story, tmp_path, "zones", zone([[lat, lon] for lon, lat in RING]))
    assert "经纬度写反了" in wrong
    assert "不是 GeoJSON" in bring(story, tmp_path, "zones", "<html>")
    assert "是空的" in bring(story, tmp_path, "zones", "")
    assert "内" not in (await reports(story))["text"].splitlines()[-1]


async def test_the_danger_of_a_day_is_set_and_read_in_chat(story: Story) -> None:
    commander, ranger = story["县指挥"], story["护林员"]
    await commander.says("/danger 敦化市 红")
    preview = await commander.sees("下达前请核对", "五级（红）")
    await commander.taps("确认下达", message=preview)
    assert "已设置：敦化市" in commander.shows(preview)["text"]
    await ranger.says("/danger")
    await ranger.sees("五级（红）", "按敦化市的等级")
    await ranger.says("/danger 敦化市 绿")
    await ranger.sees("职务")
    await commander.says("/danger 敦化市 橙 气象 明天")
    await commander.sees("已设置", "四级（橙） · 气象三色")
    await commander.says("/danger 图们市 红")
    await commander.sees("超出")
    await commander.says("/danger 哪里也不是 红")
    await commander.sees("没有找到「哪里也不是」", "请写区划名称")
