"""The bot is killed with kill -9 while people are rung up and answer: nobody is forgotten.

A county's gateway takes what it is handed over, and passes the answers on as often as it must.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from bench.crash import NO_LADDER
from bench.scene import filled, go, server
from bot.channels.contract import ANSWERS_PATH, CALLS_PATH
from bot.channels.signing import signed_headers
from data.database import Connection
from data.tables.alerts import calls
from data.tables.contacts import people
from tests.faults.counting import Count
from tests.forked import ForkedProcess, forked_bot
from tests.waiting import LOOK_AGAIN_SECONDS, PATIENCE, free_port

PERSONS = 40
KILLS = 2
BY = ("voice", "sms")
SECRET = "a-secret-of-this-test-of-32-characters-or-more"
SLOW_SECONDS = 0.05
"""A call is taken so long before that is said: the time in which a kill leaves it uncertain."""


class Gateway:
    """Takes calls; most of those rung up press 1, and that is told until it is heard."""

    def __init__(self, port: int) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()  # number and channel: calls, by their ids
        self.heard: set[str] = set()  # who answered, and jiaoying said that it is recorded
        self.answering: set[asyncio.Task[None]] = set()
        self._ids: set[str] = set()
        self._url = f"http://127.0.0.1:{port}{ANSWERS_PATH}"
        self._chance = random.Random(1)
        app = web.Application()
        app.router.add_post(CALLS_PATH, self._take)
        self.server = TestServer(app)

    async def _take(self, request: web.Request) -> web.Response:
        call = orjson.loads(await request.read())
        if call["id"] not in self._ids:
            self._ids.add(call["id"])
            self.taken[call["to"], call["channel"]] += 1
            if call["channel"] == "voice" and self._chance.random() < 0.5:
                self.answering.add(asyncio.create_task(self._answer(call)))
        await asyncio.sleep(SLOW_SECONDS)
        return web.json_response({}, status=202)

    async def _answer(self, call: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.random())
        at = datetime.now(UTC)
        told = {"event": f"e{call['id']}", "channel": "voice", "id": call["id"], "key": "1"}
        body = orjson.dumps({**told, "from": call["to"], "at": at.isoformat(timespec="seconds")})
        async with aiohttp.ClientSession() as session:
            while call["to"] not in self.heard:
                headers = signed_headers(
                    SECRET, "POST", ANSWERS_PATH, body, secrets.token_urlsafe(18), at
                )
                try:
                    async with session.post(self._url, data=body, headers=headers) as said:
                        if said.status == 200 and (await said.json())["recorded"]:
                            self.heard.add(call["to"])
                except aiohttp.ClientError:  # killed just now
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def test_nobody_is_forgotten_and_no_answer_lost_when_the_bot_is_killed_while_it_rings_up(
    tmp_path: Path, counted: Count
) -> None:
    file, chance = tmp_path / "killed.db", random.Random(2)
    database = filled(file, PERSONS)
    # Nobody has Telegram: it is not what is looked at.
    database.do(lambda c: c.execute(update(people).where(people.c.id > 1).values(telegram_id=None)))
    go(database)
    gateway = Gateway(port := free_port())

    def numbers(connection: Connection, answered: bool) -> set[str]:
        query = select(people.c.phone).join(calls, calls.c.person_id == people.c.id)
        on = calls.c.answered_via == "voice" if answered else calls.c.state == "waiting"
        return set(connection.execute(query.where(on)).scalars())

    def left() -> list[tuple[str, str]]:
        waiting = database.read(lambda c: numbers(c, False))
        return [(phone, by) for phone in waiting for by in BY if not gateway.taken[phone, by]]

    with server("--population", str(10**9)) as url:
        await gateway.server.start_server()
        environ = {
            **NO_LADDER,
            "JIAOYING_POLICY__RED__AT_ONCE": "telegram,voice,sms",
            "JIAOYING_CHANNELS__GATEWAY__URL": str(gateway.server.make_url("")),
            "JIAOYING_CHANNELS__GATEWAY__SECRET": SECRET,
            "JIAOYING_CHANNELS__GATEWAY__PORT": str(port),
            "JIAOYING_CHANNELS__VOICE__PER_SECOND": "50",
            "JIAOYING_CHANNELS__SMS__PER_SECOND": "50",
        }

        def life() -> ForkedProcess:
            return forked_bot(file, url, **environ)

        for end in sorted(chance.sample(range(10, 2 * PERSONS - 20), KILLS)):
            process = life()
            async with asyncio.timeout(PATIENCE):
                while gateway.taken.total() < end and left():  # noqa: ASYNC110 - another process works
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await asyncio.sleep(chance.random() * SLOW_SECONDS)
            process.kill()
            await asyncio.to_thread(process.wait)
        process = life()
        try:
            async with asyncio.timeout(PATIENCE):
                while left() or not all(  # noqa: ASYNC110 - another process works
                    task.done() for task in gateway.answering
                ):
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)
            await gateway.server.close()
    answered = database.read(lambda c: numbers(c, True))
    database.close()
    assert len(gateway.heard) > PERSONS / 4
    counted(
        f"kill -9 ×{KILLS}: 电话与短信 calls by telephone and SMS",
        trials=gateway.taken.total() + len(gateway.heard),
        lost=len(left_behind) if (left_behind := gateway.heard ^ answered) else 0,
        twice=sum(count - 1 for count in gateway.taken.values()),
        bound=0,
    )
