"""(m) Memory of the bot's process with 60,000 open calls, while it sends, sweeps and takes taps."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select, update

from bench.ladder import DUE, PERSONS, due
from bench.process import bot_process
from bench.scene import Row, now, run, server
from data.database import Database
from data.tables.alerts import calls
from data.tables.contacts import people

MOST_MB = 160
RATE = 100
PATIENCE = 600.0  # seconds for a busy machine to sweep them
_PEAK, _NOW = re.compile(r"VmHWM:\s+(\d+) kB"), re.compile(r"VmRSS:\s+(\d+) kB")


def memory(folder: Path, *, quick: bool) -> list[Row]:
    """Megabytes of resident memory: the most there was, and at the end.

    20,000 of the calls are due at the start: a sweep queues as many reminders, 30 a second leave,
    and 100 taps a second come in.
    """
    file = folder / "memory.db"
    due(file)
    database = Database(f"sqlite:///{file}")
    before = now() - timedelta(minutes=2.5)
    late = update(calls).where(calls.c.id <= DUE)
    late = late.values(called_at=before, delivered_at=before, due_at=now())
    database.do(lambda c: c.execute(late))
    query = select(calls.c.id, people.c.telegram_id).join(people, people.c.id == calls.c.person_id)
    ids = [tuple(row) for row in database.read(lambda c: c.execute(query).all())][::-1]
    left = select(func.count()).where(calls.c.id <= DUE, calls.c.steps == 0)

    def unswept() -> int:
        return int(database.read(lambda c: c.execute(left).scalar_one()))

    with server("--population", str(10**9), "--forget", "--no-log") as url:
        process = bot_process(file, url)
        try:
            peak, end = run(_watched(process.pid, url, ids, 20 if quick else 90, unswept))
        finally:
            process.kill()
            process.wait()
    missed = unswept()
    assert missed == 0, f"{missed} calls were not swept"
    database.close()
    return [
        Row(
            "m",
            f"{PERSONS:,} open calls, sweeping, sending, tapped: most resident MB",
            f"{peak:.0f}",
            f"≤ {MOST_MB}",
            peak <= MOST_MB,
        ),
        Row("m", "the same at the end, MB", f"{end:.0f}"),
    ]


async def _watched(
    pid: int, url: str, ids: list[Any], seconds: int, unswept: Callable[[], int]
) -> tuple[float, float]:
    """The most resident and the last, after so many seconds, or when all due calls were swept."""
    began, tapped = time.monotonic(), 0
    async with aiohttp.ClientSession() as session:
        while (passed := time.monotonic() - began) < seconds:
            # The first five seconds are the start's.
            tapping = ids[tapped : tapped + RATE // 10] if passed > 5 else []
            tapped += len(tapping)
            body = {
                "taps": [
                    {"user_id": account, "chat_id": account, "message_id": 1, "data": f"a:{call}"}
                    for call, account in tapping
                ]
            }
            if tapping:
                async with session.post(f"{url}/sandbox/taps", json=body) as response:
                    await response.read()
            await asyncio.sleep(0.1)
        while passed < PATIENCE and await asyncio.to_thread(unswept):
            await asyncio.sleep(1)
            passed = time.monotonic() - began
    status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
    peak, end = _PEAK.search(status), _NOW.search(status)
    assert peak is not None and end is not None, "the bot is gone"
    return int(peak[1]) / 1024, int(end[1]) / 1024
