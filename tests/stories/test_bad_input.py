"""Mistakes of people and accidents: each gets one clear answer, and nothing is lost."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.app import App
from bot.config.reader import Secret
from bot.config.settings import BotSettings
from bot.sandbox.bot_api.faults import Fault, FaultAction
from bot.views.problems import old_button
from data.database import Database
from data.tables.contacts import people
from tests.roster import FLOOD_GROUP, fill
from tests.stories.story import Story, settings_for, story_of
from tests.stories.test_call_and_respond import data_of, everybody_is_called, release
from tests.waiting import until


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_a_button_forwarded_to_somebody_else_does_not_answer(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    call = story["村长0"].last_with("收到")
    thief = story["村长1"]
    story.server.people.forward(
        story["村长0"].id, story["村长0"].id, call["message_id"], to_chat_id=FLOOD_GROUP
    )
    await story.settled()
    # Telegram leaves the button out; a modified app may send its data all the same.
    assert "已记录" not in await thief.forges(data_of(call), chat=FLOOD_GROUP)
    await story["县指挥"].says("/status")
    await story["县指挥"].sees("已回应 0 / 4")


async def test_a_stranger_in_the_group_is_refused_by_the_toast_alone(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    story.server.people.add_user(66_001, "路人")
    story.server.groups.join(FLOOD_GROUP, 66_001)
    post = story["村长0"].last_with("收到", FLOOD_GROUP)
    query = story.server.people.tap(66_001, FLOOD_GROUP, post["message_id"], text="收到")
    answer = await story.server.watch.callback_answer(query)
    assert "已记录" not in (answer["text"] or "")
    assert answer["text"]


async def test_a_bot_removed_from_a_group_still_calls_everybody(story: Story) -> None:
    story.server.groups.remove_bot(FLOOD_GROUP)
    await story.settled()
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await chief.sees("工作群 0 个")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")


async def test_an_unknown_group_learns_its_number(story: Story) -> None:
    story.server.people.add_group(-100_555, "新群", [story["县值班"].id])
    story.server.groups.add_bot(-100_555, by=story["县值班"].id)
    await story.settled()
    message = await story.server.watch.next_message(-100_555)
    assert "-100555" in message["text"]


async def test_the_same_update_twice_counts_once(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    await head.taps("收到")
    before = story.app.database.read(_acknowledged)
    await head.says("收到")
    await head.sees("没有待您回应")
    assert story.app.database.read(_acknowledged) == before == 1


async def test_a_server_error_page_delays_a_call_and_loses_none(story: Story) -> None:
    slow = story["村长2"].id
    story.server.faults.add(Fault(FaultAction.HTML, "sendMessage", chat_id=slow, count=1))
    await release(story)
    for name in ("村长0", "村长1", "镇长"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    await story.fast_forward(seconds=5)
    await story["村长2"].sees("立即转移")


async def test_a_wrong_token_is_said_without_showing_it(
    story: Story, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "999999:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    settings = settings_for(story.server)
    bots = (BotSettings(token=Secret(wrong)),)
    settings = replace(settings, telegram=replace(settings.telegram, bots=bots))
    database = Database(f"sqlite:///{tmp_path}/other.db")
    fill(database)
    app = App(settings, database, ticking=False)
    with caplog.at_level(logging.DEBUG):
        await app.start()
        await until(lambda: "令牌" in caplog.text)
        await app.stop()
    database.close()
    assert "[[telegram.bots]]" in caplog.text
    records = [record for record in caplog.records if record.name.startswith("bot.")]
    assert not [record for record in records if wrong.partition(":")[2] in record.getMessage()]


def _acknowledged(connection) -> int:
    from sqlalchemy import func, select

    from data.tables.running import audit

    query = select(func.count()).select_from(audit).where(audit.c.action == "call.acknowledged")
    return int(connection.execute(query).scalar_one())


async def test_a_call_s_button_forged_in_a_group_is_refused_in_the_reader_s_language(
    story: Story,
) -> None:
    head = story["村长0"]
    english = update(people).where(people.c.id == head.row["id"]).values(language="en")
    story.app.database.do(lambda c: c.execute(english))
    assert await head.forges("a:1", chat=FLOOD_GROUP) == old_button("en")
    assert await head.forges("g:9", chat=FLOOD_GROUP) != old_button("en")  # a group has those
