"""(i) Seconds from a tap for help to its first message while 20,000 other messages are queued."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from sqlalchemy import func, insert, select, update

from bench.process import bot_process
from bench.scene import Row, filled, go, now, run, server
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.patrol import positions

PERSONS = 20_000
CALLS = 100
APART_SECONDS = 1.5  # between two calls for help
PATIENCE = 10.0
POSITIONS = 5  # of each patroller
CALLED = "🆘 求救 ".encode()  # how the message to those called begins


def distress(folder: Path, *, quick: bool) -> list[Row]:
    """The bot sends a warning to 20,000 at Telegram's pace while patrollers call for help.

    Measured from the second tap at the server to the first message with 求救 at the server, to
    somebody else than whoever called.
    """
    file = folder / "distress.db"
    database = filled(file, PERSONS)
    rangers = database.do(prepared)
    go(database)
    wanted = 20 if quick else CALLS
    with server("--population", str(10**9), "--limits", "30,1,20") as url:
        process = bot_process(file, url, JIAOYING_DISTRESS__REPEAT_MINUTES="60")
        try:
            seconds, lost = run(called_for_help(url, rangers[:wanted], sent_before=30))
            queued = database.read(_queued)
        finally:
            process.terminate()
            process.wait(30)
    database.close()
    p99 = statistics.quantiles(seconds, n=100)[98] * 1000 if len(seconds) > 1 else float("inf")
    middle = statistics.median(seconds) * 1000 if seconds else float("inf")
    label = f"distress, {len(seconds)} calls, {queued} messages still queued at the end"
    return [
        Row("i", f"{label}: tap to first send, p50 ms", f"{middle:.0f}"),
        Row("i", "distress: tap to first send, p99 ms", f"{p99:.0f}", "≤ 200", p99 <= 200),
        Row("i", "distress: calls nobody got", str(lost), "0", lost == 0),
    ]


def prepared(connection: Any) -> list[int]:
    """Who will call; a duty officer who hears of it, and a position of every patroller."""
    columns = people.c
    first = select(func.min(columns.id)).where(columns.role == "director").scalar_subquery()
    connection.execute(
        update(people)
        .where(columns.id == first)
        .values(role="duty_officer", division_code="220000000000")
    )
    query = select(columns.id, columns.telegram_id).where(columns.role == "ranger")
    rangers = connection.execute(query.order_by(columns.id)).all()
    random = Random(12119)
    rows = [
        {
            "person_id": ranger.id,
            "taken_at": now() - timedelta(minutes=random.uniform(1, 300)),
            "received_at": now(),
            "lon": random.uniform(122, 131),
            "lat": random.uniform(41, 46),
            "doubts": [],
        }
        for ranger in rangers
        for _ in range(POSITIONS)
    ]
    connection.execute(insert(positions), rows)
    chosen = rangers[:: max(1, len(rangers) // CALLS)][:CALLS]
    return [int(ranger.telegram_id) for ranger in chosen]


def _queued(connection: Any) -> int:
    query = select(func.count()).where(deliveries.c.state == "queued")
    return int(connection.execute(query).scalar_one())


async def called_for_help(
    url: str, rangers: list[int], sent_before: int = 1
) -> tuple[list[float], int]:
    """One after the other calls for help; seconds from each second tap to its first message.

    :param sent_before: messages the bot has sent when the first one calls.
    :returns: the seconds, and how many calls nobody got within ten seconds.
    """
    seconds: list[float] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        await _sent(session, url, sent_before)
        heard: asyncio.Queue[float] = asyncio.Queue()
        listener = asyncio.create_task(_listen(session, url, heard))
        for number, ranger in enumerate(rangers, start=1):
            text = {"user_id": ranger, "text": "🆘 求救"}
            await _post(session, f"{url}/sandbox/people/send_text", text)
            await asyncio.sleep(APART_SECONDS)
            while not heard.empty():
                heard.get_nowait()
            tap = {"user_id": ranger, "chat_id": ranger, "message_id": 1, "data": f"dc:{number}"}
            began = time.perf_counter()
            await _post(session, f"{url}/sandbox/taps", {"taps": [tap]})
            with suppress(TimeoutError):
                seconds.append(await asyncio.wait_for(heard.get(), PATIENCE) - began)
        listener.cancel()
    return seconds, len(rangers) - len(seconds)


async def _listen(session: aiohttp.ClientSession, url: str, heard: asyncio.Queue[float]) -> None:
    """When each call for help arrived at the server, as its events tell."""
    async with session.get(f"{url}/sandbox/events") as response:
        async for line in response.content:
            if line.startswith(b"data: ") and CALLED in line:
                heard.put_nowait(time.perf_counter())


async def _post(session: aiohttp.ClientSession, url: str, body: Any) -> None:
    async with session.post(url, json=body) as response:
        answer = await response.json()
        assert answer["ok"], answer


async def _sent(session: aiohttp.ClientSession, url: str, messages: int) -> None:
    """Wait until the bot is up and has sent so many."""
    for _ in range(400):
        async with session.get(f"{url}/sandbox/stats") as response:
            seen = (await response.json())["result"]["by_method"]
        if seen.get("sendMessage", 0) >= messages and seen.get("deleteWebhook"):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the bot sends nothing")
