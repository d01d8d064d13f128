"""(f) Seconds from starting a killed bot with 60,000 open calls to its first message."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

from bench.process import bot_process
from bench.scene import Row, filled, go, run, server, stats


def restart(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds, over several kills."""
    file = folder / "restart.db"
    database = filled(file, 60_000)
    go(database)
    database.close()
    times = []
    with server("--population", str(10**9), "--forget") as url:
        for _ in range(3 if quick else 7):
            times.append(run(_once(file, url)))
    median, slowest = statistics.median(times), max(times)
    return [
        Row("f", "restart to first send, median s", f"{median:.2f}", "≤ 2", median <= 2),
        Row("f", "restart to first send, slowest s", f"{slowest:.2f}", "≤ 2", slowest <= 2),
    ]


async def _once(file: Path, url: str) -> float:
    before = (await stats(url))["by_method"].get("sendMessage", 0)
    began = time.perf_counter()
    process = bot_process(file, url)
    try:
        while (await stats(url))["by_method"].get("sendMessage", 0) <= before:
            assert time.perf_counter() - began < 30, "nothing was sent"
            await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        await asyncio.sleep(0.5)
    finally:
        process.kill()
        process.wait()
    return took
