"""(b) CPU per delivered and recorded message, against raw aiohttp; PTB on httpx beside it."""

from __future__ import annotations

import asyncio
import statistics
import time
import warnings
from pathlib import Path

import aiohttp

from bench.scene import Row, filled, go, run, server
from bench.sending import UNLIMITED, dispatcher, drained
from bot.sandbox.server import TOKEN

CONCURRENCY = 64
TEXT = "🔴 吉林省森林火灾红色预警\n\n立即组织群众转移，禁止一切野外用火\n\n👇 看到请立即按「收到」"


def cpu(folder: Path, *, quick: bool) -> list[Row]:
    """Microseconds of process time per message, three contenders in turn, median of the rounds."""
    messages, rounds = (3000, 2) if quick else (10_000, 5)
    raw, ours, ptb = [], [], []
    with server("--population", str(10**9), "--forget", "--no-log") as url:
        database = filled(folder / "cpu.db", messages)
        for _ in range(rounds):
            raw.append(run(_raw(url, messages)))
            ours.append(run(_ours(database, url)))
            ptb.append(run(_ptb(url, messages // 5)))
        database.close()
    ratio = statistics.median(o / r for o, r in zip(ours, raw, strict=True))
    beside = statistics.median(p / r for p, r in zip(ptb, raw, strict=True))
    return [
        Row("b", "raw aiohttp, sent only: µs a message", f"{statistics.median(raw):.0f}"),
        Row("b", "jiaoying, sent and recorded: µs", f"{statistics.median(ours):.0f}"),
        Row("b", "jiaoying ÷ raw aiohttp", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5),
        Row("b", "PTB on httpx, sent only ÷ raw aiohttp", f"{beside:.2f}"),
    ]


async def _raw(url: str, messages: int) -> float:
    slots = asyncio.Semaphore(CONCURRENCY)
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            body = {
                "chat_id": 1000 + number,
                "text": TEXT,
                "parse_mode": "HTML",
                "reply_markup": {
                    "inline_keyboard": [[{"text": "✅ 收到", "callback_data": f"a:{number}"}]]
                },
            }
            async with slots, session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as response:
                await response.json()

        began = time.process_time()
        await asyncio.gather(*(send(number) for number in range(messages)))
        return (time.process_time() - began) / messages * 1e6


async def _ours(database, url: str) -> float:  # type: ignore[no-untyped-def]
    async with dispatcher(database, url, UNLIMITED) as made:
        await asyncio.sleep(0.3)
        released = go(database)
        began = time.process_time()
        await drained(made, released.calls + 1)
        return (time.process_time() - began) / (released.calls + 1) * 1e6


async def _ptb(url: str, messages: int) -> float:
    warnings.simplefilter("ignore")
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.request import HTTPXRequest

    slots = asyncio.Semaphore(CONCURRENCY)
    bot = Bot(TOKEN, f"{url}/bot", request=HTTPXRequest(connection_pool_size=CONCURRENCY))

    async def send(number: int) -> None:
        button = InlineKeyboardButton("✅ 收到", callback_data=f"a:{number}")
        async with slots:
            await bot.send_message(
                1000 + number,
                TEXT,
                parse_mode="HTML",
                reply_markup=InlineKeyboardMarkup([[button]]),
            )

    async with bot:
        began = time.process_time()
        await asyncio.gather(*(send(number) for number in range(messages)))
        return (time.process_time() - began) / messages * 1e6
