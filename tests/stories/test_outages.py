"""Nothing is sent, chased or counted after it stopped being true: hours without power."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.account_events import AccountEvent
from alerts.calls import CallState
from alerts.closing import lift
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import AccountNews
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.roll_calls.model import Whom
from alerts.roster_checks import asking as roster_checks
from contacts import bot_store, people_store
from data.audit import audit
from data.database import Connection
from data.errors import Conflict
from data.tables.alerts import alerts, calls, deliveries
from tests.roster import COUNTY, FLOOD_GROUP, TOWNSHIP
from tests.stories.outages import cut_before_sending, power_cut
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import LINE, everybody_is_called, release
from tests.stories.test_proposed_warnings import bring, of
from tests.waiting import until

CALLED = ("村长0", "村长1", "村长2", "镇长")


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, alone=True) as running:  # any other would end meanwhile
        yield running


def one(story: Story, query: Any) -> Any:
    return story.app.database.read(lambda c: c.execute(query).scalar())


def in_trail(story: Story, action: str) -> int:
    return int(one(story, select(func.count()).where(audit.c.action == action)))


def state_of(story: Story) -> str:
    query = select(alerts.c.state).where(alerts.c.headline.startswith("敦化市"))
    return str(one(story, query.order_by(alerts.c.id.desc()).limit(1)))


async def asked_whether_to_send(story: Story) -> dict[str, Any]:
    """The question, beside the progress card: whichever comes first."""
    both = [await story["县指挥"].sees(), await story["县指挥"].sees()]
    [question] = [message for message in both if "还要发吗" in message["text"]]
    [card] = [message for message in both if message is not question]
    assert "等人决定" in card["text"]
    return question


async def released_unsent(story: Story) -> None:
    """Confirmed and committed, and nothing of it was sent."""
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees("发布前请核对")
    await cut_before_sending(story)
    story.server.people.tap(
        chief.id, chief.id, chief.last_with("确认发布")["message_id"], text="确认发布"
    )
    await until(lambda: in_trail(story, "alert.released") == 1)


async def test_a_warning_whose_time_is_over_is_not_sent_when_the_power_is_back(
    story: Story,
) -> None:
    """The case of the issue: cut right after the release, back 50 hours later."""
    await released_unsent(story)
    async with power_cut(story, hours=50):
        pass
    await story.tick()
    await story["县指挥"].sees("未回应")  # the progress card
    await story["县指挥"].sees("叫应总结", "到期")
    assert state_of(story) == "expired"
    await story.tick()


async def test_whichever_runs_first_a_warning_that_is_over_sends_nothing(story: Story) -> None:
    """The dispatcher claims before any sweep has ended it: the messages are dropped."""
    await released_unsent(story)
    async with power_cut(story, hours=50):
        pass
    assert state_of(story) == "released"  # nobody swept yet
    with pytest.raises(Conflict):
        story.app.database.do(lambda c: lifted_by_chief(c, story))
    for name in CALLED:
        assert not story.server.messages(story[name].id)
    await story.tick()
    await story["县指挥"].sees("未回应")
    await story["县指挥"].sees("叫应总结", "到期")


async def test_a_warning_overdue_by_hours_is_asked_about_before_it_is_sent(story: Story) -> None:
    await released_unsent(story)
    async with power_cut(story, hours=3):
        pass
    await story.tick()
    for name in CALLED:
        assert not story.server.messages(story[name].id)
    question = await asked_whether_to_send(story)
    assert "3 小时" in question["text"]
    told = await story["县值班"].sees("还要发吗", "打电话给发布人")
    assert not buttons(told)
    await story.fast_forward(minutes=20)  # nobody is chased meanwhile
    await story["县指挥"].taps("还要发", message=question)
    assert "重新发出" in story["县指挥"].shows(question)["text"]
    keys = [key for row in question["reply_markup"]["inline_keyboard"] for key in row]
    [pressed] = [key["callback_data"] for key in keys if "还要发" in key["text"]]
    toast = await story["县指挥"].forges(pressed, message_id=question["message_id"])
    assert "已经重新发出" in toast
    await everybody_is_called(story)
    released_at = one(
        story,
        select(alerts.c.released_at)
        .where(alerts.c.held_at.is_(None))
        .order_by(alerts.c.id.desc())
        .limit(1),
    )
    assert story.clock() - released_at < timedelta(minutes=1)
    await story.fast_forward(minutes=2)
    for name in CALLED:  # the ladder counts from now
        await story[name].sees("已 2 分钟没有收到您的回应")


async def test_a_warning_overdue_by_hours_may_be_cancelled_instead(story: Story) -> None:
    await released_unsent(story)
    async with power_cut(story, hours=3):
        pass
    question = await asked_whether_to_send(story)
    await story["县值班"].sees("还要发吗")
    await story["县指挥"].taps("取消预警", message=question)
    await story["县指挥"].taps("确定取消", message=question)
    assert state_of(story) == "cancelled"
    await story.fast_forward(minutes=20)
    for name in CALLED:
        assert not story.server.messages(story[name].id)


async def test_whoever_was_called_before_the_cut_is_not_chased_unasked(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    async with power_cut(story, hours=9):
        pass
    await story.tick()
    await story["县指挥"].sees("还要发吗", "应叫 4 人，已回应 0 人")
    await story["县值班"].sees("还要发吗")
    await story.fast_forward(minutes=30)


async def test_after_a_short_cut_everything_goes_on_by_itself(story: Story) -> None:
    await released_unsent(story)
    async with power_cut(story, minutes=20):
        pass
    await everybody_is_called(story)
    await story["县指挥"].sees("已回应")


async def test_a_typed_answer_is_stored_with_the_time_it_was_typed(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    typed_at = story.clock()
    async with power_cut(story, minutes=50):
        story.server.people.send_text(story["村长0"].id, "收到")
    await story["村长0"].sees("已记录")
    query = select(calls.c.answered_at).where(calls.c.state == CallState.ACKNOWLEDGED.value)
    assert abs(one(story, query) - typed_at) < timedelta(seconds=2)


async def test_a_tap_that_waited_counts_from_when_nobody_could_hear(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    pressed_at = story.clock()
    async with power_cut(story, minutes=50):
        head = story["镇长"]
        message = head.last_with("收到")["message_id"]
        story.server.people.tap(head.id, head.id, message, text="收到")
    query = select(calls.c.answered_at).where(calls.c.state == CallState.ACKNOWLEDGED.value)
    await until(lambda: one(story, query) is not None)
    assert abs(one(story, query) - pressed_at) < timedelta(seconds=2)
    await story.settled()


async def test_words_typed_before_a_warning_do_not_answer_it(story: Story) -> None:
    """收到 of last night, handled this morning after a new warning went out."""
    head = story["村长0"]
    await story.app.lines[0].stop_taking_in()
    story.server.people.send_text(head.id, "收到")
    story.clock.advance(timedelta(hours=9))

    def warn(c: Connection) -> None:
        from alerts.model import Draft, Hazard, Level
        from alerts.release import release as use_case
        from alerts.rules import Rules
        from contacts import people_store
        from tests.roster import COUNTY

        chief = people_store.person(c, story["县指挥"].row["id"])
        assert chief is not None
        draft = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移低洼地群众")
        use_case(c, draft, chief, Rules(), story.clock())

    story.app.database.do(warn)
    await everybody_is_called(story)
    await story["县指挥"].sees("已回应")
    await story.app.lines[0].take_in()
    await head.sees("没有需要您回应")
    assert one(story, select(func.count()).where(calls.c.state == "acknowledged")) == 0


async def test_a_group_is_not_told_either(story: Story) -> None:
    await released_unsent(story)
    async with power_cut(story, hours=3):
        pass
    assert not story.server.messages(FLOOD_GROUP)
    await asked_whether_to_send(story)
    await story["县值班"].sees("还要发吗")


async def test_whoever_answered_in_the_dark_is_not_chased(story: Story) -> None:
    """Their taps wait at Telegram: they are taken in before anybody is reminded."""
    await release(story)
    await everybody_is_called(story)
    async with power_cut(story, minutes=30):
        for name in CALLED:
            person = story[name]
            message = person.last_with("收到")["message_id"]
            story.server.people.tap(person.id, person.id, message, text="收到")
    await story.tick()
    await story["县指挥"].sees("叫应总结")


async def test_nobody_is_chased_before_the_first_updates_were_taken_in(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    async with power_cut(story, minutes=30):
        pass
    story.app.database.do(
        lambda c: bot_store.note_heard(
            c, story.app.lines[0].bot_id, story.clock() - timedelta(minutes=30)
        )
    )
    await story.app.ticks.run("sweep")
    assert in_trail(story, "call.reminded") == 0
    story.clock.advance(timedelta(seconds=21))  # it waits no longer than that
    await story.app.ticks.run("sweep")
    assert in_trail(story, "call.reminded") == 4
    story.app.look_again()
    await story.settled()
    for message in list(story.server.watch.untaken()):
        story.server.watch.take(message["chat"]["id"])


async def test_what_is_asked_for_no_more_is_not_asked_and_news_of_that_day_says_so(
    story: Story,
) -> None:
    """A roll call of twenty minutes, a roster check of two days, a proposal of six hours: queued,
    and the power is back after three days. Whose account it is stays worth knowing."""
    await cut_before_sending(story)
    now = story.clock()

    def ask(c: Connection) -> None:
        chief = people_store.person_by_telegram(c, story["县指挥"].id)
        assert chief is not None
        roll_calls.start(c, chief, COUNTY, Whom.EVERYONE, 20, now, chat_id=story["县指挥"].id)
        roster_checks.start(c, chief, TOWNSHIP, now, days=2)
        city = people_store.person_by_telegram(c, story["州指挥"].id)
        assert city is not None
        news = AccountNews(chief.id, AccountEvent.USED)
        outbox_store.add(c, to_person(city, news, Lane.ANSWER, role=city.role.value), now)

    story.app.database.do(ask)
    bring(story, of(story))
    await story.tick()
    queued = one(story, select(func.count()).where(deliveries.c.state == "queued"))
    assert queued >= 10
    async with power_cut(story, hours=72):
        pass
    await story["州指挥"].sees("的消息，晚到了 3 天", "县指挥")
    story.expect_nothing()


async def test_what_was_answered_before_the_end_counts_though_it_is_heard_after(
    story: Story,
) -> None:
    """By word and by button while nobody heard; the warning is lifted; who answers then is late."""
    await release(story)
    await everybody_is_called(story)
    typed_at = story.clock()
    await story.app.lines[0].stop_taking_in()
    story.server.people.send_text(story["村长0"].id, "收到")
    head = story["村长1"]
    story.server.people.tap(head.id, head.id, head.last_with("收到")["message_id"], text="收到")
    story.clock.advance(timedelta(minutes=30))

    story.app.database.do(lambda c: lifted_by_chief(c, story))
    story.clock.advance(timedelta(minutes=1))
    story.server.people.send_text(story["村长2"].id, "收到")
    await story.app.lines[0].take_in()
    await until(lambda: one(story, answered_of(story, "村长0")) is not None)
    await story.settled()
    for name in ("村长0", "村长1"):
        assert abs(one(story, answered_of(story, name)) - typed_at) < timedelta(seconds=2)
    assert one(story, answered_of(story, "村长2")) is None
    assert not one(story, select(func.count()).where(calls.c.report_due_at.is_not(None)))
    told = [message.get("text", "") for message in story.server.messages(story["村长0"].id)]
    assert any("已记录" in text for text in told)
    for message in story.server.watch.untaken():
        story.server.watch.take(message["chat"]["id"])


def lifted_by_chief(c: Connection, story: Story) -> None:
    chief = people_store.person_by_telegram(c, story["县指挥"].id)
    assert chief is not None
    lift(c, 1, chief, story.clock())


def answered_of(story: Story, name: str) -> Any:
    return select(calls.c.answered_at).where(calls.c.person_id == story[name].row["id"])
