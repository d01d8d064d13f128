"""What was ordered, or told, while the bot was out: the first is asked about, the second kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts import report_store
from alerts.drafts.model import ProposalState
from alerts.loop.tasks import event_store
from alerts.loop.tasks import store as task_store
from alerts.loop.tasks.model import TaskState
from data.tables.alerts import calls
from data.tables.contacts import roster_checks
from data.tables.stages import stage_plans
from tests.stories.outages import power_cut
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_done_long_ago import NEAR
from tests.stories.test_late_acts import take_the_rest, value
from tests.stories.test_proposed_warnings import bring, kept, of

pytestmark = pytest.mark.one_database


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        yield running


def rows(story: Story, table: Any) -> int:
    return int(value(story, select(func.count()).select_from(table)))


async def test_orders_of_hours_ago_are_asked_about_again(story: Story) -> None:
    """Each button is pressed while the bot is out; the second press, on what is shown, does it."""
    chief, mayor, duty = story["县指挥"], story["镇长"], story["县值班"]
    await mayor.says("/coverage")
    await mayor.sees("名册核对")
    await mayor.taps("全员核对")
    check = await mayor.sees("问 7 人")
    # A preview of this morning is shown anew, too.
    story.clock.advance(timedelta(hours=3))
    await story.tick()
    await mayor.taps("开始核对", message=check)
    again = await mayor.sees("上面的预览是", "3 小时前", "问 7 人")
    assert rows(story, roster_checks) == 0
    proposed = bring(story, of(story, valid_until=story.clock() + timedelta(hours=20)))
    await story.fast_forward(seconds=30)
    asked = await mayor.sees("发不发")
    await release(story)
    await everybody_is_called(story)
    await duty.says("/who")
    silent = await duty.sees("村长0")
    await chief.says("/stages 黄 暴雨 敦化市 14小时后 沿河低洼处注意")
    plan = await chief.sees("确认前请核对")
    await chief.taps("改为到时自动发", message=plan)
    tapped = {
        "开始核对": (mayor, again),
        "不发": (mayor, asked),
        "确认计划": (chief, plan),
        "我在打": (duty, silent),
    }
    async with power_cut(story, hours=9):
        for button, (who, message) in tapped.items():
            story.server.people.tap(who.id, who.id, message["message_id"], text=button)
    await story.settled()
    assert rows(story, roster_checks) == rows(story, stage_plans) == 0
    assert kept(story, proposed.id).state is ProposalState.OPEN
    assert "没有照做" in duty.shows(silent)["text"]
    answered = select(func.count()).where(calls.c.state == "acknowledged")
    assert value(story, answered) == 0
    await mayor.sees("开始核对", "没有照做", "问 7 人")
    await mayor.sees("没有照做", "发不发")
    await mayor.taps("不发")
    assert kept(story, proposed.id).state is ProposalState.DISMISSED
    anew = await chief.sees("上面的预览是", "9 小时前", "确认前请核对")
    await chief.taps("确认计划", message=anew)
    assert rows(story, stage_plans) == 1
    take_the_rest(story)


async def test_facts_of_an_outage_are_kept_with_their_time(story: Story) -> None:
    """The words of a report, and that a task is done: the bot was out for most of an hour."""
    await release(story)
    await everybody_is_called(story)
    head, other, mayor = story["村长0"], story["村长1"], story["镇长"]
    for name in ("村长0", "村长1"):
        await story[name].taps("收到")
    await head.taps("已转移群众")
    await other.taps("无法执行")
    await mayor.says("/task 222403101202 修涵洞 30分钟 村长2")
    await mayor.taps("列入清单")
    await story["村长2"].taps("接手")
    await story["村长2"].taps("✅ 完成")
    then = story.clock()
    async with power_cut(story, minutes=50):
        story.server.people.send_text(head.id, "12户35人")
        story.server.people.send_text(other.id, "桥断了，车过不去")
        story.server.people.send_text(story["村长2"].id, "涵洞通了")
    found = story.app.database.read(lambda c: report_store.of_alert(c, 1))
    moved = [fact for fact in found if fact.households == 12]
    told = [fact for fact in found if fact.text]
    assert moved and abs(moved[0].reported_at - then) < NEAR
    assert told and "桥断了" in told[0].text and abs(told[0].reported_at - then) < NEAR
    done = story.app.database.read(lambda c: task_store.task(c, 1))
    assert done is not None and done.state is TaskState.SUBMITTED
    assert (
        done.submitted_at is not None and abs(done.submitted_at - then) < NEAR < done.due_at - then
    )
    events = story.app.database.read(lambda c: event_store.of_task(c, 1))
    assert [event.note.words for event in events if abs(event.at - then) < NEAR][-1] == "涵洞通了"
    take_the_rest(story)
    await story.fast_forward(minutes=1)
    assert not [told for told in story.server.watch.untaken() if "超期" in told.get("text", "")]
    take_the_rest(story)
