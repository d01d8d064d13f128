"""Two processes share one token but no database: one polls Telegram, the other waits."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.telegram import intake
from data.database import Database
from tests.faults.counting import Count
from tests.faults.scene import app_on, scene_of
from tests.roster import fill

REST_SECONDS = 0.1


async def test_two_pollers_do_not_fight(
    tmp_path: Path, counted: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "CONFLICT_REST_SECONDS", REST_SECONDS)
    async with scene_of(tmp_path, 100) as scene:
        scene.release()
        await scene.until(lambda: scene.reached == 100)
        other = Database(f"sqlite:///{tmp_path}/other.db", synchronous="normal")
        fill(other)
        second = await app_on(scene.server, other, scene.clock)
        try:
            before, began = len(scene.server.calls), time.monotonic()
            await asyncio.sleep(8 * REST_SECONDS)
            rests = (time.monotonic() - began) / REST_SECONDS
            polls = sum(
                row["method"] == "getUpdates" for row in scene.server.calls.rows(before, 100_000)
            )
            assert polls <= 2 * rests + 2, f"{polls} polls in {rests} rests: they fight"
        finally:
            await second.stop()
            other.close()
        # The first one has it to itself again, and hears everything from now on.
        for chat in scene.chats:
            scene.tap(chat)
        await scene.until(lambda: scene.answered() == set(scene.chats))
        counted("两个进程同一令牌 409 two pollers", trials=100, lost=0, twice=0, bound=0)
