"""The bot is killed with kill -9 between the commits of changes of a warning, and comes back.

Another system makes them by the API: it has no answer from a process that died, and asks again by
the same key. One more is told of them, and is out for a while itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from alerts.model import Level
from alerts.release import release
from bench.crash import NO_LADDER
from bench.scene import DRAFT, QUIET, filled, now
from bot.sandbox.bot_api.server import BotApiServer
from bot.telegram.dispatcher import IN_FLIGHT
from contacts import people_store, token_making
from contacts.api_tokens import PUBLIC_BYTES, SECRET_BYTES, Scope
from data import audit
from data.database import Connection, Database
from data.tables.alerts import calls, deliveries
from data.tables.changes import unfinished_updates
from data.tables.contacts import people
from tests import failpoints
from tests.faults.counting import Count
from tests.forked import ForkedProcess, forked_bot
from tests.postgresql import Server
from tests.waiting import LOOK_AGAIN_SECONDS, PATIENCE, free_port

PERSONS, PART, KILLS = 40, 8, 3
LEVELS = ("YELLOW", "ORANGE")
SECRET = "a-secret-of-this-test-of-32-characters-or-more"
GONE = "不用再执行，也不用再回应"
RISE = {"level": "orange", "text": "全部立即转移"}


def prepared(change: int | None, commits: int) -> None:
    failpoints.carry_out_in_parts(PART)
    if change is not None:
        failpoints.die_after_change(change, commits)


class Systems:
    """One that makes changes, and one that is told of them."""

    def __init__(self, token: str, port: int) -> None:
        self._token, self._url = token, f"http://127.0.0.1:{port}/api/v1"
        self.told: list[dict[str, Any]] = []
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self.receiver = TestServer(app, port=free_port())

    @property
    def hook(self) -> str:
        return f"http://127.0.0.1:{self.receiver.port}/hook"

    async def _take(self, request: web.Request) -> web.Response:
        self.told.append(json.loads(await request.read()))
        return web.Response()

    async def change(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Ask by one key until there is an answer."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        url = f"{self._url}/alerts/1/changes"
        async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with session.post(url, json=body, headers=headers) as answer:
                        said: dict[str, Any] = await answer.json()
                        assert answer.status == 200, said
                        return said
                except aiohttp.ClientError:  # killed just now
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)


def yellow(c: Connection) -> str:
    """Released to the province; the token of whoever may change it."""
    by = people_store.person(c, 1)
    assert by is not None
    by = replace(by, unproven=False)
    release(c, replace(DRAFT, level=Level.YELLOW), by, QUIET, now())
    chance = secrets.token_bytes(PUBLIC_BYTES + SECRET_BYTES)
    where, scopes = by.division_code, [Scope.RELEASE]
    return token_making.make(c, by, "省应急平台", scopes, where, 30, chance, now())[1].text


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not reached():  # noqa: ASYNC110 - another process works
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def unfinished(database: Database) -> list[tuple[int, str]]:
    """The changes that are still being carried out, and how far they are."""
    query = select(unfinished_updates.c.number, unfinished_updates.c.step)
    return [
        (row[0], row[1])
        for row in database.read(lambda c: c.execute(query.order_by(unfinished_updates.c.number)))
    ]


def may_be_twice(database: Database) -> set[int]:
    """The chats to which something was on its way when the bot was killed."""
    query = select(deliveries.c.chat_id).where(deliveries.c.uncertain_at.is_not(None))
    return set(database.read(lambda c: c.execute(query).scalars().all()))


def states(database: Database) -> dict[int, str]:
    """How each account's call stands."""
    query = select(people.c.telegram_id, calls.c.state).join(
        people, people.c.id == calls.c.person_id
    )
    return {row[0]: row[1] for row in database.read(lambda c: c.execute(query).all())}


@pytest.fixture
def target(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path | str:
    """The database: SQLite; PostgreSQL where every test is run on both."""
    if not os.environ.get("JIAOYING_EVERY_DATABASE"):
        return tmp_path / "killed.db"
    monkeypatch.delenv("JIAOYING_EVERY_DATABASE")  # no setting of the bot's
    server: Server = request.getfixturevalue("postgresql")
    server.execute("CREATE DATABASE killed_changes")
    return server.url("killed_changes")


async def test_changes_reach_everybody_once_whenever_the_bot_is_killed(
    target: Path | str, counted: Count
) -> None:
    """Raised and then narrowed: killed at the rise, in its first parts, and when both are open."""
    database, port = filled(target, PERSONS), free_port()
    systems = Systems(database.do(yellow), port)
    environ = {
        **{
            name.replace("RED", level): value
            for name, value in NO_LADDER.items()
            for level in LEVELS
        },
        "JIAOYING_TELEGRAM__LIMITS__PER_SECOND": "300",
        "JIAOYING_API__URL": "https://api.example",
        "JIAOYING_API__PORT": str(port),
        "JIAOYING_WEBHOOKS__0__NAME": "province",
        "JIAOYING_WEBHOOKS__0__URL": systems.hook,
        "JIAOYING_WEBHOOKS__0__SECRET": SECRET,
    }
    query = select(people.c.telegram_id, people.c.division_code).where(people.c.id > 1)
    where = {row[0]: row[1] for row in database.read(lambda c: c.execute(query).all())}
    gone = sorted({f"{code[:9]}000" for code in sorted(where.values())[: PERSONS // 2]})
    left_out = {chat for chat, code in where.items() if f"{code[:9]}000" in gone}
    assert PERSONS / 4 < len(left_out) < PERSONS
    async with BotApiServer() as server:
        for account in where:
            server.people.add_user(account, f"人{account}")
        server.started_with_everybody()

        def texts(chat: int) -> list[str]:
            return [message["text"] for message in server.messages(chat) if "text" in message]

        def times(word: str) -> dict[int, int]:
            """How often it was said after the first message, which is edited as things change."""
            return {chat: sum(word in text for text in texts(chat)[1:]) for chat in where}

        def pressable(chat: int) -> list[str]:
            """The messages with a button 收到."""
            return [
                message["text"]
                for message in server.messages(chat)
                if "收到" in str(message.get("reply_markup", {}).get("inline_keyboard"))
            ]

        def life(change: int | None = None, commits: int = 0) -> ForkedProcess:
            prepare = partial(prepared, change, commits)
            return forked_bot(target, server.base_url, prepare=prepare, **environ)

        def dead(bot: ForkedProcess) -> list[tuple[int, str]]:
            bot.wait()
            return unfinished(database)

        bot = life(2, 0)
        await until(lambda: all(texts(chat) for chat in where))
        answering = sorted(where)[::4]
        for chat in answering:
            [message] = server.messages(chat)
            server.people.tap(chat, chat, message["message_id"], text="收到")
        await until(lambda: list(states(database).values()).count("acknowledged") == len(answering))
        rising = asyncio.create_task(systems.change(RISE, "the-rise-of-this-test"))
        assert await asyncio.to_thread(dead, bot) == [(2, "calls")]
        assert not rising.done()  # it was made, and whoever asked has no answer
        bot = life(2, 5)
        assert (await rising)["version"] == 2
        assert await asyncio.to_thread(dead, bot) == [(2, "calls")]
        bot = life(3, 1)
        assert (await systems.change(RISE, "the-rise-of-this-test"))["version"] == 2
        narrowing = asyncio.create_task(systems.change({"remove": gone}, "made-narrower"))
        assert (await asyncio.to_thread(dead, bot))[-1] == (3, "calls")
        await systems.receiver.start_server()
        bot = life()
        try:
            assert (await narrowing)["version"] == 3
            await until(lambda: not unfinished(database))
            await until(lambda: len(systems.told) >= 3)
            await until(lambda: all(times(GONE)[chat] for chat in left_out))
            # The button is under what holds, and nowhere else.
            sure = where.keys() - may_be_twice(database)
            await until(lambda: all(len(pressable(c)) == (c not in left_out) for c in sure))
            assert not any("黄色预警" in text for chat in sure for text in pressable(chat))
        finally:
            bot.kill()
            bot.wait()
        await systems.receiver.close()
        rises, leaves = times("升级为橙色"), times(GONE)
    stay = where.keys() - left_out
    # Whoever stays is asked once by the new level, whoever does not is told so once; the answers of
    # before count for what was asked then.
    assert not any(leaves[chat] for chat in stay)
    assert {chat: state for chat, state in states(database).items() if chat in stay} == (
        dict.fromkeys(stay, "waiting")
    )
    said = [rises[chat] for chat in stay] + [leaves[chat] for chat in left_out]
    assert sum(times > 1 for times in said) <= len(where.keys() - sure)
    numbers = [told["message"]["number"] for told in systems.told if "message" in told]
    assert list(dict.fromkeys(numbers)) == [1, 2, 3]
    assert database.read(audit.verify).broken is None
    database.close()
    counted(
        f"kill -9 ×{KILLS}: 变更 changes",
        trials=len(said),
        lost=sum(not times for times in said),
        twice=sum(max(0, times - 1) for times in said),
        bound=IN_FLIGHT * KILLS,
    )
