"""Kills the real bot again and again while simulated people receive calls and tap the button.

The alert is cut into as many stretches as there will be kills, at random numbers of messages; each
life of the bot ends a moment after its stretch is sent, so that a kill finds requests under way. A
fifth of the lives end at a random moment after the start instead: in the imports, in the recovery.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bench.process import bot_process

RATE = 300
"""Messages a second: the limit of Telegram raised tenfold, for more requests under way."""

LATENCY_SECONDS = 0.03
"""A message is out so long before its answer: the time in which a kill makes a duplicate."""

TAPPING = 0.7  # of those called
TWICE = 0.1  # of those who tap
EARLY_KILLS = 0.2
LIFE_SECONDS = 20.0
GIVE_UP_SECONDS = 120.0
QUIET_SECONDS = 1.0

NO_LADDER = {
    f"JIAOYING_POLICY__RED__{rung}": "0"
    for rung in ("STAND_IN", "DUTY_OFFICER", "COMMANDER", "REPEAT", "REPORT")
} | {"JIAOYING_POLICY__RED__REMIND": "600"}


@dataclass(slots=True)
class Crowd:
    """The people who were called: which calls reached them and which they answered."""

    ids: dict[int, int]  # account: call
    chance: random.Random
    sent: Counter[int] = field(default_factory=Counter)
    tapped: set[int] = field(default_factory=set)
    waiting: list[tuple[float, int, int]] = field(default_factory=list)  # when, who, message
    doubles: list[int] = field(default_factory=list)
    kills_while_sending: int = 0
    seen: int = 0  # rows of the server's log

    @property
    def again(self) -> int:
        """Calls sent beyond the first."""
        return sum(self.sent.values()) - len(self.sent)

    def arrived(self, rows: list[dict[str, Any]], now: float) -> None:
        """Count calls; most of those called will tap within a second, some of them twice."""
        self.seen += len(rows)
        for row in rows:
            chat_id = row["chat_id"]
            if row["method"] != "sendMessage" or row["code"] != 200 or chat_id not in self.ids:
                continue
            self.sent[chat_id] += 1
            if self.sent[chat_id] == 1 and self.chance.random() < TAPPING:
                for _ in range(1 + (self.chance.random() < TWICE)):
                    tap_at = now + self.chance.random()
                    self.waiting.append((tap_at, chat_id, row["message_id"] or 1))

    def tapping(self, now: float) -> list[dict[str, Any]]:
        """Whose time it is to tap."""
        ready = [tap for tap in self.waiting if tap[0] <= now]
        self.waiting = [tap for tap in self.waiting if tap[0] > now]
        self.tapped.update(chat_id for _, chat_id, _ in ready)
        return [
            {
                "user_id": chat_id,
                "chat_id": chat_id,
                "message_id": message,
                "data": f"a:{self.ids[chat_id]}",
            }
            for _, chat_id, message in ready
        ]


async def kill_again_and_again(
    file: Path,
    url: str,
    ids: dict[int, int],
    kills: int,
    seed: int,
    nothing_left: Callable[[Crowd], bool],
) -> Crowd:
    """Kill so often, then let one process finish; returns what the crowd saw.

    :param nothing_left: whether the store says that all calls and taps are dealt with.
    """
    chance = random.Random(seed)
    crowd = Crowd(ids, chance)
    environ = {"JIAOYING_TELEGRAM__LIMITS__PER_SECOND": str(RATE), **NO_LADDER}
    # Kills at random points of the calls; the answers' edits come on top.
    ends = sorted(chance.randrange(len(ids)) for _ in range(kills))
    async with aiohttp.ClientSession(url) as session:
        late = {"action": "hang", "method": "sendMessage", "seconds": LATENCY_SECONDS}
        async with session.post("/sandbox/faults", json=late) as response:
            assert response.status == 200, await response.text()
        for end in ends:
            process = bot_process(file, url, **environ)
            before = crowd.again, sum(crowd.sent.values())
            await _one_life(session, crowd, end, chance)
            await _killed(process)
            await _look(session, crowd)
            crowd.doubles.append(crowd.again - before[0])
            crowd.kills_while_sending += sum(crowd.sent.values()) > before[1]
        before = crowd.again, 0
        process = bot_process(file, url, **environ)
        await finish(crowd, process, lambda: _look(session, crowd), lambda: nothing_left(crowd))
        crowd.doubles.append(crowd.again - before[0])
    return crowd


async def _one_life(
    session: aiohttp.ClientSession, crowd: Crowd, end: int, chance: random.Random
) -> None:
    """Until the moment to die."""
    loop = asyncio.get_running_loop()
    born = loop.time()
    if chance.random() < EARLY_KILLS:
        while loop.time() < born + moment(chance):
            await _look(session, crowd)
        return
    # At least one message in each life that gets that far; then a few milliseconds more.
    end = max(end, len(crowd.sent) + 1)
    while len(crowd.sent) < min(end, len(crowd.ids)) and loop.time() < born + LIFE_SECONDS:
        await _look(session, crowd)
    await asyncio.sleep(chance.random() * 0.05)


def moment(chance: random.Random) -> float:
    """Seconds after the start: somewhere in the imports, the recovery or the first messages."""
    return chance.random() * 1.5


async def _look(session: aiohttp.ClientSession, crowd: Crowd) -> None:
    """See what arrived since, and let those tap whose time it is."""
    now = asyncio.get_running_loop().time()
    async with session.get(f"/sandbox/log?since={crowd.seen}") as response:
        crowd.arrived((await response.json())["result"], now)
    if taps := crowd.tapping(now):
        async with session.post("/sandbox/taps", json={"taps": taps}) as response:
            assert response.status == 200, await response.text()
    await asyncio.sleep(0.01)


async def _killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    await asyncio.to_thread(process.wait)


async def finish(
    crowd: Crowd,
    process: subprocess.Popen[bytes],
    look: Callable[[], Awaitable[None]],
    nothing_left: Callable[[], bool],
) -> None:
    """Let it work until the store says that nothing is left, however slow it is; then stop it.

    What is not done after two minutes in which nothing happened at all is lost.

    :param look: sees what arrived since, and lets people tap.
    """
    loop = asyncio.get_running_loop()
    seen, happened = crowd.seen, loop.time()
    asked = happened
    while loop.time() < happened + GIVE_UP_SECONDS:
        await look()
        if crowd.seen != seen or crowd.waiting:
            seen, happened = crowd.seen, loop.time()
            asked = happened
        elif loop.time() > asked + QUIET_SECONDS:
            if await asyncio.to_thread(nothing_left):
                break
            asked = loop.time()
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(process.wait, 20)
    process.kill()
