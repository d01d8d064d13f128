"""(c) Taps: how soon they are answered while a warning is sent, and how many at most."""

from __future__ import annotations

import multiprocessing
import statistics
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from bench.process import bot_process
from bench.scene import Row, filled, go, run, server, stats
from bench.tapping import (
    Answered,
    CallAndAccount,
    Taps,
    call_ids,
    centile,
    received,
    recorded,
)
from bot.sandbox.bot_api.server import TOKEN
from data.database import Database

RATE = 500
PERSONS, POSTS = 20_000, 1810
SETTLE_SECONDS = 10.0  # after the last tap, for its answer

RAMPED_PERSONS = 60_000
RAMP = [int(100 * 1.5**step) for step in range(12)]
"""Taps a second, one step after the other, until they are not kept up with."""

RAMP_SECONDS = 2.0  # of each step
RAMP_PATIENCE = 20.0
KEPT_UP = 0.8  # a step's taps are answered within its own seconds and a quarter more


def taps(folder: Path, *, quick: bool) -> list[Row]:
    """500 a second beside bench (a)'s sending; then a ramp for us and for stock PTB."""
    return [
        *_beside_sending(folder, seconds=10 if quick else 38),
        *_ramps(folder, turns=1 if quick else 3),
    ]


def _beside_sending(folder: Path, seconds: int) -> list[Row]:
    """Open loop: taps come at their rate whatever the bot does; the server enforces the limits."""
    file = folder / "taps.db"
    database = filled(file, PERSONS, POSTS)
    go(database)
    ids = call_ids(database)[: RATE * seconds]
    database.close()
    with server("--population", str(10**9), "--limits", "30,1,20") as url:
        process = bot_process(file, url)
        try:
            answered = run(_tapped(url, ids))
            sent = int(run(stats(url))["by_method"].get("sendMessage", 0))
        finally:
            process.terminate()
            process.wait(30)
    database = Database(f"sqlite:///{file}")
    missing = len(ids) - recorded(database, (call for call, _ in ids))
    database.close()
    p50, p99 = (centile(answered.seconds, share) * 1000 for share in (50, 99))
    label = f"jiaoying: {len(ids)} taps at {RATE}/s, {sent} messages beside, p50 ms"
    return [
        Row("c", label, f"{p50:.1f}"),
        Row("c", "jiaoying: tap to recorded and answered, p99 ms", f"{p99:.1f}", "≤ 60", p99 <= 60),
        Row("c", "jiaoying: taps not answered", str(answered.silent), "0", not answered.silent),
        Row("c", "jiaoying: taps not in the database", str(missing), "0", missing == 0),
    ]


async def _tapped(url: str, ids: list[CallAndAccount]) -> Answered:
    async with aiohttp.ClientSession() as session:
        taps = Taps(session, url)
        await taps.bots_up()
        await taps.at_rate([received(*ids) for ids in ids], RATE)
        return await taps.answers(0, SETTLE_SECONDS)


def _ramps(folder: Path, turns: int) -> list[Row]:
    """The rate at which each saturates, in turns."""
    ours, theirs = [], []
    for turn in range(turns):
        theirs.append(_ptb_ramp(folder, turn))
        ours.append(_our_ramp(folder, turn))
    mine, peer = statistics.median(ours), statistics.median(theirs)
    ratio = statistics.median(o / t for o, t in zip(ours, theirs, strict=True))
    return [
        Row("c", "jiaoying saturates at taps a second", f"{mine:.0f}"),
        Row("c", "stock PTB + aiosqlite saturates at taps a second", f"{peer:.0f}"),
        Row("c", "the same, jiaoying ÷ stock PTB", f"{ratio:.1f}", "≥ 10", ratio >= 10),
    ]


def _our_ramp(folder: Path, turn: int) -> float:
    """Meanwhile it also sends the warning, 30 a second: a fiftieth of its work at most."""
    file = folder / f"ramp-{turn}.db"
    database = filled(file, RAMPED_PERSONS)
    go(database)
    ids = call_ids(database)
    database.close()
    with server("--population", str(10**9), "--forget") as url:
        process = bot_process(file, url)
        try:
            found, tapped = run(_ramped(url, ids))
        finally:
            process.terminate()
            process.wait(60)
    database = Database(f"sqlite:///{file}")
    missing = tapped - recorded(database, (call for call, _ in ids[:tapped]))
    database.close()
    assert missing == 0, f"{missing} of {tapped} taps are not in the database"
    return found


def _ptb_ramp(folder: Path, turn: int) -> float:
    ids = [(number, 1000 + number) for number in range(RAMPED_PERSONS)]
    with server("--population", str(10**9), "--forget") as url:
        peer = multiprocessing.get_context("spawn").Process(
            target=_ptb, args=(url, str(folder / f"ptb-{turn}.db")), daemon=True
        )
        peer.start()
        try:
            found, _ = run(_ramped(url, ids))
        finally:
            peer.kill()
            peer.join()
    return found


async def _ramped(url: str, ids: list[CallAndAccount]) -> tuple[float, int]:
    """Answers a second in the best step, and how many taps there were."""
    best, tapped = 0.0, 0
    async with aiohttp.ClientSession() as session:
        taps = Taps(session, url)
        await taps.bots_up()
        for rate in RAMP:
            part = ids[tapped : tapped + int(rate * RAMP_SECONDS)]
            if not part:
                break
            await taps.at_rate([received(*ids) for ids in part], rate)
            answered = await taps.answers(tapped, RAMP_PATIENCE)
            tapped += len(part)
            best = max(best, answered.per_second)
            if answered.silent or answered.per_second < KEPT_UP * rate:
                break
    return best, tapped


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
