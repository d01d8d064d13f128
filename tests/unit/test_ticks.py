"""The runner of periodic jobs (ticks): what is due is done, and a failing job stops no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.schedule import Tick, TickRunner, first_looks, schedule
from bot.services.async_database import AsyncDatabase
from data.database import Database

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class TickWorld:
    def __init__(self, database: AsyncDatabase) -> None:
        self.database = database
        self.now = NOON
        self.found: Any = [1, 2]
        self.done: list[tuple[Any, datetime]] = []

    def runner(self, *names: str, **more: Any) -> TickRunner:
        async def work(found: Any, now: datetime) -> None:
            if found == "trouble":
                raise RuntimeError(found)
            self.done.append((found, now))

        ticks = [Tick(name, 5.0, lambda _c, _now: self.found, work, **more) for name in names]
        return TickRunner(ticks, self.database, lambda: self.now)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TickWorld]:
    blocking = Database(f"sqlite:///{tmp_path}/ticks.db", synchronous="normal")
    database = AsyncDatabase(blocking, readers=1, name="test")
    yield TickWorld(database)
    database.close()
    blocking.close()


async def test_what_is_found_is_done_and_nothing_else(world: TickWorld) -> None:
    runner = world.runner("cards")
    await runner.run("cards")
    assert world.done == [([1, 2], NOON)]
    assert runner.finished == {"cards": NOON}
    world.found, world.now = [], NOON + timedelta(seconds=5)
    await runner.run("cards")
    assert world.done == [([1, 2], NOON)]
    assert runner.finished == {"cards": world.now}  # it looked, and there was nothing to do


async def test_all_run_in_their_order_but_those_left_out(world: TickWorld) -> None:
    runner = world.runner("first", "second", "third")
    await runner.run_all(except_for={"second"})
    assert list(runner.finished) == ["first", "third"]


async def test_each_is_looked_at_again_when_its_time_has_passed(world: TickWorld) -> None:
    runner = world.runner("sweep")
    assert runner.just_looked_at() == set()
    await runner.run("sweep")
    (tick,) = runner.ticks
    for seconds, waits in ((tick.every - 0.1, {"sweep"}), (tick.every, set())):
        world.now = NOON + timedelta(seconds=seconds)
        assert runner.just_looked_at() == waits


async def test_one_that_settles_does_nothing_at_first(world: TickWorld) -> None:
    runner = world.runner("check_ins", settling=timedelta(seconds=20))
    for second in (0, 19):
        world.now = NOON + timedelta(seconds=second)
        await runner.run("check_ins")
    assert world.done == [] and runner.finished == {}
    world.now = NOON + timedelta(seconds=20)
    await runner.run("check_ins")
    assert world.done == [([1, 2], world.now)]


async def test_a_failure_is_raised_by_hand_and_logged_by_the_clock(
    world: TickWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.found = "trouble"
    runner = world.runner("sweep")
    with pytest.raises(RuntimeError):
        await runner.run("sweep")
    with caplog.at_level(logging.ERROR):
        await runner.run_by_the_clock("sweep")
    assert "tick sweep failed" in caplog.text
    assert runner.finished == {}


async def test_nothing_runs_while_another_process_keeps_the_schedule(world: TickWorld) -> None:
    ours = [False]
    ticks = world.runner("sweep").ticks
    runner = TickRunner(ticks, world.database, lambda: world.now, may_run=lambda: ours[0])
    await runner.run_by_the_clock("sweep")
    assert world.done == []
    ours[0] = True
    await runner.run_by_the_clock("sweep")
    assert world.done == [([1, 2], NOON)]


async def test_what_runs_is_ended_between_two_units_and_waited_for(world: TickWorld) -> None:
    """The schedule passes to another process: only then is its lease let go."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(_found: Any, _now: datetime) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    tick = Tick("sweep", 5.0, lambda _c, _now: True, work)
    runner = TickRunner([tick], world.database, lambda: world.now)
    running = asyncio.create_task(runner.run_by_the_clock("sweep"))
    await begun.wait()
    await runner.halt()
    assert ended.is_set()
    await running  # whoever started it hears of no error
    assert runner.finished == {}
    await runner.halt()  # nothing runs: nothing to wait for


def test_every_row_becomes_a_job(world: TickWorld) -> None:
    runner = world.runner("distress", "sweep")
    jobs = schedule(runner).get_jobs()
    assert [job.name for job in jobs] == ["distress", "sweep"]
    assert all(job.trigger.interval == timedelta(seconds=5) for job in jobs)
    assert all(job.max_instances == 1 and job.coalesce for job in jobs)


def test_ticks_of_one_interval_take_turns_within_it(world: TickWorld) -> None:
    """All at one moment they would make whoever taps then wait for all of them."""
    runner = world.runner("albums", "cards", "lists", "tasks", "sweep")
    slow = Tick("copies", 60.0, lambda _c, _now: None, runner.ticks[0].work)
    assert first_looks([*runner.ticks, slow]) == [1.0, 2.0, 3.0, 4.0, 5.0, 60.0]
    began = datetime.now(UTC)
    starts = [job.trigger.start_date - began for job in schedule(runner).get_jobs()]
    apart = [late - early for early, late in pairwise(starts)]
    assert apart == [timedelta(seconds=1)] * 4
