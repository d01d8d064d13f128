"""What a process that died took in and did not handle is taken over by another that lives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.services.async_database import AsyncDatabase
from bot.services.clocks import utc_now
from bot.telegram.bot_api import BotApi
from bot.telegram.intake import LEFT_SECONDS, LOOK_SECONDS, Intake
from bot.telegram.transport import Connections
from data import inbox
from data.database import Database
from tests.waiting import PassTime, pass_time, until

__all__ = ["pass_time"]

BOT = 7
TAKEN_OVER_WITHIN = 20.0  # seconds
STEP = 1.0


class Process:
    """One that takes the bot's updates in; what it handles is noted, and ends when it is told."""

    def __init__(self, database: Database) -> None:
        self.database = AsyncDatabase(database, readers=1, name="test")
        self.handled: list[int] = []
        self.may_end = asyncio.Event()
        api = BotApi(Connections(), f"{BOT}:" + "x" * 30)
        self.intake = Intake(self.database, api, utc_now, self._handle, self._not_stored)

    async def _handle(self, update: dict[str, Any]) -> None:
        self.handled.append(update["update_id"])
        await self.may_end.wait()
        await self.database.run(lambda c: inbox.done(c, BOT, update["update_id"], utc_now()))

    async def _not_stored(self, update: dict[str, Any], error: Exception) -> None:
        raise AssertionError(update, error)


def message(number: int, sender: int = 1) -> dict[str, Any]:
    return {"update_id": number, "message": {"from": {"id": sender}, "text": "收到"}}


@pytest.fixture
def store_kind() -> str:
    return "sqlite"


@pytest.fixture
def store(upgraded_url: str) -> Iterator[Database]:
    made = Database(upgraded_url)
    yield made
    made.close()


async def passes(pass_time: PassTime, process: Process, seconds: float) -> None:
    """Time goes by; every look that falls due is taken."""
    for _ in range(int(seconds / STEP)):
        await pass_time(STEP)
        await process.database.ask(lambda _: None)  # one reader: a look before it has been answered
        await pass_time(0)


async def test_what_a_dead_process_left_is_handled_within_twenty_seconds(
    store: Database, pass_time: PassTime
) -> None:
    died, lives = Process(store), Process(store)
    lives.may_end.set()
    looking = asyncio.create_task(lives.intake.look_after_others())
    await passes(pass_time, lives, LOOK_SECONDS / 2)
    await died.intake.accept([message(1), message(2)])  # and it never ends
    await passes(pass_time, lives, TAKEN_OVER_WITHIN)
    await until(lambda: lives.handled == [1, 2])
    await lives.intake.drain()
    assert not store.read(lambda c: inbox.pending(c, BOT))
    looking.cancel()


async def test_what_is_being_handled_here_is_not_taken_over(
    store: Database, pass_time: PassTime
) -> None:
    lives = Process(store)
    looking = asyncio.create_task(lives.intake.look_after_others())
    await lives.intake.accept([message(1)])
    await passes(pass_time, lives, 3 * TAKEN_OVER_WITHIN)
    assert lives.handled == [1]
    looking.cancel()


async def test_what_another_handles_in_time_is_left_to_it(
    store: Database, pass_time: PassTime
) -> None:
    other, lives = Process(store), Process(store)
    looking = asyncio.create_task(lives.intake.look_after_others())
    await other.intake.accept([message(1)])
    await passes(pass_time, lives, LEFT_SECONDS - LOOK_SECONDS)
    other.may_end.set()
    await other.intake.drain()
    await other.intake.accept([message(2)])  # another one: its time begins anew
    await passes(pass_time, lives, LEFT_SECONDS - LOOK_SECONDS)
    assert lives.handled == []
    looking.cancel()


async def test_the_look_out_survives_whatever_happens_to_one_look(
    store: Database, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    died, lives = Process(store), Process(store)
    lives.may_end.set()
    looks: list[int] = []
    look = lives.intake._look_for_left

    async def fails_at_first() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("disk I/O error")
        await look()

    monkeypatch.setattr(lives.intake, "_look_for_left", fails_at_first)
    looking = asyncio.create_task(lives.intake.look_after_others())
    await died.intake.accept([message(1)])
    await passes(pass_time, lives, TAKEN_OVER_WITHIN + LOOK_SECONDS)
    await until(lambda: lives.handled == [1])
    looking.cancel()
