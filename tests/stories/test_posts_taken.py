"""``person drop``: one post less; who loses a command by it is asked about, and told of above."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import insert

from contacts import people_store
from contacts.people import Role
from data.tables.contacts import posts
from tests.roster import COUNTY, COUNTY_COMMANDER, TOWNSHIP, VILLAGERS, VILLAGES
from tests.stories.command_line import CommandLine
from tests.stories.story import story_of


async def test_a_post_is_dropped_and_the_tier_above_hears_of_a_command(tmp_path: Path) -> None:
    async with story_of(tmp_path) as story:
        run, database = CommandLine(tmp_path), story.app.database
        more = [
            {"person_id": COUNTY_COMMANDER["id"], "division_code": TOWNSHIP, "role": "staff"},
            {"person_id": VILLAGERS[0]["id"], "division_code": VILLAGES[1], "role": "ranger"},
            {"person_id": VILLAGERS[0]["id"], "division_code": VILLAGES[2], "role": "ranger"},
        ]
        database.do(lambda c: c.execute(insert(posts), more))

        def held(row: dict) -> list[tuple[str, Role]]:
            found = database.read(lambda c: people_store.person(c, row["id"]))
            assert found is not None
            return [(post.division_code, post.role) for post in found.posts]

        # Which one is asked for, and nothing is done.
        head, chief = VILLAGERS[0], COUNTY_COMMANDER
        asked = await run("person", "drop", head["phone"], "--role", "巡护员")
        assert asked.code == 1 and asked.out.count("巡护员") == 2, asked.out
        none = await run("person", "drop", head["phone"], "--role", "网格员")
        assert none.code == 1 and "没有这个职务" in none.out and "包保责任人" in none.out
        assert len(held(head)) == 3
        done = await run("person", "drop", head["phone"], "--area", VILLAGES[2])
        assert done.code == 0 and "不再是" in done.out
        assert (VILLAGES[2], Role.RANGER) not in held(head) and len(held(head)) == 2

        # A command is asked about, then taken; those above hear of it at once.
        asked = await run("person", "drop", chief["phone"], "--role", "指挥长")
        assert asked.code == 1 and "‼️" in asked.out and "--yes" in asked.out
        assert held(chief)[0] == (COUNTY, Role.COMMANDER)
        done = await run("person", "drop", chief["phone"], "--role", "指挥长", "--yes")
        assert done.code == 0 and "‼️" in done.out
        assert held(chief) == [(TOWNSHIP, Role.STAFF)]
        await story.fast_forward(minutes=3)  # the command line has a clock of its own
        for name in ("州指挥", "州主任"):
            await story[name].sees("不再是", "敦化市", "指挥长", "县指挥")
        await story["县指挥"].says("/warn 红 暴雨 敦化市 立即转移")
        await story["县指挥"].sees("只有指挥员能做")
        last = await run("person", "drop", chief["phone"])
        assert last.code == 1 and "唯一的职务" in last.err + last.out
