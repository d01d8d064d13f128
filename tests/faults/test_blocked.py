"""A fifth of the people called have blocked the bot."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from data.tables.alerts import calls
from data.tables.contacts import people
from tests.faults.counting import Count
from tests.faults.scene import scene_of
from tests.roster import TOWNSHIP_DUTY


async def test_the_blocked_are_tried_once_and_told_to_the_tier_above(
    tmp_path: Path, counted: Count
) -> None:
    async with scene_of(tmp_path, 500) as scene:
        blocked = scene.chats[::5]
        for chat in blocked:
            scene.server.people.block_bot(chat)
        scene.release()
        await scene.until(lambda: scene.reached == 400)
        await scene.until(lambda: scene.states() == {"sent": 400, "failed": 100})
        assert scene.codes("sendMessage")[403] == 100  # once each
        known = select(people.c.telegram_id).where(people.c.contact == "blocked")
        assert set(scene.database.read(lambda c: c.execute(known).scalars())) == set(blocked)
        # They skip ahead: the duty officer above hears at once, not after the silent rungs.
        await scene.app.ticks.run("sweep")
        await scene.app.ticks.run("sweep")
        officer = TOWNSHIP_DUTY["telegram_id"]
        await scene.until(
            lambda: any(
                "未回应" in (message.get("text") or "")
                for message in scene.server.messages(officer)
            )
        )
        open_calls = select(calls.c.id).where(calls.c.state == "waiting", calls.c.due_at.is_(None))
        assert scene.database.read(lambda c: c.execute(open_calls).all()) == []  # none forgotten
        lost, twice = scene.lost_and_twice()
        counted("两成人屏蔽 20 % blocked", trials=500, lost=lost - 100, twice=twice, bound=0)
