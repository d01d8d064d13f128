"""Outcomes are written down together, and a slot is free only when its outcome is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from bot.telegram import recording
from bot.telegram.recording import GATHER_SECONDS, MOST_TRIES, RETRY_SECONDS, Recorder
from bot.telegram.slots import Slots
from data.errors import StoreBusy
from tests.waiting import PassTime, let_happen

NOW = datetime(2026, 7, 1, tzinfo=UTC)
FULL = 4


def attempt(number: int) -> Attempt:
    return Attempt(Delivery(number, MessageKind.CALL, Lane.RED, 1, 5), Result.SENT)


class Scene:
    """A recorder whose database fails for some deliveries, or at first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[list[int]] = []
        self.aside: list[int] = []
        self.outages = 0
        self.bad: set[int] = set()
        self.slots = Slots(0)
        monkeypatch.setattr(recording, "record", self._record)
        monkeypatch.setattr(recording, "set_aside", self._set_aside)
        database: Any = SimpleNamespace(run=self._run)
        self.recorder = Recorder(database, Rules(), lambda: NOW, self.slots, full=FULL)

    async def _run(self, unit: Callable[[Any], None]) -> None:
        if self.outages:
            self.outages -= 1
            raise StoreBusy("locked")
        unit(None)

    def _record(self, _c: Any, attempts: list[Attempt], _rules: Rules, now: datetime) -> None:
        assert now == NOW
        ids = [given.delivery.id for given in attempts]
        self.batches.append(ids)
        if self.bad & set(ids):
            raise ValueError("damaged")

    def _set_aside(self, _c: Any, given: Attempt, _now: datetime) -> None:
        self.aside.append(given.delivery.id)

    def add(self, *numbers: int, holds_slot: bool = True) -> None:
        self.recorder.claimed.update(numbers)
        for number in numbers:
            self.recorder.add(attempt(number), holds_slot=holds_slot)

    def free(self) -> int:
        """How many slots are free; they are taken by this."""
        found = 0
        while self.slots.take_at_once():
            found += 1
        return found


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


async def test_few_outcomes_wait_for_others_and_many_do_not(
    scene: Scene, still_time: PassTime
) -> None:
    running = asyncio.create_task(scene.recorder.run())
    assert not scene.recorder.busy
    scene.add(*range(FULL - 1))
    await let_happen()
    assert (scene.batches, scene.recorder.busy, scene.free()) == ([], True, 0)
    await still_time(GATHER_SECONDS)
    assert (scene.batches, scene.recorder.busy) == ([[0, 1, 2]], False)
    assert (scene.free(), scene.recorder.claimed) == (3, set())
    scene.add(*range(10, 10 + FULL))
    await let_happen()
    assert scene.batches[1:] == [[10, 11, 12, 13]]
    running.cancel()


async def test_what_was_not_sent_holds_no_slot(scene: Scene) -> None:
    scene.add(1, holds_slot=False)
    scene.add(2)
    scene.recorder.claimed.add(3)
    await scene.recorder.flush()
    assert (scene.batches, scene.free(), scene.recorder.claimed) == ([[1, 2]], 1, {3})
    await scene.recorder.flush()
    assert scene.batches == [[1, 2]]


async def test_an_outage_is_waited_for_however_long(scene: Scene, still_time: PassTime) -> None:
    scene.outages = MOST_TRIES + 2
    scene.add(1)
    flushing = asyncio.create_task(scene.recorder.flush())
    await let_happen()
    for _ in range(MOST_TRIES + 1):
        await still_time(RETRY_SECONDS)
        assert (scene.free(), scene.recorder.busy, scene.recorder.claimed) == (0, True, {1})
    await still_time(RETRY_SECONDS)
    await flushing
    assert (scene.batches, scene.free(), scene.recorder.busy) == ([[1]], 1, False)
    assert scene.aside == []


async def test_one_that_cannot_be_written_down_is_set_aside_after_some_tries(
    scene: Scene, still_time: PassTime
) -> None:
    scene.bad = {2}
    scene.add(1, 2, 3)
    flushing = asyncio.create_task(scene.recorder.flush())
    await let_happen()
    assert (scene.batches, scene.aside) == ([[1, 2, 3], [1], [2]], [])
    await still_time(RETRY_SECONDS)
    await flushing
    assert (scene.batches, scene.aside) == ([[1, 2, 3], [1], [2], [2], [3]], [2])
    assert (scene.free(), scene.recorder.claimed) == (3, set())


async def test_one_that_cannot_even_be_set_aside_holds_up_nobody(
    scene: Scene, still_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise ValueError("damaged")

    monkeypatch.setattr(recording, "set_aside", fails)
    scene.bad = {1}
    scene.add(1, 2)
    flushing = asyncio.create_task(scene.recorder.flush())
    await let_happen()
    await still_time(RETRY_SECONDS)
    await flushing
    assert (scene.batches[-1], scene.free(), scene.recorder.claimed) == ([2], 2, set())


async def test_slots_are_counted_and_one_may_be_waited_for() -> None:
    slots = Slots(2)
    await slots.take()
    assert slots.take_at_once() and not slots.take_at_once()
    waiting = asyncio.create_task(slots.take())
    await let_happen()
    assert not waiting.done()
    slots.give_back()
    await waiting
    assert not slots.take_at_once()
    slots.give_back()  # nobody waits any more
    slots.give_back()
    assert slots.take_at_once() and slots.take_at_once() and not slots.take_at_once()
