"""Feishu and DingTalk, whose members are called by cards, for the stories."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.config.reader import Secret
from bot.config.settings import LadderSettings, PolicySettings
from bot.config.settings_accounts import DingtalkSettings, FeishuSettings
from bot.config.settings_channels import ChannelsSettings
from bot.sandbox.providers.card import Card
from bot.sandbox.providers.dingtalk import DingtalkServer
from bot.sandbox.providers.feishu import FeishuServer
from bot.services.clocks import utc_now
from data.tables.alerts import calls
from data.tables.channels import channel_addresses, channel_deliveries
from data.tables.contacts import people
from tests.stories.county_gateway import FIRST, LINE, SECOND
from tests.stories.story import Story, story_of
from tests.waiting import PATIENCE, until

FEISHU, DINGTALK, NO_TEMPLATE = "feishu", "dingtalk", "dingtalk without a template"
APPS = (FEISHU, DINGTALK, NO_TEMPLATE)
HEAD, OTHER = "ou_guandi", "ou_beihe"
"""The accounts of two village heads without Telegram."""

SECRET = "a-secret-of-the-app"

Server = FeishuServer | DingtalkServer


class CardStory:
    """The real bot, and Feishu or DingTalk."""

    def __init__(self, story: Story, app: Server, which: str) -> None:
        self.story = story
        self.app = app
        self.which = which
        self.preview = ""

    async def release(self) -> None:
        """The county's commander warns 官地镇."""
        chief = self.story["县指挥"]
        await chief.says(LINE)
        self.preview = (await chief.sees("发布前请核对"))["text"]
        await chief.taps("确认发布")
        await self.pass_time(seconds=1)
        await self.story.tick()  # queued by the first look, handed over by the second

    async def pass_time(self, *, minutes: float = 0, seconds: float = 0) -> None:
        await self.story.fast_forward(minutes=minutes, seconds=seconds)

    def cards(self, account: str = HEAD) -> list[Card]:
        """What this member got about the warning."""
        return [card for card in self.app.messages(account) if card.title]

    async def presses(self, key: str, account: str = HEAD, *, by: str = "") -> Card:
        """A member presses a button of this member's card; how it looks to them afterwards."""
        [card] = self.cards(account)
        await self.app.press(card.id, by or account, key)
        await self.story.settled()
        shown = [now for now in self.app.messages(by or account) if now.id == card.id]
        return shown[0] if shown else next(iter(self.cards(account)))

    async def writes(self, text: str, account: str = HEAD) -> str:
        """A member types something; what is replied, empty if nothing."""
        return await self._replied(account, self.app.write(account, text))

    async def sends_a_voice(self, account: str = HEAD) -> str:
        """A member says something into the telephone instead; what is replied."""
        said = {"content": {"duration": 2, "recognition": "收到"}}
        voice = said if self.which == DINGTALK else {"file_key": "f", "duration": 2000}
        return await self._replied(account, self.app.sends(account, "audio", voice))

    async def _replied(self, account: str, doing: Awaitable[None]) -> str:
        before = len(self.app.messages(account))
        await doing
        await until(lambda: len(self.app.messages(account)) > before, "no reply")
        await self.story.settled()
        return "".join(card.text for card in self.app.messages(account)[before:])

    def answered(self) -> dict[str, str | None]:
        """By name, how each answered; ``None``: not yet."""
        query = select(people.c.name, calls.c.answered_via).join(
            people, people.c.id == calls.c.person_id
        )
        rows = self.story.app.database.read(lambda c: c.execute(query).all())
        return {row.name: row.answered_via for row in rows}

    def read(self) -> list[str]:
        """Who read what was sent to them, by name."""
        query = (
            select(people.c.name)
            .join(channel_deliveries, people.c.id == channel_deliveries.c.person_id)
            .where(channel_deliveries.c.read_at.is_not(None))
        )
        return list(self.story.app.database.read(lambda c: c.execute(query).scalars().all()))

    def proven(self) -> dict[str, bool]:
        """The accounts that are known, and whether they were proven."""
        query = select(channel_addresses.c.address, channel_addresses.c.verified_at)
        rows = self.story.app.database.read(lambda c: c.execute(query).all())
        return {row.address: row.verified_at is not None for row in rows}

    def officers_read(self) -> list[str]:
        """What Telegram said meanwhile is read, whoever it was for; other stories are about it."""
        watch = self.story.server.watch
        chats = {message["chat"]["id"] for message in watch.untaken()}
        return [message.get("text", "") for chat in chats for message in watch.take(chat)]

    async def connected(self) -> None:
        """Wait until the bot is connected (again)."""
        async with asyncio.timeout(PATIENCE):
            await self.app.connected.wait()


@asynccontextmanager
async def card_story(
    tmp_path: Path, which: str, *, members: bool = True
) -> AsyncIterator[CardStory]:
    """A story whose red ladder names the app.

    :param members: whether both village heads are members.
    """
    world: list[CardStory] = []

    def clock() -> datetime:
        return world[0].story.clock() if world else utc_now()

    template = "template" if which == DINGTALK else ""
    app: Server = (
        FeishuServer("cli_1", SECRET, clock)
        if which == FEISHU
        else DingtalkServer("ding1", SECRET, "robot", clock, template=template)
    )
    app.patience = PATIENCE
    if members:
        app.has(HEAD, FIRST["phone"])
        app.has(OTHER, SECOND["phone"])
    async with TestServer(app.application) as server:
        url = str(server.make_url("")).rstrip("/")
        feishu, dingtalk = FeishuSettings(), DingtalkSettings()
        if which == FEISHU:
            feishu = FeishuSettings("cli_1", Secret(SECRET), url, 1000)
        else:
            dingtalk = DingtalkSettings(
                "ding1", Secret(SECRET), "robot", template, url, people_url=url, per_second=1000
            )
        named = FEISHU if which == FEISHU else DINGTALK
        red = replace(LadderSettings(2, 5, 8, 15, 10, 30), at_once=("telegram", named))
        async with story_of(
            tmp_path,
            more=(FIRST, SECOND),
            alone=True,  # the people of the other warning would be written to too
            channels=ChannelsSettings(feishu=feishu, dingtalk=dingtalk),
            policy=replace(PolicySettings(), red=red),
        ) as story:
            world.append(CardStory(story, app, named))
            await world[0].connected()
            yield world[0]
            world[0].officers_read()
