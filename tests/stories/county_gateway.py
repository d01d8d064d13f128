"""A county's gateway that does wrong on purpose, for the stories.

The sandbox's own end of the contract, which signs and checks with nothing of ours; it answers as
the story plans: with errors, with silence, by hanging up.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import select, update
from yarl import URL

from bot.config.reader import Secret
from bot.config.settings import LadderSettings, PolicySettings
from bot.config.settings_channels import (
    ChannelsSettings,
    GatewaySettings,
    SmsSettings,
    TestsSettings,
    VoiceSettings,
)
from bot.sandbox.carrier.gateway import Gateway, signed
from bot.services.clocks import MovableClock
from contacts.people import Role
from data.tables.alerts import calls
from data.tables.contacts import people
from tests.roster import person
from tests.stories.story import Story, story_of
from tests.waiting import StillClock, free_port

SECRET = "a secret of the county's own, 32 characters or more".replace(" ", "-")
TAKES_AND_HANGS_UP = 1
HANGS_UP = 0
"""Planned in place of a status: the connection is closed without an answer."""

# Two villages of 官地镇 whose heads have no Telegram, and two who share one landline there.
FIRST = person(75, "官地村长", "222403102200", Role.VILLAGE_RESPONSIBLE, linked=False)
SECOND = person(76, "北河沿村长", "222403102201", Role.VILLAGE_RESPONSIBLE, linked=False)
LANDLINE = "+864336320001"
LINE = "/warn 红 暴雨 官地镇 立即转移低洼地群众"


class CountyGateway(Gateway):
    """Takes calls, or fetches them; reports and passes answers on."""

    def __init__(self, port: int, clock: MovableClock) -> None:
        super().__init__(SECRET, f"http://127.0.0.1:{port}", clock, "/gw")
        self.asked: list[str] = []  # the id of every request, taken or not
        self.planned: deque[tuple[int, dict[str, str]]] = deque()  # then everything is taken
        self.down = False
        self._numbers = itertools.count(1)

    def plan(self, *statuses: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.planned.extend((status, named) for status in statuses)

    def of(self, number: str, channel: str = "voice") -> list[dict[str, Any]]:
        """The calls to a number that were taken, in order."""
        return [
            call
            for call in self.calls.values()
            if call["to"] == number and call["channel"] == channel
        ]

    def take(self, call: dict[str, Any], request: web.Request) -> web.Response:
        self.asked.append(call["id"])
        status, headers = self.planned.popleft() if self.planned else (202, {})
        if self.down:
            return web.Response(status=500)
        if status == TAKES_AND_HANGS_UP:
            self.calls[call["id"]] = call
        if status in (HANGS_UP, TAKES_AND_HANGS_UP):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if status == 202:
            return super().take(call, request)
        return web.Response(status=status, headers=headers)

    async def says(
        self,
        path: str,
        told: dict[str, Any] | None = None,
        *,
        method: str = "POST",
        secret: str = SECRET,
        nonce: str | None = None,
        late: float = 0.0,
        body: bytes | None = None,
        sign: bool = True,
    ) -> tuple[int, dict[str, Any]]:
        """Make a signed request to jiaoying; returns the status and what it said."""
        if body is None:
            body = b"" if told is None else json.dumps(told).encode()
        nonce = nonce or f"nonce-of-the-county-{next(self._numbers):06d}"
        timestamp = str(int(self.clock().timestamp() - late))
        headers = signed(secret, method, path, body, timestamp, nonce)
        return await self.request(method, path, body, headers if sign else {})


class ChannelStory:
    """The real bot, in which whoever has no Telegram is called by another channel."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.preview = self.covered = ""

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

    def answered(self) -> dict[str, str | None]:
        """By name, how each answered this warning; ``None``: not yet."""
        query = (
            select(people.c.name, calls.c.answered_via)
            .join(people, people.c.id == calls.c.person_id)
            .where(calls.c.alert_id > 0)
        )
        rows = self.story.app.database.read(lambda c: c.execute(query).all())
        return {row.name: row.answered_via for row in rows}

    def has_too(self, row: dict[str, Any], phone: str) -> None:
        """This person is reached by another number too."""
        change = update(people).where(people.c.id == row["id"]).values(other_phones=phone)
        self.story.app.database.do(lambda c: c.execute(change))

    def officers_read(self) -> list[str]:
        """What Telegram said meanwhile is read, whoever it was for; other stories are about it."""
        watch = self.story.server.watch
        chats = {message["chat"]["id"] for message in watch.untaken()}
        return [message.get("text", "") for chat in chats for message in watch.take(chat)]


class GatewayStory(ChannelStory):
    """The real bot and the county's gateway."""

    def __init__(self, story: Story, gateway: CountyGateway) -> None:
        super().__init__(story)
        self.gateway = gateway
        self._events = itertools.count(1)

    async def says(self, path: str, told: dict[str, Any], **how: Any) -> tuple[int, dict[str, Any]]:
        at = {"at": self.story.clock().isoformat(), "event": f"e-{next(self._events)}"}
        answer = await self.gateway.says(path, at | told, **how)
        await self.story.settled()
        return answer

    async def key(self, call: dict[str, Any], key: str, **more: Any) -> tuple[int, dict[str, Any]]:
        told = {"channel": "voice", "id": call["id"], "from": call["to"], "key": key}
        return await self.says("/v1/answers", told | more)

    async def report(self, call: dict[str, Any], state: str, **more: Any) -> tuple[int, Any]:
        return await self.says("/v1/reports", {"id": call["id"], "state": state} | more)

    async def sms(self, number: str, text: str, **more: Any) -> tuple[int, dict[str, Any]]:
        told = {"channel": "sms", "from": number, "text": text}
        return await self.says("/v1/answers", told | more)


def called_by(*at_once: str) -> PolicySettings:
    """The policy of a story: a red warning names these channels at once."""
    red = replace(LadderSettings(2, 5, 8, 15, 10, 30), at_once=("telegram", *at_once))
    return replace(PolicySettings(), red=red)


@asynccontextmanager
async def gateway_story(
    tmp_path: Path, *at_once: str, pull: bool = False, tests: TestsSettings | None = None
) -> AsyncIterator[GatewayStory]:
    """A story in which the red ladder names these channels, served by a county's gateway."""
    clock = StillClock()
    gateway = CountyGateway(free_port(), clock)
    async with story_behind(gateway, clock, tmp_path, *at_once, pull=pull, tests=tests) as story:
        running = GatewayStory(story, gateway)
        yield running
        running.officers_read()


@asynccontextmanager
async def story_behind(
    gateway: Gateway,
    clock: MovableClock,
    tmp_path: Path,
    *at_once: str,
    pull: bool = False,
    tests: TestsSettings | None = None,
) -> AsyncIterator[Story]:
    """The real bot with this gateway behind it."""
    async with gateway:
        settings = GatewaySettings(
            url="" if pull else gateway.url,
            secret=Secret(SECRET),
            port=URL(gateway.jiaoying).port or 0,
            pull=pull,
        )
        async with story_of(
            tmp_path,
            more=(FIRST, SECOND),
            alone=True,  # the people of the other warning would be rung up too
            clock=clock,
            channels=ChannelsSettings(
                gateway=settings,
                voice=VoiceSettings(per_second=1000),
                sms=SmsSettings(per_second=1000),
                tests=tests or TestsSettings(),
            ),
            policy=called_by(*at_once),
        ) as story:
            yield story
