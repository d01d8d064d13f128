"""Somebody who answers for several places: one message, one button, every place counted."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert

from alerts import progress_store
from data.tables.contacts import places, posts
from tests.roster import FLOOD_GROUP, VILLAGES
from tests.stories.story import story_of

ELSEWHERE = "222403102200"


async def test_one_message_names_the_places_and_one_answer_counts_for_all(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        head = story["村长0"]
        held = {"person_id": 10, "role": "village_responsible"}
        reservoir = {
            "code": "R1",
            "kind": "reservoir",
            "name": "红旗<b>水库",
            "division_code": VILLAGES[1],
        }
        more = [
            {**held, "division_code": ELSEWHERE, "place_code": ""},
            {**held, "division_code": VILLAGES[1], "role": "reservoir_head", "place_code": "R1"},
        ]
        database = story.app.database
        database.do(lambda c: c.execute(insert(places).values(reservoir)))
        database.do(lambda c: c.execute(insert(posts), more))
        await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移")
        await story["县指挥"].taps("确认发布")
        await story["县指挥"].sees("已发布")
        await story["县指挥"].sees("已回应")
        call = await head.sees("您负责", "红旗<b>水库", "一次回应，各处都算")
        for name in ("村长1", "村长2", "镇长"):
            assert "您负责" not in (await story[name].sees("立即转移"))["text"]
        await head.taps("收到")
        await story.settled()
        shown = head.shows(call)["text"]
        assert "已回应" in shown and "红旗<b>水库" in shown
        await head.sees("敦化市", chat=FLOOD_GROUP)
        found = database.read(
            lambda c: progress_store.of_divisions(c, 1, [VILLAGES[0], VILLAGES[1], ELSEWHERE, ""])
        )
        assert {code: (n.calls, n.answered) for code, n in found.items()} == {
            VILLAGES[0]: (1, 1),
            VILLAGES[1]: (2, 1),
            ELSEWHERE: (1, 1),
            "": (4, 1),
        }
        await story["县指挥"].says("/handbook 村长0")
        await story["县指挥"].sees("村长0", "➕")
