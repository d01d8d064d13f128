"""(q) Telegram tells the whole bot to wait for five seconds: taps are answered all the same."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp

from bench.process import bot_process
from bench.scene import Row, filled, go, run, server
from bench.tapping import (
    Answered,
    CallAndAccount,
    Tap,
    Taps,
    call_ids,
    centile,
    received,
    recorded,
    tap,
)
from bot.sandbox.bot_api.methods.table import LIMITED
from data.database import Database

PERSONS = 20_000
TAPPING = 29
"""Persons; each taps three times: 收到, what was done, 收到 again."""

HALT_SECONDS = 5.0
PATIENCE = 60.0


def halted(folder: Path, *, quick: bool) -> list[Row]:
    """87 taps during the halt, while a warning is being sent; in two ways.

    Messages and edits are refused, answers to taps are not (they have no limit). Then every request
    is refused for as long, the answers to taps too: none is given up.
    """
    turns = 1 if quick else 5
    spared = [_halted(folder / f"spared-{turn}.db", LIMITED) for turn in range(turns)]
    refused = [_halted(folder / f"refused-{turn}.db", (None,)) for turn in range(turns)]
    p99 = centile([wait for answered in spared for wait in answered.seconds], 99)
    silent, silent_too = (sum(turn.silent for turn in found) for found in (spared, refused))
    after = centile([wait for answered in refused for wait in answered.seconds], 99)
    label = f"{3 * TAPPING * turns} taps during a whole-bot 429 of {HALT_SECONDS:.0f} s"
    return [
        Row("q", f"{label}: not answered", str(silent), "0", silent == 0),
        Row("q", f"{label}: tap to answer, p99 s", f"{p99:.3f}", "≤ 0.5", p99 <= 0.5),
        Row("q", "the same, answers to taps refused too: not answered", str(silent_too), "0",
            silent_too == 0),
        Row("q", "the same, answers to taps refused too: p99 s", f"{after:.1f}"),
    ]  # fmt: skip


def _halted(file: Path, methods: Any) -> Answered:
    database = filled(file, PERSONS)
    go(database)
    ids = call_ids(database)[:TAPPING]
    database.close()
    with server("--population", str(10**9), "--forget", "--limits", "30,1,20") as url:
        process = bot_process(file, url)
        try:
            answered = run(_tapped(url, ids, methods))
        finally:
            process.terminate()
            process.wait(30)
    database = Database(f"sqlite:///{file}")
    missing = TAPPING - recorded(database, (call for call, _ in ids))
    database.close()
    assert missing == 0, f"{missing} answers are not in the database"
    return answered


async def _tapped(url: str, ids: list[CallAndAccount], methods: Any) -> Answered:
    async with aiohttp.ClientSession() as session:
        taps = Taps(session, url)
        await taps.bots_up()
        await asyncio.sleep(2)
        end = time.monotonic() + HALT_SECONDS  # of the machine's one clock, also the server's
        for method in methods:
            storm = {"action": "storm", "method": method, "ends_at": end}
            await taps.post("faults", storm)
        await asyncio.sleep(0.2)  # the bot has been told to wait
        left = end - time.monotonic()
        await taps.at_rate(_three_each(ids), 3 * len(ids) / (left - 0.1))
        return await taps.answers(0, PATIENCE)


def _three_each(ids: list[CallAndAccount]) -> list[Tap]:
    done = [tap(account, f"r:{call}:done") for call, account in ids]
    answers = [received(*ids) for ids in ids]
    return [*answers, *done, *answers]
