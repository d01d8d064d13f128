"""Taps at the local Bot API server: how many, how fast, and how soon each was answered."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import select

from data.database import Database
from data.tables.alerts import calls
from data.tables.contacts import people

STEP_SECONDS = 0.02
AT_ONCE = 100
"""Taps handed to the server in one request."""

IN_TURN = 200
"""Of a closed loop so many to twice as many wait for their answer."""

_UP_SECONDS = 60.0
_QUIET_SECONDS = 1.0

CallAndAccount = tuple[int, int]
Tap = dict[str, Any]


def call_ids(database: Database) -> list[CallAndAccount]:
    """(call, telegram account), the last to be sent to first: their taps do not wait for a call."""
    query = select(calls.c.id, people.c.telegram_id).join(people, people.c.id == calls.c.person_id)
    query = query.order_by(calls.c.id.desc())
    return [(row[0], row[1]) for row in database.read(lambda c: c.execute(query).all())]


def received(call: int, account: int) -> Tap:
    """The addressee taps 收到 under the call."""
    return tap(account, f"a:{call}")


def tap(account: int, data: str) -> Tap:
    """Somebody taps a button in their private chat."""
    return {"user_id": account, "chat_id": account, "message_id": 1, "data": data}


def centile(seconds: Sequence[float], share: int) -> float:
    """So many of a hundred took no longer; endless where there is nothing to tell it from."""
    if len(seconds) < 2:
        return float("inf")
    if len(seconds) < 100:  # interpolated beyond what was seen otherwise
        return sorted(seconds)[min(len(seconds) - 1, len(seconds) * share // 100)]
    return statistics.quantiles(seconds, n=100)[share - 1]


@dataclass(frozen=True, slots=True)
class Answered:
    """Taps and what became of them: seconds to the answer, ``None`` where there was none."""

    waits: list[float | None]
    took: float
    """Seconds from the first tap to the last answer."""

    @property
    def seconds(self) -> list[float]:
        """Of those that were answered."""
        return [wait for wait in self.waits if wait is not None]

    @property
    def silent(self) -> int:
        """How many were not answered."""
        return len(self.waits) - len(self.seconds)

    @property
    def per_second(self) -> float:
        """Answers a second, over all of them."""
        return len(self.seconds) / self.took if self.took else 0.0


class Taps:
    """Taps at one server, and the answers it has got."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def bots_up(self, bots: int = 1) -> None:
        """Wait until so many bots poll, and their start has nothing more to ask.

        :raises TimeoutError: when they do not within a minute.
        """
        give_up = time.monotonic() + _UP_SECONDS
        before: dict[str, int] = {}
        quiet_since = time.monotonic()
        while time.monotonic() < give_up:
            asked = (await self.get("stats?methods=getMe,deleteWebhook,setMyCommands"))["by_method"]
            if asked != before:
                before, quiet_since = asked, time.monotonic()
            quiet = time.monotonic() > quiet_since + _QUIET_SECONDS
            if quiet and asked.get("deleteWebhook", 0) >= bots:
                return
            await asyncio.sleep(0.05)
        raise TimeoutError(f"not all of {bots} bots are up")

    async def made(self) -> int:
        """How many taps there were so far."""
        return int((await self.get(f"taps?since={2**31}"))["taps"])

    async def at_rate(self, taps: Sequence[Tap], per_second: float) -> None:
        """Open loop: they come at their rate whatever the bot does."""
        began = time.perf_counter()
        done = 0
        while done < len(taps):
            passed = time.perf_counter() - began
            due = min(len(taps), max(1, int((passed + STEP_SECONDS) * per_second)))
            if due > done:
                await self.at_once(taps[done:due])
                done = due
            await asyncio.sleep(max(0.0, STEP_SECONDS - (time.perf_counter() - began - passed)))

    async def at_once(self, taps: Sequence[Tap]) -> None:
        """As fast as the server takes them."""
        for start in range(0, len(taps), AT_ONCE):
            await self.post("taps", {"taps": list(taps[start : start + AT_ONCE])})

    async def answered_in_turn(self, taps: Sequence[Tap], patience: float) -> Answered:
        """Closed loop: the next come when all but the last few are answered.

        :param patience: seconds for all of them.
        """
        first = await self.made()
        for start in range(0, len(taps), IN_TURN):
            await self.at_once(taps[start : start + IN_TURN])
            if start:
                await self._until_answered(first + start - IN_TURN, first + start, patience)
        return await self.answers(first, patience)

    async def _until_answered(self, since: int, until: int, patience: float) -> None:
        give_up = time.monotonic() + patience
        while time.monotonic() < give_up:
            times = (await self.get(f"taps?since={since}"))["times"][: until - since]
            if all(answered is not None for _, answered in times):
                return
            await asyncio.sleep(0.01)

    async def answers(self, since: int, patience: float) -> Answered:
        """What became of the taps from the ``since``-th on.

        :param patience: seconds to wait for the last answer.
        """
        give_up = time.monotonic() + patience
        while True:
            times = (await self.get(f"taps?since={since}"))["times"]
            if all(answered is not None for _, answered in times) or time.monotonic() > give_up:
                break
            await asyncio.sleep(0.1)
        waits = [None if answered is None else answered - tapped for tapped, answered in times]
        answers = [answered for _, answered in times if answered is not None]
        took = max(answers) - min(tapped for tapped, _ in times) if answers else 0.0
        return Answered(waits, took)

    async def get(self, path: str) -> Any:
        """Ask the server's control interface."""
        async with self._session.get(f"{self._url}/sandbox/{path}") as response:
            return _result(await response.json())

    async def post(self, path: str, body: Any) -> Any:
        """Tell the server's control interface to do something."""
        async with self._session.post(f"{self._url}/sandbox/{path}", json=body) as response:
            return _result(await response.json())


def recorded(database: Database, call_ids: Iterable[int]) -> int:
    """How many of these calls the database holds as answered."""
    query = select(calls.c.id).where(calls.c.answered_at.is_not(None))
    answered = set(database.read(lambda c: c.execute(query).scalars().all()))
    return sum(1 for call_id in call_ids if call_id in answered)


def _result(answer: dict[str, Any]) -> Any:
    assert answer["ok"], answer
    return answer["result"]
