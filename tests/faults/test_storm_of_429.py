"""Telegram answers 429 and a waiting time: seconds for every chat, an hour for a few."""

from __future__ import annotations

from pathlib import Path

from bot.sandbox.bot_api.faults import Fault, FaultAction
from tests.faults.counting import Count
from tests.faults.scene import app_on, scene_of
from tests.waiting import PassTime


async def test_a_storm_is_waited_out_and_not_fought(
    tmp_path: Path, counted: Count, pass_time: PassTime
) -> None:
    now = 0.0
    async with scene_of(tmp_path, 300, monotonic=lambda: now) as scene:
        scene.server.faults.add(Fault(FaultAction.STORM, seconds=60.0))
        scene.release()
        sender = scene.app.lines[0].dispatcher
        assert sender is not None
        await scene.until(lambda: sender.halted_for > 0 and not sender._under_way)
        refused = scene.codes("sendMessage")[429]
        assert scene.reached == 0
        # What was under way when the first refusal came, and what another chat had to show.
        assert 1 <= refused <= 80
        now = 60.0
        await pass_time(60.0)
        await scene.until(lambda: scene.reached == 300, advancing=1)
        lost, twice = scene.lost_and_twice()
        counted("429 风暴 a storm of 429", trials=300, lost=lost, twice=twice, bound=0)


async def test_an_hour_for_one_chat_holds_up_nobody_else(tmp_path: Path, counted: Count) -> None:
    async with scene_of(tmp_path, 200) as scene:
        slow = scene.chats[::20]  # others in between are accepted: each wait is its chat's own
        for n, chat in enumerate(slow):
            wait = (1, 30, 60, 300, 900, 1800, 2400, 3000, 3300, 3600)[n]
            fault = Fault(
                FaultAction.ANSWER, "sendMessage", chat_id=chat, count=1, retry_after=wait
            )
            scene.server.faults.add(fault)
        scene.release()
        await scene.until(lambda: scene.reached >= 190 and not scene.app.busy)
        calls_by_chat = scene.got()
        assert all(calls_by_chat[chat] == 0 for chat in slow[1:])
        assert scene.states()["queued"] >= 9  # held in the database, with its time
        # The process is started anew an hour later: nothing was only in its memory.
        await scene.app.stop()
        scene.advance(3601)
        scene.app = await app_on(scene.server, scene.database, scene.clock)
        await scene.until(lambda: scene.reached == 200, advancing=1)
        lost, twice = scene.lost_and_twice()
        counted(
            "429，等 1 到 3,600 秒 429 for up to an hour",
            trials=10,
            lost=lost,
            twice=twice,
            bound=0,
        )
