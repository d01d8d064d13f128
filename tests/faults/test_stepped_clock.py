"""The machine's clock is set an hour forward or back while people are being called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.services.clocks import SteadyClock
from data.tables.alerts import deliveries
from tests.faults.counting import Count
from tests.faults.scene import Scene, scene_of

PERSONS = 200
REMIND = 5 * 60
"""Seconds after which an orange call is repeated."""


class Machine(SteadyClock):
    """The bot's clock on a machine whose wall clock the test can set."""

    def __init__(self) -> None:
        self._seconds, self._off = 0.0, timedelta(0)
        start = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
        super().__init__(
            lambda: start + timedelta(seconds=self._seconds) + self._off, lambda: self._seconds
        )

    def advance(self, by: timedelta) -> None:
        """Time passes."""
        self._seconds += by.total_seconds()

    def step(self, by: timedelta) -> None:
        """Somebody sets the clock; no time passes."""
        self._off += by


def reminders(scene: Scene) -> int:
    query = select(func.count()).where(deliveries.c.kind == "remind")
    return scene.database.read(lambda c: int(c.execute(query).scalar_one()))


@pytest.mark.parametrize("hours", [1, -1])
async def test_the_ladder_is_neither_hurried_nor_halted(
    tmp_path: Path, counted: Count, hours: int
) -> None:
    clock = Machine()
    async with scene_of(tmp_path, PERSONS, clock=clock) as scene:
        scene.release()
        await scene.until(lambda: scene.states() == {"sent": PERSONS}, advancing=0.01)
        clock.step(timedelta(hours=hours))
        await scene.app.ticks.run("sweep")
        early = reminders(scene)
        scene.advance(REMIND - 30)
        await scene.app.ticks.run("sweep")
        early += reminders(scene)
        scene.advance(60)
        await scene.app.ticks.run("sweep")
        sent = reminders(scene)
        counted(
            f"系统时钟 {hours:+d} 小时 clock stepped: 提醒 reminders",
            trials=PERSONS,
            lost=PERSONS - sent,
            twice=early,
            bound=0,
        )
