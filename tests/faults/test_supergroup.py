"""Groups become supergroups with new ids while a warning is being posted to them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert

from data.tables.contacts import groups
from tests.faults.counting import Count
from tests.faults.scene import OFFICERS, scene_of
from tests.roster import BOT_ID, COUNTY

GROUPS = range(-2020, -2000)


async def test_the_post_arrives_under_the_new_id_once(tmp_path: Path, counted: Count) -> None:
    async with scene_of(tmp_path, 50) as scene:
        for group in GROUPS:
            members = [row["telegram_id"] for row in OFFICERS]
            scene.server.people.add_group(group, f"防汛群{group}", members, kind="group")
            scene.server.groups.add_bot(group)
        rows = [
            {"chat_id": group, "title": f"防汛群{group}", "division_code": COUNTY}
            | {"purpose": "flood", "bot_id": BOT_ID}
            for group in GROUPS
        ]
        scene.database.do(lambda c: c.execute(insert(groups), rows))
        # Half of them before the release, half with the post on its way.
        early, late = GROUPS[:10], GROUPS[10:]
        new = [scene.server.groups.migrate(group) for group in early]
        scene.release()
        new += [scene.server.groups.migrate(group) for group in late]
        await scene.until(lambda: scene.reached == 50, advancing=1)
        await scene.until(lambda: not scene.pending(), advancing=1)
        posts = [
            sum(
                "立即转移低洼地群众" in (message.get("text") or "")
                for message in scene.server.messages(chat)
            )
            for chat in new
        ]
        counted(
            "群升级为超级群 group turned supergroup",
            trials=len(GROUPS),
            lost=posts.count(0),
            twice=sum(number - 1 for number in posts if number),
            bound=0,
        )
