"""The setting of the stories: the real bot, a local Bot API server, a movable clock, and people.

A story fails on any message that nobody in it expected: ``async with story_of(...)`` asserts at its
end that every message the bot sent was taken by somebody.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from bot.app import App
from bot.config.reader import Secret
from bot.config.settings import BotSettings, PaceLimits, Settings
from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from bot.services.clocks import MovableClock
from bot.telegram import claiming, intake, recording
from bot.views.report.trail_words import has_words
from data.database import Connection, Database
from data.errors import StoreError
from data.tables.running import audit
from tests import elsewhere
from tests.roster import EVERYBODY, FIRE_GROUP, FLOOD_GROUP, fill
from tests.settings_once import of_stories, settings_known
from tests.shared import made_once
from tests.waiting import PATIENCE, StillClock, let_happen

LOOK_SECONDS = 0.002
RARE_SECONDS = 600.0
"""What the process looks at less often than this, a story looks at once each time it lets time
pass: old positions to delete, counts to check; and the audit, which takes as long as all others."""

STEP, QUIET = timedelta(seconds=30), timedelta(minutes=5)  # STEP: of the ladder
EDGE, LADDER = timedelta(minutes=2), timedelta(minutes=10)
"""At both ends of a time that passes the steps are short; between them twice as long, and four
times once a ladder has been climbed."""


class Actor:
    """One person with a phone: writes, taps and expects messages."""

    def __init__(self, story: Story, row: dict[str, Any]) -> None:
        self.story = story
        self.row = row
        self.id: int = row["telegram_id"]
        self.name: str = row["name"]

    async def sees(self, *texts: str, chat: int | None = None) -> dict[str, Any]:
        """Take the next text to this chat, which must hold every one of ``texts``.

        Pictures are taken by ``sees_picture``: where a chat has no pace, what was queued together
        may arrive in any order.
        """
        message = await self.story.server.watch.next_message(
            chat or self.id, where=lambda one: "text" in one, timeout=PATIENCE
        )
        for text in texts:
            assert text in message["text"], f"{self.name}: no {text!r} in\n{message['text']}"
        return message

    async def sees_picture(self, *texts: str, chat: int | None = None) -> dict[str, Any]:
        """Take the next picture, file or video to this chat; the caption holds ``texts``."""
        message = await self.story.server.watch.next_message(
            chat or self.id,
            where=lambda one: not {"text", "location"} & one.keys(),
            timeout=PATIENCE,
        )
        caption = message.get("caption", "")
        for text in texts:
            assert text in caption, f"{self.name}: no {text!r} in\n{caption}"
        return message

    async def taps(
        self, text: str, *, message: dict[str, Any] | None = None, chat: int | None = None
    ) -> str:
        """Tap the button whose text holds ``text``; returns what the toast says."""
        chat = chat or self.id
        if message is None:
            message = self.last_with(text, chat)
        query = self.story.server.people.tap(self.id, chat, message["message_id"], text=text)
        return await self._answer(query)

    async def forges(self, data: str, *, message_id: int = 1, chat: int | None = None) -> str:
        """Send callback data no button has."""
        query = self.story.server.people.tap(self.id, chat or self.id, message_id, data=data)
        return await self._answer(query)

    async def says(
        self, text: str, *, reply_to: int | None = None, chat: int | None = None
    ) -> None:
        """Type a text."""
        self.story.server.people.send_text(self.id, text, reply_to=reply_to, chat_id=chat)
        await self.story.settled()

    async def edits(self, message: dict[str, Any], text: str) -> None:
        """Edit a text of one's own."""
        self.story.server.people.edit_text(self.id, message["message_id"], text)
        await self.story.settled()

    async def reacts(self, message: dict[str, Any], emoji: str | None) -> None:
        """React to a message, or take the reaction back."""
        self.story.server.people.react(self.id, message["message_id"], emoji)
        await self.story.settled()

    async def presses(self, text: str, *, location: tuple[float, ...] | None = None) -> None:
        """Press a key of the reply keyboard."""
        self.story.server.people.press_key(self.id, text, location=location)
        await self.story.settled()

    def shows(self, message: dict[str, Any]) -> dict[str, Any]:
        """What a message taken earlier shows now (it may have been edited)."""
        chat = message["chat"]["id"]
        for shown in self.story.server.messages(chat):
            if shown["message_id"] == message["message_id"]:
                return shown
        raise AssertionError(f"{self.name}: the message is gone")

    def last_with(self, button: str, chat: int | None = None) -> dict[str, Any]:
        """The newest message in the chat that has such a button."""
        for message in reversed(self.story.server.messages(chat or self.id)):
            if button in " ".join(buttons(message)):
                return message
        raise AssertionError(f"{self.name}: no button {button!r}")

    async def _answer(self, query: str) -> str:
        answer = await self.story.server.watch.callback_answer(query, timeout=PATIENCE)
        await self.story.settled()
        return answer.get("text") or ""


class Story:
    """Everything a story needs: the bot, the server, the clock and the people."""

    def __init__(self, server: BotApiServer, app: App, clock: MovableClock, file: Path) -> None:
        self.server = server
        self.app = app
        self.clock = clock
        self.file = file
        # By name; whoever leaves one out says why. The daily report comes at five whatever is told:
        # only stories about it have it.
        self.without_ticks: set[str] = {"daily"}
        self.people = {row["name"]: Actor(self, row) for row in EVERYBODY}

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]

    async def settled(self) -> None:
        """Wait until the bot has taken everything in and sent everything that is due."""
        for token in list(self.server.world.bots):
            await self.server.watch.updates_taken(bot=token, timeout=PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while self.app.busy or await self._more_was_queued():  # noqa: ASYNC110
                await asyncio.sleep(LOOK_SECONDS)

    async def _more_was_queued(self) -> bool:
        """Whether a commit gave the bot work that it had not heard of.

        A unit's caller hears of its commit before the outbox does; the writer begins no unit before
        it has told both, so after one that does nothing both know.
        """
        with suppress(StoreError):
            await asyncio.wrap_future(self.app.database.write(lambda _: None, beside=True))
        await let_happen()
        return self.app.busy

    async def fast_forward(
        self, *, minutes: float = 0, seconds: float = 0, step: timedelta = STEP
    ) -> None:
        """Let time pass, a step of the ladder at a time; the last looks at what is rare too, and
        the last two at how the bot itself stands: what it finds twice, it tells.

        :param step: ``QUIET`` for hours in which nothing is to happen.
        """
        rare = {tick.name for tick in self.app.ticks.ticks if tick.every > RARE_SECONDS} | {"audit"}
        whole = left = timedelta(minutes=minutes, seconds=seconds)
        while left > timedelta(0):
            passed = whole - left
            longer = step * (4 if passed >= LADDER else 2)
            amid = step == STEP and passed >= EDGE and left >= EDGE + longer
            passing = min(left, longer if amid else step)
            self.clock.advance(passing)
            left -= passing
            audited = {"audit"} if left <= step else set()
            await self.tick(except_for=rare - audited if left else ())

    async def tick(self, *, except_for: Collection[str] = ()) -> None:
        """Every tick of the process, once; whatever goes wrong in one fails the story."""
        await self.app.ticks.run_all(except_for=self.without_ticks | {*except_for})
        self.app.look_again()
        await self.settled()

    def expect_nothing(self) -> None:
        """Nobody has got a message that no one took."""
        left = [
            f"{message['chat'].get('title') or message['chat'].get('first_name')}: "
            f"{message.get('text', message)}"
            for message in self.server.watch.untaken()
        ]
        assert not left, "unexpected messages:\n" + "\n---\n".join(left)


def buttons(message: dict[str, Any]) -> list[str]:
    """The texts of a message's inline buttons."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return [button["text"] for row in rows for button in row]


def _filled(alone: bool) -> Path:
    """A database of everybody, made once in each run."""

    def make(file: Path) -> None:
        with closing(Database(f"sqlite:///{file}", synchronous="off")) as database:
            fill(database)
            if not alone:
                database.do(elsewhere.warn)

    return made_once(f"story-{alone}.db", make)


@cache
def _elsewhere(alone: bool) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in it of the warning elsewhere."""
    with closing(Database(f"sqlite:///{_filled(alone)}")) as database:
        return database.read(elsewhere.rows)


def settings_for(server: BotApiServer, **changes: Any) -> Settings:
    """The settings of stories, pointed at the local server, at a pace no story waits for."""
    settings = of_stories()
    telegram = replace(
        settings.telegram,
        api_base_url=server.base_url,
        limits=PaceLimits(900, 100, 1000),
        bots=(BotSettings(token=Secret(TOKEN)),),
    )
    if (webhook := changes.pop("webhook", None)) is not None:
        telegram = replace(telegram, mode="webhook", webhook=webhook)
    return replace(settings, telegram=telegram, **changes)


def plain(text: str) -> str:
    """Without Telegram's HTML."""
    return re.sub(r"<[^>]+>", "", text)


@asynccontextmanager
async def hurried() -> AsyncIterator[None]:
    """Nothing waits to be written or claimed together with more: in a story there is no more.

    Nor does the bot rest after its first look at what waited for it, which is nothing; and what it
    makes of its settings was made before.
    """
    with (
        settings_known(),
        patch.object(claiming, "GATHER_SECONDS", LOOK_SECONDS),
        patch.object(recording, "GATHER_SECONDS", LOOK_SECONDS),
        patch.object(intake, "EMPTY_REST_SECONDS", LOOK_SECONDS),
    ):
        yield


def acts_done(connection: Connection) -> Sequence[str]:
    """What was done in a story, by the trail."""
    return connection.execute(select(audit.c.action).distinct()).scalars().all()


@asynccontextmanager
async def story_of(
    tmp_path: Path,
    *,
    clock: MovableClock | None = None,
    more: tuple[dict[str, Any], ...] = (),
    alone: bool = False,
    **changes: Any,
) -> AsyncIterator[Story]:
    """The server, the bot and everybody of ``tests.roster``, all started and known.

    :param clock: the world's own, where other processes take part; else no time passes by itself.
    :param more: rows of further people.
    :param alone: without the warning of ``tests.elsewhere``; else it must be untouched at the end.
    """
    clock = clock or StillClock()
    file = tmp_path / "story.db"
    everybody = EVERYBODY + more
    if not more:
        shutil.copy(_filled(alone), file)
    database = Database(f"sqlite:///{file}", synchronous="normal")
    if more:
        fill(database, everybody)
        if not alone:
            database.do(elsewhere.warn)
    async with hurried(), BotApiServer(clock=clock) as server:
        for row in everybody if alone else everybody + elsewhere.PEOPLE:
            if row["telegram_id"] is not None:
                server.people.add_user(row["telegram_id"], row["name"], phone=row["phone"])
        members = [row["telegram_id"] for row in EVERYBODY if row["telegram_id"]]
        server.people.add_group(FLOOD_GROUP, "敦化防汛", members, kind="group")
        server.people.add_group(FIRE_GROUP, "敦化防火", members)
        server.started_with_everybody()
        app = App(settings_for(server, **changes), database, clock=clock, ticking=False)
        await app.start()
        story = Story(server, app, clock, file)
        try:
            await asyncio.wait_for(app.ready(), PATIENCE)
            story.people |= {row["name"]: Actor(story, row) for row in more}
            before = database.read(elsewhere.rows) if more else _elsewhere(alone)
            yield story
            story.expect_nothing()
            wordless = [act for act in database.read(acts_done) if not has_words(act)]
            assert not wordless, "words for them in bot/views/report/trail_words.py"
            assert database.read(elsewhere.rows) == before, "another warning was touched"
        finally:
            await story.app.stop()
            database.close()
