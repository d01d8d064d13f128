"""A corporation in WeCom whose members are called by cards, for the stories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from bot.config.reader import Secret
from bot.config.settings import LadderSettings, PolicySettings
from bot.config.settings_accounts import WecomSettings
from bot.config.settings_channels import CallbacksSettings, ChannelsSettings, PageSettings
from bot.sandbox.providers.card import Card
from bot.sandbox.providers.wecom import Corporation, WecomServer
from data.tables.alerts import calls
from data.tables.channels import channel_addresses, channel_deliveries
from data.tables.contacts import people
from tests.stories.county_gateway import FIRST, LINE, SECOND
from tests.stories.story import Story, story_of
from tests.waiting import free_port, until

CORP = Corporation()
HEAD, OTHER = "guandi", "beihe"
"""The accounts of two village heads without Telegram; one wrote his in capitals when he joined."""


class WecomStory:
    """The real bot, and WeCom."""

    def __init__(self, story: Story, wecom: WecomServer) -> None:
        self.story = story
        self.wecom = wecom
        self.preview = ""

    async def release(self, line: str = LINE) -> None:
        """The county's commander warns 官地镇."""
        chief = self.story["县指挥"]
        await chief.says(line)
        self.preview = (await chief.sees("发布前请核对"))["text"]
        await chief.taps("确认发布")
        await self.pass_time(seconds=1)
        await self.story.tick()  # queued by the first look, handed over by the second

    async def pass_time(self, *, minutes: float = 0, seconds: float = 0) -> None:
        await self.story.fast_forward(minutes=minutes, seconds=seconds)

    @property
    def lookups(self) -> int:
        """How often WeCom was asked whose number it is."""
        return self.wecom.asked.count("/cgi-bin/user/getuserid")

    def last(self, account: str = HEAD) -> Card:
        """The newest message in this member's app."""
        return self.wecom.messages(account)[-1]

    async def presses(self, key: str, account: str = HEAD, **how: Any) -> Card:
        """A member presses a button of their newest card; how it looks afterwards."""
        card = self.last(account)
        await self.wecom.press(card.id, account, key, **how)
        await self.story.settled()
        return next(now for now in self.wecom.messages(account) if now.id == card.id)

    async def writes(self, text: str, account: str = HEAD, **how: Any) -> str:
        """A member types something; what is replied, empty if nothing."""
        before = len(self.wecom.messages(account))
        await self.wecom.write(account, text, **how)
        await self.story.settled()
        return "".join(card.text for card in self.wecom.messages(account)[before:] if not card.mine)

    def answered(self) -> dict[str, str | None]:
        """By name, how each answered; ``None``: not yet."""
        query = select(people.c.name, calls.c.answered_via).join(
            people, people.c.id == calls.c.person_id
        )
        rows = self.story.app.database.read(lambda c: c.execute(query).all())
        return {row.name: row.answered_via for row in rows}

    def read(self) -> dict[str, bool]:
        """The accounts that were written to, and whether the last card there was read."""
        query = select(channel_deliveries.c.address, channel_deliveries.c.read_at)
        rows = self.story.app.database.read(lambda c: c.execute(query).all())
        return {row.address: row.read_at is not None for row in rows}

    def claimed(self, account: str, *, sent: bool = False) -> None:
        """The card to this account is on its way; ``sent``: it has arrived."""
        state = "accepted" if sent else "claimed"
        change = update(channel_deliveries).where(channel_deliveries.c.address == account)
        self.story.app.database.do(lambda c: c.execute(change.values(state=state)))

    def owner(self, account: str) -> list[int]:
        """Whose the account is, by id."""
        query = select(channel_addresses.c.person_id).where(channel_addresses.c.address == account)
        return list(self.story.app.database.read(lambda c: c.execute(query).scalars()))

    def failing(self) -> set[str]:
        """The accounts of which it is said that nothing arrives there."""
        query = select(channel_addresses.c.address).where(channel_addresses.c.failures > 0)
        return set(self.story.app.database.read(lambda c: c.execute(query).scalars()))

    def proven(self) -> dict[str, bool]:
        """The accounts that are known, and whether they were proven."""
        query = select(channel_addresses.c.address, channel_addresses.c.verified_at)
        rows = self.story.app.database.read(lambda c: c.execute(query).all())
        return {row.address: row.verified_at is not None for row in rows}

    async def officers_hear(self, *words: str) -> None:
        """Wait until some officer reads a message with all these words."""
        await until(
            lambda: any(all(one in text for one in words) for text in self.officers_read()),
            f"nobody read {words}",
        )

    def officers_read(self) -> list[str]:
        """What Telegram said meanwhile is read, whoever it was for; other stories are about it."""
        watch = self.story.server.watch
        chats = {message["chat"]["id"] for message in watch.untaken()}
        return [message.get("text", "") for chat in chats for message in watch.take(chat)]


@asynccontextmanager
async def wecom_story(
    tmp_path: Path, *, members: bool = True, reminds: bool = False, page: str = "", **settings: Any
) -> AsyncIterator[WecomStory]:
    """A story whose red ladder names WeCom.

    :param members: whether both village heads are members. ``page``: the answer page's address.
    """
    port = free_port()
    world: list[WecomStory] = []
    wecom = WecomServer(CORP, lambda: world[0].story.clock())
    wecom.callback = f"http://127.0.0.1:{port}/wecom"
    if members:
        wecom.add("GuanDi", FIRST["phone"].removeprefix("+86"))
        wecom.add(OTHER, SECOND["phone"].removeprefix("+86"))
    server = TestServer(wecom.app)
    async with server:
        given = {
            "corp_id": CORP.corp_id,
            "agent_id": CORP.agent_id,
            "secret": Secret(CORP.secret),
            "token": Secret(CORP.token),
            "aes_key": Secret(CORP.aes_key),
            "url": str(server.make_url("")),
            "per_second": 1000,
        }
        red = replace(LadderSettings(2, 5, 8, 15, 10, 30), at_once=("telegram", "wecom"))
        if reminds:
            red = replace(red, remind_by=("telegram", "wecom"))
        channels = ChannelsSettings(
            wecom=WecomSettings(**{**given, **settings}),
            callbacks=CallbacksSettings(port=port),
            page=PageSettings(url=page, port=0),
        )
        async with story_of(
            tmp_path,
            more=(FIRST, SECOND),
            alone=True,  # the people of the other warning would be written to too
            channels=channels,
            policy=replace(PolicySettings(), red=red),
        ) as story:
            world.append(WecomStory(story, wecom))
            yield world[0]
            world[0].officers_read()
