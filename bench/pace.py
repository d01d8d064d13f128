"""(a) A province's warning sent to a server that enforces Telegram's limits, compared with PTB."""

from __future__ import annotations

import asyncio
import multiprocessing
import warnings
from pathlib import Path
from typing import Any

from bench.scene import Row, filled, go, run, server, stats
from bench.sending import dispatcher, drained
from bot.app import tune_interpreter
from bot.config.settings import PaceLimits
from bot.sandbox.bot_api.server import TOKEN

LIMIT = 30.0


def pace(folder: Path, *, quick: bool) -> list[Row]:
    """21,810 messages (1,810 posts, 20,000 persons), or 1,510 in quick mode.

    The peer sends the same number at the same time to a server of its own, until ours is done.
    """
    posts, persons = (110, 1400) if quick else (1810, 20_000)
    options = ("--limits", "30,1,20", "--population", str(10**9))
    with server(*options) as ours, server(*options) as theirs:
        peer = multiprocessing.get_context("spawn").Process(
            target=_ptb, args=(theirs, posts, persons), daemon=True
        )
        peer.start()
        sent = run(_ours(folder, ours, posts, persons))
        mine, other = run(stats(ours)), run(stats(theirs))
        peer.kill()
    return [
        *_rows("jiaoying", mine, sent, bars=True),
        *_rows("PTB + AIORateLimiter", other, posts + persons, bars=False),
    ]


async def _ours(folder: Path, url: str, posts: int, persons: int) -> int:
    database = filled(folder / "pace.db", persons, posts)
    async with dispatcher(database, url, PaceLimits()) as made:
        tune_interpreter()
        released = go(database)
        messages = released.calls + released.groups + 1
        await drained(made, messages)
    database.close()
    return messages


def _rows(sender: str, seen: dict[str, Any], wanted: int, *, bars: bool) -> list[Row]:
    sent = sum(seen["per_second"])
    span = (seen["last_sent"] or 0) - (seen["first_sent"] or 0)
    share = (sent - 1) / span / LIMIT if span else 0.0
    most, refused = seen["most_in_a_second"], seen["refused_429"]
    return [
        Row(
            "a",
            f"{sender}: achieved ÷ limit ({sent} of {wanted} messages in {span:.0f} s)",
            f"{share:.4f}",
            "≥ 0.98" if bars else "",
            share >= 0.98 if bars else None,
        ),
        Row(
            "a",
            f"{sender}: 429s",
            str(refused),
            "0" if bars else "",
            refused == 0 if bars else None,
        ),
        Row(
            "a",
            f"{sender}: most in any second",
            str(most),
            "≤ 31" if bars else "",
            most <= 31 if bars else None,
        ),
    ]


def _ptb(url: str, posts: int, persons: int) -> None:
    warnings.simplefilter("ignore")
    asyncio.run(_ptb_sends(url, posts, persons))


async def _ptb_sends(url: str, posts: int, persons: int) -> None:
    from telegram.error import TelegramError
    from telegram.ext import AIORateLimiter, ExtBot
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(connection_pool_size=64, pool_timeout=3600)
    bot = ExtBot(
        TOKEN,
        base_url=f"{url}/bot",
        request=request,
        rate_limiter=AIORateLimiter(max_retries=5),
    )
    chats = [*(-1000 - n for n in range(posts)), *(1000 + n for n in range(persons))]
    waiting = iter(chats)

    async def worker() -> None:
        for chat_id in waiting:
            try:
                await bot.send_message(chat_id, "红色预警 立即组织群众转移")
            except TelegramError:
                continue

    async with bot:
        await asyncio.gather(*(worker() for _ in range(64)))
    await asyncio.Event().wait()  # until killed: the server is asked what it saw
