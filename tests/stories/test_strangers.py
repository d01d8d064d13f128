"""Whoever nobody knows: greeted once in ten minutes, out of the inbox at once, behind everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from alerts.outbox.lanes import Lane
from bot.runtime import strangers
from contacts import linking, people_store
from data.tables.alerts import deliveries
from data.tables.running import handled_updates, inbox
from tests.roster import FLOOD_GROUP
from tests.stories.story import Actor, Story, story_of
from tests.stories.test_call_and_respond import release
from tests.waiting import until

NEWCOMER = 77_001


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def newcomer(story: Story, account: int = NEWCOMER, phone: str = "+8619900000099") -> Actor:
    story.server.people.add_user(account, f"新{account}", phone=phone)
    row = {"telegram_id": account, "name": f"新{account}"}
    return Actor(story, row)


def counted(story: Story, table) -> int:
    query = select(func.count()).select_from(table)
    return story.app.database.read(lambda c: c.execute(query).scalar_one())


async def test_a_stranger_is_greeted_once_in_ten_minutes_whatever_they_send(story: Story) -> None:
    stranger, people = newcomer(story), story.server.people
    people.press_start(NEWCOMER)
    await story.settled()
    await stranger.sees("请先绑定身份")
    before = counted(story, handled_updates)
    for said in ("/status", "/help", "收到", "您好"):
        await stranger.says(said)
    people.send_location(NEWCOMER, 43.37, 128.23)
    people.send_photo(NEWCOMER, caption="沟里冒烟")
    await story.settled()
    assert not story.server.watch.take(NEWCOMER)
    # Nothing of it was ever in the inbox, nor has to be remembered.
    assert (counted(story, inbox), counted(story, handled_updates)) == (0, before)
    story.clock.advance(strangers.GREETED_FOR)
    await stranger.says("在吗")
    await stranger.sees("请先绑定身份")


async def test_what_is_said_to_strangers_waits_in_their_own_lane(story: Story) -> None:
    stranger = newcomer(story)
    await stranger.says("您好")
    await stranger.sees("请先绑定身份")
    query = select(deliveries.c.lane).where(deliveries.c.chat_id == NEWCOMER)
    lanes = story.app.database.read(lambda c: c.execute(query).scalars().all())
    assert set(lanes) == {int(Lane.STRANGER)}
    # Only pictures, which nobody waits for, leave later.
    assert [lane for lane in Lane if lane > Lane.STRANGER] == [Lane.LAST]


async def test_a_button_pressed_by_a_stranger_is_refused_by_the_toast_alone(story: Story) -> None:
    await release(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    stranger = newcomer(story)
    story.server.groups.join(FLOOD_GROUP, NEWCOMER)
    await story.settled()
    assert "还不认识您" in await stranger.taps("收到", chat=FLOOD_GROUP)
    assert "已失效" in await stranger.forges("nonsense")
    assert counted(story, inbox) == 0


async def test_whoever_links_is_somebody_at_once_and_what_they_send_next_counts(
    story: Story,
) -> None:
    """All in one answer of Telegram's: the link, and a question right behind it."""
    head = story["村长0"]
    story.app.database.do(lambda c: linking.unlink(c, head.row["id"], story.clock()))
    unlinked = story.app.database.read(lambda c: people_store.person(c, head.row["id"]))
    assert unlinked is not None
    code = unlinked.invite_code
    person = {"id": NEWCOMER, "is_bot": False, "first_name": "新"}
    chat = {"id": NEWCOMER, "type": "private", "first_name": "新"}
    stranger = newcomer(story)
    start = {"offset": 0, "length": 6, "type": "bot_command"}
    updates = [
        {
            "update_id": 990_200 + number,
            "message": {
                "message_id": 900 + number,
                "date": 1,
                "chat": chat,
                "from": person,
                "text": text,
                "entities": [start] if text.startswith("/") else [],
            },
        }
        for number, text in enumerate([f"/start {code}", "📋 我的任务"])
    ]
    story.server.people.press_start(NEWCOMER)
    await story.settled()
    await stranger.sees("请先绑定身份")
    await story.app.lines[0].intake.accept(updates)
    await story.settled()
    await stranger.sees("绑定成功", "村长0")
    await stranger.sees("任务")


async def test_hundreds_of_strangers_are_greeted_at_a_share_of_the_pace(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is remembered of them is bounded."""
    monkeypatch.setattr(strangers, "MOST_REMEMBERED", 20)
    desk = story.app.lines[0].updates.strangers
    desk._per_second = 0.001
    for account in range(80_000, 80_100):
        newcomer(story, account)
        story.server.people.send_text(account, "在吗")
    for token in list(story.server.world.bots):
        await story.server.watch.updates_taken(bot=token)
    assert len(desk._greeted) <= 20
    assert counted(story, inbox) == 0
    query = select(func.count()).where(deliveries.c.lane == int(Lane.STRANGER))
    assert story.app.database.read(lambda c: c.execute(query).scalar_one()) <= strangers.AT_ONCE
    # The commander is answered all the same.
    story.server.people.send_text(story["县指挥"].id, "/link")
    await story["县指挥"].sees("县指挥")
    desk._to_greet.clear()
    if desk._greeting is not None:
        desk._greeting.cancel()
    await until(lambda: not desk.busy)
    await story.settled()
    for account in range(80_000, 80_100):
        story.server.watch.take(account)
