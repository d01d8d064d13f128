"""Several bots, each for its division; one that stops sending harms nobody else's people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.app import App
from bot.config.reader import Secret
from bot.config.settings import BotSettings
from bot.sandbox.bot_api.media import PIXEL
from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from bot.telegram import file_bridge as media_bridge
from contacts import bot_store, people_store
from contacts.bots import Down
from contacts.people import Contact
from data import audit
from data.database import Database
from data.tables.contacts import groups, people
from tests import elsewhere
from tests.roster import EVERYBODY, FIRE_GROUP, FLOOD_GROUP, PROVINCE, TOWNSHIP, fill
from tests.stories.story import Story, settings_for
from tests.waiting import PATIENCE, StillClock, until

TOWN_TOKEN = "1000000002:sandbox-sandbox-sandbox-sandbox-002"
PICTURE = PIXEL + b"a picture"
PROVINCE_BOT, TOWN_BOT = 1000000001, 1000000002


@asynccontextmanager
async def two_bots(tmp_path: Path) -> AsyncIterator[Story]:
    """The province's bot, and one for the township and its villages."""
    clock = StillClock()
    file = tmp_path / "story.db"
    database = Database(f"sqlite:///{file}", synchronous="normal")
    fill(database)
    database.do(elsewhere.warn)
    for owners in (people, groups):  # nobody has started any bot yet
        database.do(lambda c, owners=owners: c.execute(update(owners).values(bot_id=None)))  # type: ignore[misc]
    async with BotApiServer((TOKEN, TOWN_TOKEN), clock=clock) as server:
        for row in EVERYBODY:
            if row["telegram_id"] is not None:
                server.people.add_user(row["telegram_id"], row["name"], phone=row["phone"])
        members = [row["telegram_id"] for row in EVERYBODY if row["telegram_id"]]
        server.people.add_group(FLOOD_GROUP, "敦化防汛", members, kind="group")
        server.people.add_group(FIRE_GROUP, "敦化防火", members)
        server.started_with_everybody()
        settings = settings_for(server)
        bots = (BotSettings(PROVINCE, Secret(TOKEN)), BotSettings(TOWNSHIP, Secret(TOWN_TOKEN)))
        telegram = replace(settings.telegram, bots=bots)
        app = App(replace(settings, telegram=telegram), database, clock=clock, ticking=False)
        await app.start()
        try:
            await asyncio.wait_for(app.ready(), PATIENCE)
            before = database.read(elsewhere.rows)
            yield Story(server, app, clock, file)
            assert database.read(elsewhere.rows) == before, "another warning was touched"
        finally:
            await app.stop()
            database.close()


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with two_bots(tmp_path) as running:
        yield running


def owner(story: Story, name: str) -> int | None:
    person_id = story[name].row["id"]
    return story.app.database.read(lambda c: bot_store.bot_id_of_person(c, person_id))


def is_down(story: Story) -> bool:
    bot = story.app.database.read(lambda c: bot_store.bot(c, TOWN_BOT))
    return bot is not None and bot.down is Down.REVOKED


def sent_by(story: Story, bot: str, name: str) -> list[str]:
    """What this bot said to somebody."""
    chat = story[name].id
    return [
        message.get("text", "")
        for message in story.server.messages(chat, bot)
        if message["from"]["is_bot"]
    ]


async def warn(story: Story) -> None:
    await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await story["县指挥"].taps("确认发布")
    await story.settled()


async def test_each_person_is_called_by_the_bot_of_their_division(story: Story) -> None:
    assert owner(story, "村长0") == TOWN_BOT
    assert owner(story, "县指挥") == PROVINCE_BOT
    await warn(story)
    assert any("暴雨" in text for text in sent_by(story, TOWN_TOKEN, "村长0"))
    assert not any("暴雨" in text for text in sent_by(story, TOKEN, "村长0"))


async def test_a_revoked_bot_s_people_are_told_through_the_tier_above(story: Story) -> None:
    database = story.app.database
    town = next(line for line in story.app.lines if line.bot_id == TOWN_BOT)
    await story["县指挥"].says("/status")
    await warn(story)
    await town._tell(Down.REVOKED)  # what the line does when Telegram refuses its token
    head = story["村长0"].row["id"]
    person = database.read(lambda c: people_store.person(c, head))
    assert person is not None and person.contact is Contact.BOT_DOWN
    await story.fast_forward(seconds=30)
    lists = [text for text in sent_by(story, TOKEN, "县值班") if "村长0" in text]
    assert lists, "the county's duty officer has the list at once"
    await town._tell(None)
    await story.settled()
    person = database.read(lambda c: people_store.person(c, head))
    assert person is not None and person.contact is Contact.OK
    actions = database.read(
        lambda c: [entry["action"] for entry in audit.trail(c, f"bot:{TOWN_BOT}")]
    )
    assert actions == ["bot.configured", "bot.down", "bot.up"]
    assert database.read(audit.verify).broken is None


async def test_a_line_whose_token_is_refused_goes_down_by_itself(story: Story) -> None:
    town = next(line for line in story.app.lines if line.bot_id == TOWN_BOT)
    revoked = story.server.world.bots.pop(TOWN_TOKEN)
    chat = story["村长0"].id
    saying = asyncio.create_task(town.voice.say("sendMessage", {"text": "在吗"}, chat))
    await until(lambda: is_down(story))
    assert town.dispatcher is not None and town.dispatcher.halted_for > 0
    saying.cancel()
    assert story.app.lines[0].dispatcher is not None
    assert story.app.lines[0].dispatcher.halted_for == 0  # the other token is not concerned
    story.server.world.bots[TOWN_TOKEN] = revoked


async def test_a_person_who_starts_the_other_bot_belongs_to_it(story: Story) -> None:
    assert owner(story, "村长0") == TOWN_BOT
    story.server.people.send_text(story["村长0"].id, "/start", bot=TOKEN)
    await story.settled()
    assert owner(story, "村长0") == PROVINCE_BOT


def files_with(story: Story, content: bytes) -> list[str]:
    """The ids a file of this content has, one a bot that was given it."""
    files = story.server.world.files._by_id.values()
    return [file.file_id for file in files if file.content == content]


async def test_a_picture_sent_to_one_bot_is_shown_by_another(story: Story) -> None:
    """Downloaded and uploaded once, then sent by its new id."""
    head = story["村长0"]
    assert owner(story, "村长0") == TOWN_BOT
    story.server.people.send_photo(head.id, caption="坝上漏水", content=PICTURE, bot=TOWN_TOKEN)
    await story.settled()
    photo = await story.server.watch.next_message(FIRE_GROUP)
    assert "坝上漏水" in photo["caption"]
    first, second = files_with(story, PICTURE)
    assert photo["photo"][-1]["file_id"] == second != first
    await story["县指挥"].says("/feed")
    await story["县指挥"].taps("看 1")
    await story.settled()
    shown = [
        message
        for message in story.server.messages(story["县指挥"].id, TOKEN)
        if "photo" in message
    ]
    assert [message["photo"][-1]["file_id"] for message in shown] == [second]
    assert files_with(story, PICTURE) == [first, second]


async def test_what_is_too_large_to_be_brought_over_is_said(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_bridge, "MOST_BYTES", 5)
    people_ = story.server.people
    people_.send_video(story["村长0"].id, caption="决口", content=b"a long video", bot=TOWN_TOKEN)
    await story.settled()
    words = await story.server.watch.next_message(FIRE_GROUP)
    assert "决口" in words["text"] and "另一个机器人接收" in words["text"]
    assert len(files_with(story, b"a long video")) == 1


async def test_an_album_stays_together_at_another_bot(story: Story) -> None:
    for number in range(3):
        story.server.people.send_photo(
            story["村长0"].id,
            caption="火线" if number == 0 else "",
            content=PIXEL + b"%d" % number,
            media_group_id="album-9",
            bot=TOWN_TOKEN,
        )
    await story.settled()
    await story.fast_forward(seconds=2)
    parts = [await story.server.watch.next_message(FIRE_GROUP) for _ in range(3)]
    assert len({part["media_group_id"] for part in parts}) == 1
    assert "火线" in parts[0]["caption"]
    assert [len(files_with(story, PIXEL + b"%d" % number)) for number in range(3)] == [2, 2, 2]


async def test_a_call_for_help_with_a_picture_reaches_those_of_another_bot(story: Story) -> None:
    """The call leaves as words at once; a picture sent later is brought over."""
    head, officer = story["村长0"], story["县值班"]
    assert owner(story, "县值班") == PROVINCE_BOT
    people_ = story.server.people
    people_.send_text(head.id, "🆘 求救", bot=TOWN_TOKEN)
    await story.settled()
    people_.send_photo(head.id, content=PICTURE, bot=TOWN_TOKEN)
    await story.settled()
    await story.fast_forward(seconds=10)
    called = await officer.sees("🆘 求救", "村长0")
    assert "text" in called
    later = PIXEL + b"from the spot"
    people_.send_photo(head.id, content=later, bot=TOWN_TOKEN)
    await story.settled()
    sent = [message for message in story.server.messages(officer.id, TOKEN) if "photo" in message]
    assert [message["photo"][-1]["file_id"] for message in sent] == [files_with(story, later)[1]]
