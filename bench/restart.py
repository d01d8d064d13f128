"""(f) From starting a killed bot with 60,000 open calls to its first message.

Compared with a Python that only imports the libraries such a bot cannot do without.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.process import bot_process, compiling_environ
from bench.scene import Row, filled, go, run, server, stats

LIBRARIES = (
    "aiohttp",
    "apscheduler.schedulers.asyncio",
    "orjson",
    "sqlalchemy.dialects.sqlite",
    "telegram.ext",
)


def restart(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds, over several kills; each beside a process of bare imports."""
    file = folder / "restart.db"
    database = filled(file, 60_000)
    go(database)
    database.close()
    times, imports = [], []
    with server("--population", str(10**9), "--forget") as url:
        run(_once(file, url))  # what is not compiled yet is compiled by now
        for _ in range(5 if quick else 15):
            imports.append(_bare_imports())
            times.append(run(_once(file, url)))
    ratio = statistics.median(took / bare for took, bare in zip(times, imports, strict=True))
    return [
        Row("f", "restart to first send, median s", f"{statistics.median(times):.2f}"),
        Row("f", "restart to first send, slowest s", f"{max(times):.2f}"),
        Row("f", "bare imports of the same libraries, s", f"{statistics.median(imports):.2f}"),
        Row("f", "restart to first send ÷ bare imports", f"{ratio:.2f}", "≤ 2.5", ratio <= 2.5),
    ]


def _bare_imports() -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", f"import {', '.join(LIBRARIES)}"],
        check=True,
        env=compiling_environ(),
    )
    return time.perf_counter() - began


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
