"""(s) Bots that have nothing to do cost nothing: taps with 67 of them beside, and without."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

import aiohttp

from bench.process import bot_process
from bench.scene import Row, filled, go, run, server
from bench.tapping import Answered, CallAndAccount, Taps, call_ids, received, recorded
from bot.sandbox.bot_api.server import TOKEN
from contacts.divisions.store import shipped_divisions
from data.database import Database

IDLE = 67
"""With the busy one 68: as many as the country's 2,000 messages a second need."""

PERSONS = 20_000
PATIENCE = 120.0


def idle_bots(folder: Path, *, quick: bool) -> list[Row]:
    """200 to 400 taps wait for their answer all the time; answers a second. In turns."""
    count, turns = (1500, 3) if quick else (15_000, 5)
    template = folder / "template.db"
    database = filled(template, PERSONS)
    go(database)
    ids = call_ids(database)[:count]
    database.close()
    alone, beside = [], []
    for turn in range(turns):
        for bots, found in ((1, alone), (1 + IDLE, beside))[:: 1 if turn % 2 == 0 else -1]:
            file = folder / f"idle-{turn}-{bots}.db"
            shutil.copy(template, file)
            found.append(_answered(file, ids, bots))
            file.unlink()
    ratio = statistics.median(b / a for a, b in zip(alone, beside, strict=True))
    return [
        Row("s", f"{count} taps, one bot: answered a second", f"{statistics.median(alone):.0f}"),
        Row("s", f"the same, {IDLE} idle bots beside", f"{statistics.median(beside):.0f}"),
        Row("s", f"{IDLE} idle bots ÷ none", f"{ratio:.2f}", "≥ 0.95", ratio >= 0.95),
    ]


def _answered(file: Path, ids: list[CallAndAccount], bots: int) -> float:
    tokens = [f"{1000000001 + n}:sandbox-sandbox-sandbox-sandbox-{n + 1:03d}" for n in range(bots)]
    assert tokens[0] == TOKEN
    villages = [
        division.code for division in shipped_divisions() if division.tier.name == "VILLAGE"
    ]
    environ = {}
    for number, token in enumerate(tokens[1:], start=1):
        key = f"JIAOYING_TELEGRAM__BOTS__{number}__"
        environ |= {f"{key}TOKEN": token, f"{key}DIVISION": villages[-number]}
    options = [part for token in tokens for part in ("--token", token)]
    with server(*options, "--population", str(10**8), "--forget") as url:
        process = bot_process(file, url, **environ)
        try:
            answered = run(_tapped(url, ids, bots))
        finally:
            process.terminate()
            process.wait(60)
    database = Database(f"sqlite:///{file}")
    missing = len(ids) - recorded(database, (call for call, _ in ids))
    database.close()
    assert missing == 0 and answered.silent == 0, (missing, answered.silent)
    return answered.per_second


async def _tapped(url: str, ids: list[CallAndAccount], bots: int) -> Answered:
    async with aiohttp.ClientSession() as session:
        taps = Taps(session, url)
        await taps.bots_up(bots)
        return await taps.answered_in_turn([received(*ids) for ids in ids], PATIENCE)
