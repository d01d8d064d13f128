"""(v) A red warning to 12,000 persons by Telegram, telephone and SMS at once.

Each channel holds its own pace, and Telegram sends as if it were alone.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.process import bot_process
from bench.scene import Row, ask, filled, go, listening, run, server

TELEGRAM, VOICE, SMS = 30.0, 40.0, 60.0
"""Messages a second."""

SECRET = "a-secret-of-the-bench-of-32-characters-or-more"
PATIENCE = 900.0  # seconds
SENT = "stats?methods=sendMessage"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one release."""

    telegram: float  # achieved share of the limit
    refused: int  # by Telegram's server: too fast
    came: dict[str, list[float]]  # at the gateway: when, by channel
    twice: int
    cpu: float  # seconds of the bot's process, its start not counted


def channels(folder: Path, *, quick: bool) -> list[Row]:
    """12,000 persons, three channels; 900 in quick mode. Telegram alone, then all three."""
    persons = 900 if quick else 12_000
    alone = run(_released(folder / "alone.db", persons, by=("telegram",)))
    together = run(_released(folder / "together.db", persons, by=("telegram", "voice", "sms")))
    label = f"{persons:,} persons by three channels at once"
    share = together.telegram / alone.telegram
    rows = [
        Row("v", f"{label}: Telegram's pace ÷ alone", f"{share:.4f}", "≥ 0.98", share >= 0.98),
        Row("v", f"{label}: 429s", str(together.refused), "0", together.refused == 0),
    ]
    for channel, pace in (("voice", VOICE), ("sms", SMS)):
        came = together.came.get(channel, [])
        held, most = _share(came, pace), _most(came)
        lost = persons - len(came)
        rows += [
            Row("v", f"{channel}: achieved ÷ its pace", f"{held:.3f}", "≥ 0.9", held >= 0.9),
            Row("v", f"{channel}: most in any second", str(most), *_bar(most, pace)),
            Row("v", f"{channel}: not handed over", str(lost), "0", lost == 0),
        ]
    beside = sum(map(len, together.came.values()))
    each, its = alone.cpu / persons, (together.cpu - alone.cpu) / max(1, beside)
    ratio = its / each
    return [
        *rows,
        Row("v", "handed over twice", str(together.twice), "0", together.twice == 0),
        Row("v", "CPU a Telegram message, alone, ms", f"{each * 1000:.2f}"),
        Row("v", "CPU a call or SMS, ms", f"{its * 1000:.2f}"),
        Row("v", "the same ÷ a Telegram message", f"{ratio:.2f}", "≤ 5", ratio <= 5),
    ]


def _bar(most: int, pace: float) -> tuple[str, bool]:
    """One more than the pace may leave in a second; those held up on their way arrive too."""
    allowed = int(pace * 1.1) + 1
    return f"≤ {allowed}", most <= allowed


def _share(came: Sequence[float], pace: float) -> float:
    span = came[-1] - came[0] if len(came) > 1 else 0.0
    return (len(came) - 1) / span / pace if span else 0.0


def _most(came: Sequence[float]) -> int:
    """The most within any second."""
    first = most = 0
    for last, at in enumerate(came):
        while at - came[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def _released(file: Path, persons: int, by: tuple[str, ...]) -> Sent:
    database = filled(file, persons)
    options = ("--limits", "30,1,20", "--population", str(10**9))
    with server(*options) as url, listening("bench.county_gateway") as gateway:
        process = bot_process(file, url, **_settings(gateway, by))
        try:
            await _started(url)
            began = _cpu(process)
            wanted = go(database).calls
            await _all_came(url, gateway, wanted, len(by) - 1)
            cpu = _cpu(process) - began
        finally:
            process.kill()
            process.wait()
        seen, told = await ask(url, SENT), await _told(gateway)
    database.close()
    sent = sum(seen["per_second"])
    span = (seen["last_sent"] or 0) - (seen["first_sent"] or 0)
    share = (sent - 1) / span / TELEGRAM if span else 0.0
    return Sent(share, seen["refused_429"], told["came"], told["twice"], cpu)


def _settings(gateway: str, by: tuple[str, ...]) -> dict[str, str]:
    return {
        "JIAOYING_POLICY__RED__AT_ONCE": ",".join(by),
        "JIAOYING_CHANNELS__GATEWAY__URL": gateway,
        "JIAOYING_CHANNELS__GATEWAY__SECRET": SECRET,
        "JIAOYING_CHANNELS__GATEWAY__PORT": "8092",
        "JIAOYING_CHANNELS__VOICE__PER_SECOND": str(VOICE),
        "JIAOYING_CHANNELS__SMS__PER_SECOND": str(SMS),
        # Nobody is chased while the pace is measured.
        "JIAOYING_POLICY__RED__REMIND": "600",
    }


async def _started(url: str) -> None:
    """The bot has said its first words to Telegram; what a start does besides is soon over."""
    while not (await ask(url, "stats"))["calls"]:  # noqa: ASYNC110 - another process works
        await asyncio.sleep(0.1)
    await asyncio.sleep(3.0)


async def _all_came(url: str, gateway: str, wanted: int, others: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            sent = sum((await ask(url, SENT))["per_second"])
            came = sum(map(len, (await _told(gateway))["came"].values()))
            if sent >= wanted and came >= wanted * others:
                return
            await asyncio.sleep(1.0)


async def _told(gateway: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as session, session.get(f"{gateway}/seen") as answer:
        return dict(await answer.json())


def _cpu(process: subprocess.Popen[bytes]) -> float:
    """Seconds of processor time that it has taken."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
