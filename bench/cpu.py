"""(b) CPU time per message sent and recorded, compared with raw aiohttp; PTB on httpx beside it."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from pathlib import Path

import aiohttp

from bench.contender import alone
from bench.scene import Row, filled, go, server
from bench.sending import UNLIMITED, dispatcher, drained
from bot.app import tune_interpreter
from bot.sandbox.bot_api.server import TOKEN
from data.database import Database

CONCURRENCY = 64
TEXT = "🔴 吉林省森林火灾红色预警\n\n立即组织群众转移，禁止一切野外用火\n\n👇 看到请立即按「收到」"


def cpu(folder: Path, *, quick: bool) -> list[Row]:
    """Microseconds of process time (user and system) a message; the contenders in turn.

    Each in a process of its own, 64 requests at a time, to one server that enforces nothing.
    """
    messages, rounds = (4000, 3) if quick else (20_000, 7)
    template = folder / "template.db"
    filled(template, messages).close()
    peers, ours, ptb = [], [], []
    with server("--population", str(10**9), "--forget", "--no-log") as url:
        for turn in range(rounds):
            file = folder / f"cpu-{turn}.db"
            shutil.copy(template, file)
            peers.append(alone(raw, url, messages))
            ours.append(alone(_ours, str(file), url))
            ptb.append(alone(_ptb, url, messages // 10))
            file.unlink()
    ratio = statistics.median(o / r for o, r in zip(ours, peers, strict=True))
    beside = statistics.median(p / r for p, r in zip(ptb, peers, strict=True))
    return [
        Row(
            "b",
            f"raw aiohttp, sent only: µs a message ({messages} × {rounds})",
            f"{statistics.median(peers):.0f}",
        ),
        Row(
            "b",
            "jiaoying, claimed, rendered, paced, sent, recorded: µs",
            f"{statistics.median(ours):.0f}",
        ),
        Row("b", "jiaoying ÷ raw aiohttp", f"{ratio:.2f}", "≤ 1.30", ratio <= 1.30),
        Row("b", "PTB on httpx, sent only: µs", f"{statistics.median(ptb):.0f}"),
        Row("b", "PTB on httpx ÷ raw aiohttp", f"{beside:.2f}"),
    ]


async def raw(url: str, messages: int) -> float:
    """Microseconds of CPU a message: what aiohttp's own documentation shows, 64 at a time."""
    numbers = iter(range(messages))
    async with aiohttp.ClientSession() as session:

        async def worker() -> None:
            for number in numbers:
                body = {
                    "chat_id": 1000 + number,
                    "text": TEXT,
                    "parse_mode": "HTML",
                    "reply_markup": {
                        "inline_keyboard": [[{"text": "✅ 收到", "callback_data": f"a:{number}"}]]
                    },
                }
                async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as response:
                    await response.json()

        began = time.process_time()
        await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
        return (time.process_time() - began) / messages * 1e6


async def _ours(file: str, url: str) -> float:
    """From the commit of the release to the last result on disk."""
    database = Database(f"sqlite:///{file}")
    async with dispatcher(database, url, UNLIMITED) as made:
        tune_interpreter()
        await asyncio.sleep(0.3)
        released = go(database)
        messages = released.calls + 1  # and the commander's card
        began = time.process_time()
        await drained(made, messages)
        took = time.process_time() - began
    database.close()
    return took / messages * 1e6


async def _ptb(url: str, messages: int) -> float:
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
    from telegram.request import HTTPXRequest

    numbers = iter(range(messages))
    bot = Bot(TOKEN, f"{url}/bot", request=HTTPXRequest(connection_pool_size=CONCURRENCY))

    async def worker() -> None:
        for number in numbers:
            button = InlineKeyboardButton("✅ 收到", callback_data=f"a:{number}")
            await bot.send_message(
                1000 + number,
                TEXT,
                parse_mode="HTML",
                reply_markup=InlineKeyboardMarkup([[button]]),
            )

    async with bot:
        began = time.process_time()
        await asyncio.gather(*(worker() for _ in range(CONCURRENCY)))
        return (time.process_time() - began) / messages * 1e6
