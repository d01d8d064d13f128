"""The PostgreSQL server is restarted, or killed, while a warning goes out and is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.telegram.dispatcher import MOST_IN_FLIGHT
from tests.databases import UPGRADED
from tests.faults.counting import Count
from tests.faults.scene import scene_of
from tests.postgresql import Server

FAULTS = {False: "PostgreSQL 重启 restarted", True: "PostgreSQL 被 kill -9 killed"}


@pytest.mark.parametrize("kill", [False, True], ids=["restarted", "killed"])
async def test_a_server_that_comes_back_finds_everything_going_on(
    tmp_path: Path, postgresql: Server, counted: Count, kill: bool
) -> None:
    url = postgresql.url(UPGRADED.postgresql(postgresql))
    async with scene_of(tmp_path, 300, per_second=200, url=url) as scene:
        scene.release()
        pressed = await scene.some_are_called()
        for chat in pressed[:20]:
            scene.tap(chat)
        await asyncio.to_thread(postgresql.stop, kill=kill)
        for chat in pressed[20:]:
            scene.tap(chat)
        await asyncio.sleep(1.0)  # how long the outage lasts; nothing hangs on it
        await asyncio.to_thread(postgresql.start)
        await scene.until(lambda: scene.reached == 300, advancing=1)
        await scene.until(lambda: scene.answered() == set(pressed), advancing=1)
        await scene.until(lambda: scene.states() == {"sent": 300}, advancing=1)
        lost, twice = scene.lost_and_twice()
        counted(
            FAULTS[kill],
            trials=300 + len(pressed),
            lost=lost,
            twice=twice,
            bound=MOST_IN_FLIGHT,
        )
