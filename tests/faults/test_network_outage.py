"""The network is away for thirty seconds in the middle of an alert."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.telegram.dispatcher import MOST_IN_FLIGHT
from tests.faults.counting import Count
from tests.faults.scene import scene_of
from tests.waiting import let_happen


async def test_everybody_is_called_once_the_network_is_back(tmp_path: Path, counted: Count) -> None:
    async with scene_of(tmp_path, 300, per_second=400) as scene:
        scene.release()
        pressed = await scene.some_are_called()
        await scene.server.refuse_connections()
        await let_happen()  # what the server had already read
        before = scene.reached
        assert before < 250, "the outage came too late"
        for chat in pressed:  # their phones have a network, ours has none
            scene.tap(chat)
        for _ in range(30):
            scene.advance(1)
            await asyncio.sleep(0.05)
        assert scene.reached == before
        await scene.server.accept_connections()
        await scene.until(lambda: scene.reached == 300, advancing=5)
        await scene.until(lambda: set(pressed) <= scene.answered())
        lost, twice = scene.lost_and_twice()
        assert set(scene.answered()) == set(pressed)
        counted(
            "断网 30 秒 network gone for 30 s",
            trials=300 + len(pressed),
            lost=lost,
            twice=twice,
            bound=MOST_IN_FLIGHT,
        )
