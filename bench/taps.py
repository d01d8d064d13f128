"""(c) 500 taps a second while a warning is being sent: seconds from tap to recorded answer."""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from bench.process import bot_process
from bench.scene import Row, ask, filled, go, run, server, stats
from bot.sandbox.bot_api.server import TOKEN
from data.database import Database
from data.tables.alerts import calls
from data.tables.contacts import people

RATE = 500
PERSONS = 20_000
SETTLE_SECONDS = 3  # after the last tap, for its answer


def taps(folder: Path, *, quick: bool) -> list[Row]:
    """Open loop: taps come at their rate whatever the bot does. Stock PTB at the same rate.

    Ours sends the release at Telegram's pace to a server that enforces it, all the while; the peer
    has nothing else to do.
    """
    seconds = 10 if quick else 38
    file = folder / "taps.db"
    database = filled(file, PERSONS)
    go(database)
    ids = _call_ids(database)
    database.close()
    with server("--population", str(10**9), "--limits", "30,1,20") as url:
        process = bot_process(file, url)
        try:
            ours = run(_tapped(url, ids, seconds))
            sent = int(run(stats(url))["by_method"].get("sendMessage", 0))
        finally:
            process.terminate()
            process.wait(30)
    database = Database(f"sqlite:///{file}")
    query = select(calls.c.id).where(calls.c.state == "acknowledged")
    recorded = set(database.read(lambda c: c.execute(query).scalars().all()))
    database.close()
    tapped = [call for call, _ in ids[: RATE * seconds]]
    missing = sum(1 for call in tapped if call not in recorded)
    silent = len(tapped) - len(ours)
    with server("--population", str(10**9)) as url:
        peer = multiprocessing.get_context("spawn").Process(
            target=_ptb, args=(url, str(folder / "ptb.db")), daemon=True
        )
        peer.start()
        theirs = run(_tapped(url, ids, min(seconds, 20)))
        peer.kill()
    p99 = _centile(ours, 99)
    wanted = RATE * min(seconds, 20)
    speed = len(theirs) / (min(seconds, 20) + SETTLE_SECONDS)
    return [
        Row(
            "c",
            f"jiaoying: {len(tapped)} taps at {RATE}/s, {sent} messages beside, p50 ms",
            f"{_centile(ours, 50):.1f}",
        ),
        Row("c", "jiaoying: tap to recorded and answered, p99 ms", f"{p99:.1f}", "≤ 30", p99 <= 30),
        Row("c", "jiaoying: taps not answered", str(silent), "0", silent == 0),
        Row("c", "jiaoying: taps not in the database", str(missing), "0", missing == 0),
        Row(
            "c",
            f"stock PTB + aiosqlite: answered of {wanted} (saturates at {speed:.0f}/s)",
            str(len(theirs)),
        ),
        Row("c", "stock PTB + aiosqlite: of those answered, p50 ms", f"{_centile(theirs, 50):.0f}"),
        Row("c", "stock PTB + aiosqlite: p99 ms", f"{_centile(theirs, 99):.0f}"),
    ]


def _call_ids(database: Database) -> list[tuple[int, int]]:
    """(call, telegram account), the last to be sent to first: their taps do not wait for a call."""
    query = select(calls.c.id, people.c.telegram_id).join(people, people.c.id == calls.c.person_id)
    return [(row[0], row[1]) for row in database.read(lambda c: c.execute(query).all())][::-1]


def _centile(seconds: list[float], share: int) -> float:
    if len(seconds) < 100:
        return float("inf")
    return statistics.quantiles(seconds, n=100)[share - 1] * 1000


async def _tapped(url: str, ids: list[tuple[int, int]], seconds: int) -> list[float]:
    """Tap at the rate; seconds from each tap to its answer."""
    async with aiohttp.ClientSession() as session:
        # The bot is up when its first poll waits at the server.
        for _ in range(200):
            async with session.get(f"{url}/sandbox/stats") as response:
                seen = (await response.json())["result"]["by_method"]
            if seen.get("deleteWebhook"):
                break
            await asyncio.sleep(0.05)
        await asyncio.sleep(2)
        step = 0.02
        each = int(RATE * step)
        began = time.perf_counter()
        for number in range(int(seconds / step)):
            wait = began + number * step - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            tapping = ids[number * each : (number + 1) * each]
            if not tapping:
                break
            body: dict[str, Any] = {
                "taps": [
                    {"user_id": account, "chat_id": account, "message_id": 1, "data": f"a:{call}"}
                    for call, account in tapping
                ]
            }
            async with session.post(f"{url}/sandbox/taps", json=body) as response:
                await response.read()
        await asyncio.sleep(SETTLE_SECONDS)
    return list((await ask(url, "taps"))["seconds"])


def _ptb(url: str, file: str) -> None:
    """What PTB's own documentation would build: polling, a handler, one transaction a tap."""
    warnings.simplefilter("ignore")
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from telegram import Update
    from telegram.ext import ApplicationBuilder, CallbackQueryHandler

    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", connect_args={"timeout": 60})

    async def prepare(_: Any) -> None:
        async with engine.begin() as connection:
            await connection.execute(text("PRAGMA journal_mode=WAL"))
            await connection.execute(text("CREATE TABLE IF NOT EXISTS t (id INTEGER, at REAL)"))

    async def tapped(update: Update, _: Any) -> None:
        assert update.callback_query is not None
        async with engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO t VALUES (:id, :at)"),
                {"id": update.effective_user.id, "at": time.time()},  # type: ignore[union-attr]
            )
        await update.callback_query.answer("✅")

    application = (
        ApplicationBuilder()
        .token(TOKEN)
        .base_url(f"{url}/bot")
        .concurrent_updates(64)
        .connection_pool_size(64)
        .pool_timeout(60)
        .post_init(prepare)
        .build()
    )
    application.add_handler(CallbackQueryHandler(tapped))
    with suppress(Exception):
        application.run_polling(allowed_updates=["callback_query"], stop_signals=None)
