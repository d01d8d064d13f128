"""The disk is full, or read-only, while a warning goes out and is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.telegram.dispatcher import MOST_IN_FLIGHT
from tests.faults.counting import Count
from tests.faults.disk import Disk
from tests.faults.scene import scene_of
from tests.waiting import until

FAULTS = {"full": "磁盘满 disk full", "read-only": "文件只读 file read-only"}


@pytest.mark.parametrize("fault", list(FAULTS))
async def test_what_could_not_be_written_is_done_when_there_is_room(
    tmp_path: Path,
    counted: Count,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    monkeypatch.setattr("bot.telegram.intake.LONGEST_REST_SECONDS", 0.1)
    async with scene_of(tmp_path, 300, per_second=400) as scene:
        disk = Disk(scene.database)
        scene.release()
        pressed = await scene.some_are_called()
        disk.fails(fault)
        # A text that fits into no page that is there, so that the disk is full for sure.
        scene.server.people.send_text(scene.chats[0], "x" * 4000)
        for chat in pressed:
            scene.tap(chat)
        await until(lambda: "updates not taken in" in caplog.text)
        assert not scene.answered()
        disk.room = True
        await scene.until(lambda: scene.reached == 300, advancing=1)
        await scene.until(lambda: scene.answered() == set(pressed), advancing=1)
        await scene.until(lambda: scene.states() == {"sent": 300}, advancing=1)
        lost, twice = scene.lost_and_twice()
        counted(
            FAULTS[fault],
            trials=300 + len(pressed),
            lost=lost,
            twice=twice,
            bound=MOST_IN_FLIGHT,
        )
