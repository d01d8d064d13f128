"""Facts of an outage are kept with the time they were done; what acts on them is asked about."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts import help_store, report_store
from alerts.calls import TAKE_BACK_FOR
from alerts.season.store import danger_on
from data import audit
from data.tables.alerts import alerts, calls
from data.tables.patrol import fire_danger
from tests.roster import COUNTY
from tests.stories.outages import power_cut
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_late_acts import take_the_rest, tapped_in_the_dark, value

NEAR = timedelta(seconds=61)
"""A tap bears no time: it was made after the bot was last heard."""


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        yield running


async def called(story: Story, *answer: str) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in answer:
        await story[name].taps("收到")


def call_at(story: Story, name: str, column: str) -> datetime:
    query = select(calls.c[column]).where(calls.c.person_id == story[name].row["id"])
    at = value(story, query)
    assert isinstance(at, datetime)
    return at


def detail_of(story: Story, action: str) -> dict[str, Any]:
    def found(c: Any) -> dict[str, Any]:
        entries = list(audit.trail_of_alert(c, 1, range(1, 20)))
        return next(entry["detail"] for entry in entries if entry["action"] == action)

    return story.app.database.read(found)


async def test_a_report_tapped_in_the_dark_was_made_then(story: Story) -> None:
    await called(story, "村长0")
    then = story.clock()
    await tapped_in_the_dark(story, "村长0", "已完成", hours=0.8)
    assert abs(call_at(story, "村长0", "reported_at") - then) < NEAR
    [fact] = story.app.database.read(lambda c: report_store.of_alert(c, 1))
    assert abs(fact.reported_at - then) < NEAR
    assert detail_of(story, "call.reported")["done_at"]


async def test_a_cry_for_help_tapped_in_the_dark_was_made_then(story: Story) -> None:
    await called(story, "村长0")
    then = story.clock()
    await tapped_in_the_dark(story, "村长0", "需要支援", hours=0.8)
    [request] = story.app.database.read(lambda c: help_store.of_alert(c, 1))
    assert abs(request.asked_at - then) < NEAR
    await story["镇值班"].sees("请求支援", "村长0")  # at once, all the same
    take_the_rest(story)


async def test_figures_typed_in_the_dark_were_typed_then(story: Story) -> None:
    await called(story, "村长0")
    await story["村长0"].taps("已转移群众")
    await story["村长0"].sees("多少户")
    then = story.clock()
    async with power_cut(story, minutes=8):
        story.server.people.send_text(story["村长0"].id, "12户35人")
    await story["村长0"].sees("12 户 35 人")
    assert abs(call_at(story, "村长0", "reported_at") - then) < NEAR


async def test_no_report_is_older_than_the_answer(story: Story) -> None:
    """The tap's earliest moment lies before the answer, which was just taken in."""
    await called(story)
    head = story["村长0"]
    async with power_cut(story, minutes=40):
        message = head.last_with("收到")["message_id"]
        story.server.people.tap(head.id, head.id, message, text="收到")
    answered = call_at(story, "村长0", "answered_at")
    await head.taps("已完成")
    assert call_at(story, "村长0", "reported_at") >= answered


async def test_a_proxy_answer_tapped_in_the_dark_was_given_then(story: Story) -> None:
    await called(story)
    await story["镇值班"].says("/who")
    await story["镇值班"].sees("村长0")
    then = story.clock()
    await tapped_in_the_dark(story, "镇值班", "村长0 已电话叫应", hours=0.8)
    await story.settled()
    assert abs(call_at(story, "村长0", "answered_at") - then) < NEAR
    assert detail_of(story, "call.proxied")["done_at"]
    # It was recorded just now: the slip of a finger can be taken back as ever.
    assert "已撤回" in await story["镇值班"].taps("撤回：村长0")
    state = select(calls.c.state).where(calls.c.person_id == story["村长0"].row["id"])
    assert value(story, state) == "waiting"
    take_the_rest(story)


async def test_a_late_proxy_answer_can_be_taken_back_for_a_minute_and_no_longer(
    story: Story,
) -> None:
    await called(story)
    await story["镇值班"].says("/who")
    await story["镇值班"].sees("村长0")
    await tapped_in_the_dark(story, "镇值班", "村长0 已电话叫应", hours=0.8)
    await story.settled()
    button = story["镇值班"].last_with("撤回：村长0")
    story.clock.advance(TAKE_BACK_FOR + timedelta(seconds=1))
    assert "没有撤回" in await story["镇值班"].taps("撤回：村长0", message=button)
    take_the_rest(story)


@pytest.mark.parametrize("button", ["我接手：村长0", "已解决：村长0"])
async def test_help_taken_on_or_settled_hours_ago_is_asked_about_again(
    story: Story, button: str
) -> None:
    """Others would leave it to an officer who perhaps never went."""
    await called(story, "村长0")
    await story["村长0"].taps("需要支援")
    await story["村长0"].sees("需要什么支援")
    await story["镇值班"].sees("请求支援")
    if "已解决" in button:
        await story["镇值班"].taps("我接手：村长0")
        await story["村长0"].sees("已接手")
    await tapped_in_the_dark(story, "镇值班", button, hours=0.8)
    again = await story["镇值班"].sees("到现在才收到", "没有照做", "敦化市暴雨红色预警", "再点一次")
    [request] = story.app.database.read(lambda c: help_store.of_alert(c, 1))
    assert request.open and (request.taken_by is None) == ("我接手" in button)
    assert "已记录" in await story["镇值班"].taps(button, message=again)
    take_the_rest(story)


async def test_a_warning_lifted_hours_ago_is_asked_about_again(story: Story) -> None:
    await called(story, "村长0", "村长1", "村长2", "镇长")
    chief = story["县指挥"]
    card = chief.last_with("解除预警")
    await chief.taps("解除预警", message=card)
    await tapped_in_the_dark(story, "县指挥", "确定解除", hours=5)
    shown = chief.shows(card)["text"]
    assert "到现在才收到" in shown and "没有照做" in shown
    assert value(story, select(func.count()).where(alerts.c.lifted_at.is_not(None))) == 0
    take_the_rest(story)


# -- /danger ----------------------------------------------------------------------------------


def orders(story: Story) -> int:
    return int(value(story, select(func.count()).select_from(fire_danger)))


@pytest.mark.parametrize("level", ["红", "橙", "黄"])
async def test_danger_typed_hours_ago_is_asked_about_again(story: Story, level: str) -> None:
    chief = story["县指挥"]
    async with power_cut(story, minutes=50):
        story.server.people.send_text(chief.id, f"/danger 敦化市 {level} 后天")
    again = await chief.sees("到现在才收到", "没有照做", "下达前请核对")
    assert orders(story) == 0
    await chief.taps(buttons(again)[0], message=again)
    assert "已设置" in chief.shows(again)["text"]
    assert orders(story) == 1


async def test_tomorrow_is_the_day_after_it_was_typed(story: Story) -> None:
    """Typed in the evening, taken in after midnight: that "tomorrow" is today."""
    chief, zone = story["县指挥"], story.app.services.zone
    at = story.clock().astimezone(zone)
    evening = at.replace(hour=23, minute=30) + timedelta(days=1)
    story.clock.advance(evening - at)
    meant = (evening + timedelta(days=1)).date()
    async with power_cut(story, minutes=50):
        story.server.people.send_text(chief.id, "/danger 敦化市 黄 明天")
    again = await chief.sees("下达前请核对", f"{meant:%m-%d}")
    await chief.taps(buttons(again)[0], message=again)
    found = story.app.database.read(lambda c: danger_on(c, COUNTY, meant))
    assert found.decided_for == COUNTY
    take_the_rest(story)


async def test_todays_danger_of_yesterday_is_told_not_to_hold(story: Story) -> None:
    chief = story["县指挥"]
    async with power_cut(story, hours=30):
        story.server.people.send_text(chief.id, "/danger 敦化市 红")
    await chief.sees("到现在才收到", "没有照做")
    assert orders(story) == 0
    take_the_rest(story)


# -- cries and pictures -----------------------------------------------------------------------


async def test_a_cry_of_hours_ago_goes_on_at_once_and_says_so(story: Story) -> None:
    async with power_cut(story, hours=5):
        story.server.people.send_text(story["护林员"].id, "着火了")
    await story["护林员"].sees("12119", "刚刚才收到")
    for officer in ("镇值班", "县值班"):
        await story[officer].sees("有人呼救", "着火了", "5 小时后才收到")
    take_the_rest(story)


async def test_a_picture_of_hours_ago_says_when_it_was_sent(story: Story) -> None:
    then = story.clock()
    async with power_cut(story, hours=5):
        story.server.people.send_photo(story["护林员"].id, caption="巡护照片")
    await story["护林员"].sees("已上报")
    sent = await story.server.watch.next_message(-1002)
    assert "5 小时后才收到" in sent["caption"]
    local = then.astimezone(story.app.services.zone)
    assert f"{local:%H:%M}" in sent["caption"]
