"""What failed for a bug is not done days later as if new, nor again when it was repeated since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.calls import Report
from bot.actions.warnings import CallAnswer, ReportTap
from bot.handlers import taps
from data import inbox
from data.tables.alerts import calls
from data.tables.running import inbox as inbox_table
from tests.stories.outages import power_cut
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_taking_in import call_of, tap_update, text_update


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        await release(running)
        await everybody_is_called(running)
        await running["村长0"].taps("收到")
        yield running


async def fails(*_of_anything: Any) -> None:
    raise RuntimeError("a bug")


def fails_at_once(*_of_anything: Any) -> None:
    raise RuntimeError("a bug")


def reports(story: Story) -> int:
    query = select(func.count()).where(calls.c.report == Report.DONE.value)
    return int(story.app.database.read(lambda c: c.execute(query).scalar_one()))


def given_up(story: Story) -> int:
    query = select(func.count()).where(inbox_table.c.attempts == inbox.MOST_ATTEMPTS)
    return int(story.app.database.read(lambda c: c.execute(query).scalar_one()))


def report(story: Story, number: int) -> dict[str, Any]:
    """The tap on 已完成."""
    shown = story["村长0"].last_with("已完成")["message_id"]
    return tap_update(story, "村长0", number, f"r:{call_of(story, '村长0')}:done", shown)


async def report_that_fails(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """村长0 reports, and a bug keeps it from being recorded."""
    with monkeypatch.context() as patch:
        patch.setitem(taps.HANDLERS, ReportTap, fails)
        tap = report(story, 990_101)
        await story.app.lines[0].intake.accept([tap])
        await story.settled()
    assert reports(story) == 0


async def test_what_failed_is_tried_again_soon_after(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await report_that_fails(story, monkeypatch)
    async with power_cut(story, minutes=20):
        pass
    assert reports(story) == 1


async def test_what_failed_is_not_done_days_later(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await report_that_fails(story, monkeypatch)
    async with power_cut(story, hours=20):
        pass
    assert (reports(story), given_up(story)) == (0, 1)


async def test_what_was_done_again_since_is_not_done_twice(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await report_that_fails(story, monkeypatch)
    await story.app.lines[0].intake.accept([report(story, 990_102)])
    await story.settled()
    assert (reports(story), given_up(story)) == (1, 1)


async def test_an_answer_that_failed_counts_from_when_it_was_given(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fact keeps its own time, however late it is recorded."""
    typed_at = story.clock()
    with monkeypatch.context() as patch:
        patch.setattr("bot.handlers.calls.open_calls", fails_at_once)
        story.server.people.send_text(story["村长1"].id, "收到")
        await story.settled()
    await story["村长1"].sees()  # that it was not recorded
    async with power_cut(story, minutes=50):
        pass
    await story["村长1"].sees("已记录")
    query = select(calls.c.answered_at).where(calls.c.id == call_of(story, "村长1"))
    answered_at = story.app.database.read(lambda c: c.execute(query).scalar_one())
    assert abs((answered_at - typed_at).total_seconds()) < 2


@pytest.mark.parametrize("kind", [CallAnswer, str])
async def test_an_update_that_comes_again_after_a_restart_is_done_once(
    story: Story, kind: type
) -> None:
    """A restored offset, a webhook's retry: whatever brings it again, days may lie between."""
    update = (
        tap_update(story, "镇长", 990_110, f"a:{call_of(story, '镇长')}")
        if kind is CallAnswer
        else text_update(story, "镇长", 990_110, "收到")
    )
    await story.app.lines[0].intake.accept([update])
    await story.settled()
    if kind is str:
        await story["镇长"].sees("已记录")
    async with power_cut(story, minutes=30):
        pass
    await story.app.lines[0].intake.accept([update])
    await story.settled()
