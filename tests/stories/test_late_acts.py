"""What was done hours before it arrives is not done as if new: its person is asked again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from data import inbox
from data.tables.alerts import alerts, calls
from data.tables.patrol import roll_calls
from data.tables.tasks import tasks
from tests.evacuated import add_card
from tests.stories.outages import power_cut
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import LINE, everybody_is_called, release
from tests.stories.test_taking_in import tap_update

CITY_LINE = "/warn 红 暴雨 延边州 立即转移低洼地群众"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:
        yield running


def value(story: Story, query: Any) -> Any:
    return story.app.database.read(lambda c: c.execute(query).scalar())


def take_the_rest(story: Story) -> None:
    """Whatever else is said is another story's."""
    for message in list(story.server.watch.untaken()):
        story.server.watch.take(message["chat"]["id"])


def released(story: Story) -> int:
    return int(value(story, select(func.count()).where(alerts.c.state == "released")))


async def previewed(story: Story) -> dict[str, Any]:
    await story["县指挥"].says(LINE)
    return await story["县指挥"].sees("发布前请核对")


async def tapped_in_the_dark(story: Story, name: str, button: str, *, hours: float) -> None:
    """Tapped while the bot was out, and taken in so many hours later."""
    person = story[name]
    message = person.last_with(button)["message_id"]
    async with power_cut(story, hours=hours):
        story.server.people.tap(person.id, person.id, message, text=button)


@pytest.mark.parametrize(("hours", "ago"), [(9.0, "9 小时"), (0.4, "24 分钟")])
async def test_a_release_confirmed_long_ago_is_previewed_again(
    story: Story, hours: float, ago: str
) -> None:
    """The case of the issue; the second tap, on the new preview, releases."""
    await previewed(story)
    await tapped_in_the_dark(story, "县指挥", "确认发布", hours=hours)
    again = await story["县指挥"].sees(ago, "再核对一遍", "没有别的变化", "将叫应 4 人")
    assert released(story) == 0
    await story["县指挥"].taps("确认发布", message=again)
    await story["县指挥"].sees("已回应")
    await everybody_is_called(story)


async def test_a_preview_of_eleven_hours_ago_is_shown_again(story: Story) -> None:
    first = await previewed(story)
    story.clock.advance(timedelta(hours=11))
    await story.tick()
    await story["县指挥"].taps("确认发布", message=first)
    await story["县指挥"].sees("11 小时", "再核对一遍")
    assert released(story) == 0


async def test_a_proposal_that_has_lapsed_is_not_confirmed_before_any_sweep(story: Story) -> None:
    """As at a start: the tap is handled before whatever is over was ended."""
    await story["州指挥"].says(CITY_LINE)
    await story["州指挥"].sees("发布前请核对")
    await story["州指挥"].taps("确认发布")
    request = await story["省指挥"].sees("请您确认发布")
    await story["州主任"].sees("请您确认发布")
    story.clock.advance(timedelta(hours=25))
    story.app.look_again()
    await story["省指挥"].taps("确认发布", message=request)
    assert released(story) == 0
    assert "没有发布" in story["省指挥"].shows(request)["text"]


async def test_a_proposal_of_23_hours_ago_is_read_again_before_it_is_confirmed(
    story: Story,
) -> None:
    await story["州指挥"].says(CITY_LINE)
    await story["州指挥"].sees("发布前请核对")
    await story["州指挥"].taps("确认发布")
    request = await story["省指挥"].sees("请您确认发布")
    await story["州主任"].sees("请您确认发布")
    story.clock.advance(timedelta(hours=23))
    await story.tick()
    await story["省指挥"].taps("确认发布", message=request)
    shown = story["省指挥"].shows(request)["text"]
    assert "23 小时" in shown and "再核对一遍" in shown
    assert released(story) == 0
    story.without_ticks.add("sweep")
    await story["省指挥"].taps("确认发布", message=request)
    assert released(story) == 1
    take_the_rest(story)


@pytest.mark.parametrize(("ask", "button"), [("取消预警", "确定取消"), ("销号", "销号")])
async def test_an_end_confirmed_hours_ago_is_asked_about_again(
    story: Story, ask: str, button: str
) -> None:
    await release(story)
    await everybody_is_called(story)
    chief = story["县指挥"]
    for name in ("村长0", "村长1", "村长2"):
        await story[name].taps("收到")
    card = chief.last_with(ask)
    await chief.taps(ask, message=card)
    await tapped_in_the_dark(story, "县指挥", button, hours=0.9)
    shown = chief.shows(card)["text"]
    assert "到现在才收到" in shown and "没有照做" in shown
    assert released(story) == 1


async def test_a_roll_call_started_in_the_dark_is_asked_about_again(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/rollcall 敦化市 30")
    shown = await chief.sees("点名")
    while not any(
        "开始点名" in row[0]["text"]
        for row in chief.shows(shown)["reply_markup"]["inline_keyboard"]
    ):
        first = chief.shows(shown)["reply_markup"]["inline_keyboard"][0][0]["text"]
        await chief.taps(first, message=shown)
    await tapped_in_the_dark(story, "县指挥", "开始点名", hours=9)
    again = chief.shows(shown)
    assert "没有照做" in again["text"] and "敦化市" in again["text"]
    assert value(story, select(func.count()).select_from(roll_calls)) == 0
    await chief.taps("开始点名", message=again)
    assert value(story, select(func.count()).select_from(roll_calls)) == 1
    take_the_rest(story)


async def test_a_reason_typed_hours_ago_closes_nothing(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    chief = story["县指挥"]
    card = chief.last_with("销号")
    await chief.taps("销号", message=card)
    await chief.taps("销号", message=card)
    await chief.sees("原因")
    async with power_cut(story, minutes=40):
        story.server.people.send_text(chief.id, "已电话核实")
    await chief.sees("到现在才收到", "没有照做")
    assert released(story) == 1


async def test_a_call_for_help_of_nine_hours_ago_is_sent_at_once_and_says_so(story: Story) -> None:
    ranger = story["护林员"]
    async with power_cut(story, hours=9):
        story.server.people.send_text(ranger.id, "🆘 求救")
    watch = story.server.watch  # the request for a position is a message beside: either is first
    sent = await watch.next_message(ranger.id, where=lambda m: "已求救" in m.get("text", ""))
    assert "刚刚才收到" in sent["text"] and "通知里没有您的位置" in sent["text"]
    await watch.next_message(ranger.id, where=lambda m: "请发送位置" in m.get("text", ""))
    for name in ("镇值班", "县值班"):
        await story[name].sees("求救", "9 小时后才收到")
    await story.settled()
    take_the_rest(story)


async def test_fresh_acts_are_done_at_once(story: Story) -> None:
    await previewed(story)
    await story.fast_forward(minutes=5)
    await story["县指挥"].taps("确认发布")
    await story["县指挥"].sees("已回应")
    await everybody_is_called(story)
    answered = select(func.count()).where(calls.c.state == "acknowledged")
    await story["村长0"].taps("收到")
    assert value(story, answered) == 1


async def test_a_tap_left_in_the_inbox_for_hours_is_asked_about_again(story: Story) -> None:
    """The process died with it; an earlier release stored it without its earliest moment."""
    message = await previewed(story)
    chief, line = story["县指挥"], story.app.lines[0]
    button = next(
        button["callback_data"]
        for row in message["reply_markup"]["inline_keyboard"]
        for button in row
        if "确认发布" in button["text"]
    )
    tap = tap_update(story, "县指挥", 990_201, button, message["message_id"])
    async with power_cut(story, hours=9):
        story.app.database.do(lambda c: inbox.put(c, line.bot_id, [tap], story.clock()))
    await chief.sees("9 小时", "再核对一遍")
    assert released(story) == 0


async def test_counting_and_checking_of_hours_ago_are_asked_about_again(story: Story) -> None:
    """A household's tick, 销号: the village and the task went on since."""
    story.app.database.do(add_card)
    chief, head, mayor = story["县指挥"], story["村长0"], story["镇长"]
    await chief.says("/warn 红 山洪 敦化市 立即转移")
    await chief.taps("确认发布")
    await head.taps("收到")
    await head.taps("已转移群众")
    await head.taps("逐户登记")
    shown = head.last_with("☐ 1 赵一")
    await tapped_in_the_dark(story, "村长0", "☐ 1 赵一", hours=2)
    now = head.shows(shown)
    assert "到现在才收到" in now["text"] and "已转 0 户" in now["text"]
    await head.taps("☐ 1 赵一", message=now)
    assert "已转 1 户" in head.shows(shown)["text"]
    await mayor.says("/task 222403101200 修涵洞 3天 村长0")
    await mayor.taps("✅ 列入清单")
    await head.taps("✋ 接手")
    await head.taps("✅ 完成")
    await head.says("修好了")
    await head.taps("✅ 报完成")
    card = mayor.last_with("✅ 核实，销号")
    await tapped_in_the_dark(story, "镇长", "✅ 核实，销号", hours=2)
    states = select(tasks.c.state)
    assert value(story, states) == "submitted"
    assert "到现在才收到" in mayor.shows(card)["text"]
    await mayor.taps("✅ 核实，销号", message=mayor.shows(card))
    assert value(story, states) == "struck_off"
    take_the_rest(story)
