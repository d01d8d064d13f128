"""A warning is changed while a request is under way: nobody goes on with the words of before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alerts.lifecycle import Change
from alerts.updates.changing import update
from bot.sandbox.bot_api.faults import Fault, FaultAction
from contacts import people_store
from tests.faults.counting import Count
from tests.faults.scene import Scene, scene_of
from tests.roster import COUNTY_COMMANDER


def change(scene: Scene, what: Change) -> None:
    def unit(c: Any) -> None:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        update(c, 1, what, by, scene.app.services.rules.warnings, scene.clock())

    scene.database.do(unit)


async def test_whose_call_was_under_way_hears_of_the_change(tmp_path: Path, counted: Count) -> None:
    """Telegram has shown the message, and says so only after the change."""
    async with scene_of(tmp_path, 9) as scene:
        slow = scene.chats[::3]
        for chat in slow:
            hang = Fault(FaultAction.HANG, "sendMessage", chat_id=chat, count=1, seconds=0.5)
            scene.server.faults.add(hang)
        scene.release()
        await scene.until(lambda: scene.states() == {"sent": 6, "claimed": 3})
        assert scene.reached == 9
        change(scene, Change(text="全部撤到村部"))
        await scene.until(lambda: not scene.pending(), advancing=1)

        def told(chat: int) -> int:
            texts = [message["text"] for message in scene.server.messages(chat)]
            return sum("预警有变化" in text and "全部撤到村部" in text for text in texts)

        counted(
            "变更时请求在途 a change while requests are under way",
            trials=9,
            lost=sum(not told(chat) for chat in scene.chats),
            twice=sum(told(chat) > 1 for chat in scene.chats),
            bound=0,
        )
