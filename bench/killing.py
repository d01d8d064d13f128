"""(g) kill -9 at random instants of an alert: no call lost, no tap lost, bounded duplicates."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select

from bench.process import bot_process
from bench.scene import Row, filled, go, run, server
from bot.telegram.dispatcher import IN_FLIGHT
from data import audit
from data.database import Database
from data.tables import calls, deliveries, people


@dataclass(frozen=True, slots=True)
class Survived:
    """What was found when the killing was over."""

    kills: int
    calls: int
    lost_calls: int
    taps: int
    lost_taps: int
    duplicates: int
    most_at_once: int
    left_claimed: int
    trail_whole: bool


def killing(folder: Path, *, quick: bool) -> list[Row]:
    """100 kills of a 2,000-person alert; 10 of 400 in quick mode."""
    kills, persons = (10, 400) if quick else (100, 2000)
    found = survive(folder, kills=kills, persons=persons)
    return [
        Row(
            "g",
            f"calls never delivered ({found.kills} kills, {found.calls} calls)",
            str(found.lost_calls),
            "0",
            found.lost_calls == 0,
        ),
        Row("g", f"taps lost, of {found.taps}", str(found.lost_taps), "0", found.lost_taps == 0),
        Row(
            "g",
            "calls sent twice, all kills together",
            str(found.duplicates),
            f"≤ {IN_FLIGHT * found.kills}",
            found.duplicates <= IN_FLIGHT * found.kills,
        ),
        Row(
            "g",
            "calls sent twice after one kill, most",
            str(found.most_at_once),
            f"≤ {IN_FLIGHT}",
            found.most_at_once <= IN_FLIGHT,
        ),
        Row("g", "deliveries left claimed", str(found.left_claimed), "0", found.left_claimed == 0),
        Row("g", "audit trail whole", str(found.trail_whole), "True", found.trail_whole),
    ]


def survive(folder: Path, *, kills: int, persons: int, seed: int = 1) -> Survived:
    """Release, then kill and restart the bot while it sends and people tap."""
    file = folder / "killed.db"
    database = filled(file, persons)
    go(database)
    query = select(calls.c.id, people.c.telegram_id).join(people, people.c.id == calls.c.person_id)
    ids = {row[1]: row[0] for row in database.read(lambda c: c.execute(query).all())}
    database.close()
    # So fast that the alert is still being sent when the last kill comes.
    rate = max(20, persons // max(1, kills))
    with server("--population", str(10**9)) as url:
        sent, doubles, tapped = run(_kill_again_and_again(file, url, ids, kills, rate, seed))
    database = Database(f"sqlite:///{file}")
    states = dict(
        database.read(
            lambda c: c.execute(
                select(people.c.telegram_id, calls.c.state).join(
                    people, people.c.id == calls.c.person_id
                )
            ).all()
        )
    )
    left = database.read(
        lambda c: c.execute(
            select(func.count()).select_from(deliveries).where(deliveries.c.state == "claimed")
        ).scalar_one()
    )
    whole = database.read(audit.verify).broken is None
    database.close()
    return Survived(
        kills,
        len(ids),
        sum(1 for who in ids if not sent[who] and states[who] != "acknowledged"),
        len(tapped),
        sum(1 for who in tapped if states[who] != "acknowledged"),
        sum(count - 1 for count in sent.values() if count > 1),
        max(doubles, default=0),
        left,
        whole,
    )


async def _kill_again_and_again(
    file: Path, url: str, ids: dict[int, int], kills: int, rate: int, seed: int
) -> tuple[Counter[int], list[int], set[int]]:
    chance = random.Random(seed)
    sent: Counter[int] = Counter()
    tapped: set[int] = set()
    doubles: list[int] = []
    environ = {
        "JIAOYING_TELEGRAM__LIMITS__PER_SECOND": str(rate),
        "JIAOYING_POLICY__RED__REMIND": "600",
        "JIAOYING_POLICY__RED__STAND_IN": "0",
        "JIAOYING_POLICY__RED__DUTY_OFFICER": "0",
        "JIAOYING_POLICY__RED__COMMANDER": "0",
        "JIAOYING_POLICY__RED__REPEAT": "0",
    }
    async with aiohttp.ClientSession() as session:
        seen = 0

        async def look() -> None:
            """Count what arrived; each newly called person taps once, half of them at once."""
            nonlocal seen
            async with session.get(f"{url}/sandbox/log?since={seen}") as response:
                rows = (await response.json())["result"]
            rows = rows["rows"] if isinstance(rows, dict) else rows
            seen += len(rows)
            fresh = []
            for row in rows:
                who = row.get("chat_id")
                if row["method"] == "sendMessage" and row["code"] == 200 and who in ids:
                    sent[who] += 1
                    if who not in tapped and chance.random() < 0.7:
                        tapped.add(who)
                        fresh.append(who)
            if fresh:
                body: dict[str, Any] = {
                    "taps": [
                        {"user_id": who, "chat_id": who, "message_id": 1, "data": f"a:{ids[who]}"}
                        for who in fresh
                    ]
                }
                async with session.post(f"{url}/sandbox/taps", json=body) as response:
                    await response.read()

        for _ in range(kills):
            process = bot_process(file, url, **environ)
            until = asyncio.get_running_loop().time() + 0.9 + chance.random() * 1.2
            before = sum(count - 1 for count in sent.values() if count > 1)
            while asyncio.get_running_loop().time() < until:
                await asyncio.sleep(0.05)
                await look()
            process.kill()
            process.wait()
            await look()
            doubles.append(sum(c - 1 for c in sent.values() if c > 1) - before)
        last = bot_process(file, url, **{**environ, "JIAOYING_TELEGRAM__LIMITS__PER_SECOND": "900"})
        quiet, known = 0, -1
        before = sum(count - 1 for count in sent.values() if count > 1)
        while quiet < 30:
            await asyncio.sleep(0.1)
            await look()
            quiet, known = (quiet + 1, known) if seen == known else (0, seen)
        doubles.append(sum(c - 1 for c in sent.values() if c > 1) - before)
        last.terminate()
        with suppress(Exception):
            last.wait(20)
    return sent, doubles, tapped
