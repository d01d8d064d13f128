"""(u) Unknown accounts flood the bot: its own people are answered as if nobody else wrote.

1,200 messages from 150 accounts that nobody knows, 200 a second: seven times what one bot may say,
and no more than leaves the local server and this process, on the same cores, time to be measured
by. Meanwhile, again and again, a commander asks /status and a villager
presses 收到: how long until the answer is in the commander's chat, and the instruction in the
villager's. Each time it is another commander: a chat takes one message a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from sqlalchemy import func, insert, select

from bench.process import bot_process
from bench.scene import Row, filled, go, run, server
from bench.tapping import Taps, call_ids, received
from data.database import Connection, Database
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.running import findings, inbox

PERSONS = 200
MESSAGES, ACCOUNTS = 1200, 150
FIRST_STRANGER = 5_000_000
COMMANDER = 1  # the person who released
FIRST_COMMANDER = 500  # the accounts of those who ask, and their persons
A_SECOND = 200
LOOKS = 12
BETWEEN = 0.3  # seconds from one look to the next: all of them while strangers write
PATIENCE = 60.0
EDITED_OR_SENT = ("message", "edited")


def strangers(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds to the answers of our own people; what of the strangers is left in the inbox."""
    looks = LOOKS // 2 if quick else LOOKS
    file = folder / "strangers.db"
    database = filled(file, PERSONS)
    go(database)
    database.do(lambda connection: _add_commanders(connection, looks))
    with server("--population", str(10**9), "--limits", "30,1,20") as url:
        process = bot_process(file, url)
        try:
            asked, instructed, left = run(_flooded(url, database, looks))
        finally:
            process.terminate()
            process.wait(30)
    stuck = database.read(lambda c: c.execute(select(func.count()).select_from(findings)).scalar())
    database.close()
    label = f"{MESSAGES} messages from {ACCOUNTS} unknown accounts"
    worst_asked, worst_instructed = max(asked), max(instructed)
    return [
        Row(
            "u",
            f"{label}: /status to answer, slowest s",
            f"{worst_asked:.3f}",
            "≤ 0.2",
            worst_asked <= 0.2,
        ),
        Row(
            "u",
            f"{label}: 收到 to instruction, slowest s",
            f"{worst_instructed:.3f}",
            "≤ 1",
            worst_instructed <= 1.0,
        ),
        Row("u", f"{label}: left in the inbox", str(left), "0", left == 0),
        Row("u", f"{label}: findings", str(stuck), "0", stuck == 0),
    ]


async def _flooded(
    url: str, database: Database, looks: int
) -> tuple[list[float], list[float], int]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        taps = Taps(session, url)
        await taps.bots_up()
        await _all_called(database)
        calls = call_ids(database)
        heard = _Heard(session, url)
        listening = asyncio.create_task(heard.listen())
        flood = asyncio.create_task(_flood(taps))
        asked: list[float] = []
        instructed: list[float] = []
        # Those called first: a chat that was written to within the last second must wait.
        for number, call in enumerate(calls[-looks:]):
            await asyncio.sleep(BETWEEN)
            if flood.done():  # on a slow machine
                break
            commander = FIRST_COMMANDER + number
            asked.append(
                await heard.seconds_to(
                    commander, lambda commander=commander: _status(taps, commander)
                )
            )
            instructed.append(
                await heard.seconds_to(call[1], lambda call=call: taps.at_once([received(*call)]))
            )
        await flood
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
    return asked, instructed, await _left(database)


async def _flood(taps: Taps) -> None:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as posts:
        for number in range(MESSAGES):
            account = FIRST_STRANGER + number % ACCOUNTS
            message = {"user_id": account, "text": f"在吗 {number}"}
            posts.create_task(taps.post("people/send_text", message))
            await asyncio.sleep(began + number / A_SECOND - time.perf_counter())


async def _status(taps: Taps, commander: int) -> None:
    await taps.post("people/send_text", {"user_id": commander, "text": "/status"})


def _add_commanders(connection: Connection, count: int) -> None:
    """So many more commanders of the province, who did not release and have no card."""
    row = connection.execute(select(people).where(people.c.id == COMMANDER)).one()._asdict()
    for number in range(FIRST_COMMANDER, FIRST_COMMANDER + count):
        own = {"phone": f"+86188{number:08d}", "invite_code": f"commander{number}"}
        connection.execute(insert(people).values(row | own | {"id": number, "telegram_id": number}))


class _Heard:
    """What the bot has said to whom, as the server's events tell."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url
        self._waiting: dict[int, asyncio.Future[float]] = {}
        self._there = asyncio.Event()

    async def listen(self) -> None:
        async with self._session.get(f"{self._url}/sandbox/events") as response:
            async for line in response.content:
                self._there.set()
                if not line.startswith(b"data: "):
                    continue
                event: dict[str, Any] = orjson.loads(line[6:])
                if event["type"] in EDITED_OR_SENT and _by_bot(event):
                    waiting = self._waiting.pop(event["chat_id"], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(time.perf_counter())

    async def seconds_to(self, chat: int, act: Callable[[], Awaitable[None]]) -> float:
        """From an act of somebody until something is said to them."""
        await self._there.wait()
        said: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[chat] = said
        began = time.perf_counter()
        await act()
        try:
            return await asyncio.wait_for(said, PATIENCE) - began
        except TimeoutError:
            return float("inf")


def _by_bot(event: dict[str, Any]) -> bool:
    return bool(event["message"].get("from", {}).get("is_bot"))


async def _all_called(database: Database) -> None:
    """Wait until the warning itself has left: its pace is what is left over for everybody."""
    query = select(func.count()).where(deliveries.c.state.in_(["queued", "claimed"]))
    for _ in range(600):
        if not await asyncio.to_thread(database.read, lambda c: c.execute(query).scalar()):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the warning was not sent")


async def _left(database: Database) -> int:
    left = 0
    for _ in range(50):
        left = await asyncio.to_thread(_in_inbox, database)
        if not left:
            break
        await asyncio.sleep(0.1)
    return left


def _in_inbox(database: Database) -> int:
    query = select(func.count()).select_from(inbox)
    return int(database.read(lambda connection: connection.execute(query).scalar_one()))
