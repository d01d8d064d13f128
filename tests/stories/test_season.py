"""A red fire-danger day: orders at 07:00, the zero report at 17:00, the silent to the county."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.season.model import DangerLevel
from alerts.season.store import save_dangers
from tests.roster import COUNTY
from tests.stories.story import Story, buttons, story_of

DAY = datetime(2027, 4, 2, tzinfo=UTC)
ASKED = ("村长0", "村长1", "村长2", "副村长0", "护林员")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def _until(story: Story, hour: int, minute: int = 0) -> None:
    """Let the clock show so much in Beijing on the red day."""
    at = DAY + timedelta(hours=hour - 8, minutes=minute)
    story.clock.advance(at - story.clock())
    await story.tick()


def _red(story: Story, level: DangerLevel = DangerLevel.RED) -> None:
    now = story.clock()
    story.app.database.do(lambda c: save_dangers(c, [(COUNTY, DAY.date(), level)], now))


async def test_the_orders_go_out_at_seven_and_the_silent_are_listed(story: Story) -> None:
    _red(story)
    await _until(story, 6, 59)
    story.expect_nothing()
    await _until(story, 7)
    for name in ASKED:
        asked = await story[name].sees("今日极高火险", "禁止一切野外用火")
        assert buttons(asked) == ["✅ 收到"]
    for name in ASKED[1:]:
        await story[name].taps("收到")
        assert (
            "已记录收到 07:00"
            in story[name].shows(story.server.messages(story[name].id)[-1])["text"]
        )
    await _until(story, 7, 31)
    await story["村长0"].sees("还没有收到您的回应", "今日极高火险")
    await _until(story, 8, 1)
    listed = await story["县值班"].sees("1 人未回应", "村长0", "199 0000 0010")
    assert "村长1" not in listed["text"]
    await _until(story, 16, 59)  # once


async def test_the_zero_report_is_asked_for_at_five(story: Story) -> None:
    await _until(story, 12)
    _red(story)  # declared at noon: the orders go out at noon
    await story.tick()
    for name in ASKED:
        await story[name].sees("今日极高火险")
        await story[name].taps("收到")
    await _until(story, 17)
    for name in ASKED:
        await story[name].sees("零报告", "没有也要报")
    for name in ASKED[2:]:
        await story[name].taps("无火情")
    await story["村长1"].taps("有火情")
    await story["县值班"].sees("零报告：有火情", "村长1", "199 0000 0011")
    await _until(story, 17, 31)
    await story["村长0"].sees("还没有收到您的回应", "零报告")
    await _until(story, 18, 1)
    await story["县值班"].sees("零报告：1 人未报", "村长0")
    await story["护林员"].forges("ra:6:no_fire")  # somebody else's


async def test_nothing_happens_on_other_days(story: Story) -> None:
    _red(story, DangerLevel.ORANGE)
    for hour in (7, 8, 17, 18):
        await _until(story, hour)
