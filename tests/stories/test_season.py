"""A red fire-danger day: orders at 07:00, the zero report at 17:00, the silent to the county."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.plans.importing import import_plan
from alerts.plans.sheets import PlanKind
from alerts.season import closed_store
from alerts.season.closed import ClosedTime
from alerts.season.model import DangerLevel
from alerts.season.store import save_dangers
from data.database import Connection
from tests.roster import COUNTY, VILLAGES
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


async def test_the_closed_time_is_told_reported_in_and_ended(story: Story, tmp_path: Path) -> None:
    """From the order's file to its end; a red day inside it that is recalled changes nothing."""
    file = tmp_path / "禁火期.csv"
    file.write_text(f"区划代码,开始,结束,文号\n{COUNTY},2027-04-02,2027-04-04,敦政令3号\n")
    kind, zone = PlanKind.CLOSED, story.app.services.zone
    database = story.app.database
    report = import_plan(database, kind, file, story.clock(), zone=zone)
    assert (report.new, report.problems.total) == (1, 0)
    await _until(story, 6, 59)
    story.expect_nothing()
    await _until(story, 7)
    for name in ASKED:
        own = "检查站" if name == "护林员" else "大喇叭"
        await story[name].sees("🚫 今天起禁火 · 敦化市", "04-02 至 04-04（敦政令3号）", own)
    await story["县值班"].sees("今天起禁火")
    await story["村长0"].says("/danger")
    await story["村长0"].sees("还没有火险等级", "🚫 禁火期 04-02 至 04-04")
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("🚫 禁火期 04-02 至 04-04")
    await _until(story, 16, 59)
    story.expect_nothing()
    await _until(story, 17)
    for name in ASKED:
        await story[name].sees("🚫 禁火期零报告")
        await story[name].taps("无火情")
    # Red in the evening, and taken back: the orders are recalled, the report was owed anyway.
    _red(story)
    await story.tick()
    for name in ASKED:
        await story[name].sees("今日极高火险")
    _red(story, DangerLevel.ORANGE)
    await story.tick()
    for name in ASKED:
        recalled = await story[name].sees("要求已撤回", "禁火期的零报告照报")
        assert "也不用再报零报告" not in recalled["text"]
    # New dates are told anew; then it is over, once.
    file.write_text(f"区划代码,开始,结束,文号\n{COUNTY},2027-04-02,2027-04-02,敦政令4号\n")
    import_plan(database, kind, file, story.clock(), zone=zone)
    await story.tick()
    for name in (*ASKED, "县值班"):
        await story[name].sees("今天起禁火", "敦政令4号")
    # A village's own order holds for another day: there nobody reads that it is over.
    own = ClosedTime(VILLAGES[0], DAY.date(), DAY.date() + timedelta(days=1))

    def ordered(c: Connection) -> None:
        closed_store.save(c, {(own.division_code, own.starts_on): (own.ends_on, "")})
        closed_store.mark(c, own, story.clock(), over=False)

    database.do(ordered)
    await _until(story, 24 + 7)
    for name in (*ASKED[1:3], "护林员", "县值班"):
        await story[name].sees("✅ 禁火期结束 · 敦化市", "下级另有禁火令的地方，仍在禁火期")
    story.expect_nothing()
    await _until(story, 24 + 17)
    for name in ("村长0", "副村长0"):
        await story[name].sees("🚫 禁火期零报告")
