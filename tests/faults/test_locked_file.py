"""Another program locks the SQLite file for longer than a write waits."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.telegram.dispatcher import MOST_IN_FLIGHT
from tests.faults.counting import Count
from tests.faults.scene import scene_of
from tests.waiting import PATIENCE, until


async def test_a_locked_file_is_waited_for(
    tmp_path: Path, counted: Count, caplog: pytest.LogCaptureFixture
) -> None:
    async with scene_of(tmp_path, 300, per_second=400, patience=0.5) as scene:
        scene.release()
        pressed = await scene.some_are_called()
        thief = sqlite3.connect(tmp_path / "fault.db", isolation_level=None, timeout=PATIENCE)
        thief.execute("BEGIN IMMEDIATE")
        for chat in pressed:
            scene.tap(chat)
        await until(lambda: caplog.text.count("updates not taken in") > 1)
        assert not scene.answered()
        thief.execute("ROLLBACK")
        thief.close()
        await scene.until(lambda: scene.reached == 300, advancing=1)
        await scene.until(lambda: scene.answered() == set(pressed), advancing=1)
        await scene.until(lambda: scene.states() == {"sent": 300}, advancing=1)
        lost, twice = scene.lost_and_twice()
        counted(
            "SQLite 被锁 file locked",
            trials=300 + len(pressed),
            lost=lost,
            twice=twice,
            bound=MOST_IN_FLIGHT,
        )
