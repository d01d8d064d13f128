"""The trail (留痕) of what people did: each act once, by whom, about what."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from data.audit import audit, verify
from tests.roster import COUNTY_COMMANDER, RANGER, TOWNSHIP_DUTY, VILLAGERS
from tests.security.scene import forget
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release

HEAD, CHIEF = VILLAGERS[0]["id"], COUNTY_COMMANDER["id"]


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running
        forget(running)


def trail(story: Story) -> list[tuple[str, str, int | None]]:
    """Action, kind of thing, and who; nothing of the divisions and the bot, which were there."""
    query = select(audit.c.action, audit.c.subject, audit.c.actor).order_by(audit.c.seq)
    rows = story.app.database.read(lambda c: c.execute(query).all())
    assert story.app.database.read(verify).broken is None
    return [
        (row.action, row.subject.partition(":")[0], row.actor)
        for row in rows
        if not row.subject.startswith(("bot:", "roster"))
    ]


async def test_of_a_warning(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head, chief = story["村长0"], story["县指挥"]
    await head.taps("收到")
    await head.taps("已转移群众")
    await head.says("12户 35人")
    await story.fast_forward(minutes=8)
    officer = story["镇值班"]
    await officer.taps("已电话叫应", message=officer.last_with("已电话叫应"))
    await chief.taps("销号")
    await chief.taps("写明原因并销号")
    await chief.says("全部已电话核实")
    await chief.taps("确定销号：全部已电话核实")
    found = trail(story)
    by_people = [entry for entry in found if entry[2] is not None]
    assert by_people == [
        ("alert.released", "alert", CHIEF),
        ("call.acknowledged", "call", HEAD),
        ("call.reported", "call", HEAD),
        ("call.proxied", "call", TOWNSHIP_DUTY["id"]),
        ("alert.closed", "alert", CHIEF),
    ]
    by_itself = [action for action, _, actor in found if actor is None]
    assert by_itself.count("call.reminded") == 3
    assert by_itself.count("call.stand_in_due") == 3
    assert by_itself.count("call.stand_in") == 0  # the one village with a deputy had answered
    assert by_itself.count("call.to_duty_officer") == 3


async def test_of_a_patrollers_day(story: Story) -> None:
    ranger = story["护林员"]
    story.server.people.send_location(ranger.id, 43.372, 128.232, horizontal_accuracy=8)
    await story.settled()
    await ranger.says("🆘 求救")
    await ranger.taps("立即求救")
    await story["县值班"].taps("我来处置")
    await story.settled()
    by_people = [entry for entry in trail(story) if entry[2] is not None]
    assert by_people[0] == ("position.reported", "person", RANGER["id"])
    actions = [(action, actor) for action, _, actor in by_people[1:]]
    assert actions[0] == ("distress.raised", RANGER["id"])
    assert actions[-1] == ("distress.taken", story["县值班"].row["id"])


async def test_of_a_warning_that_is_cancelled(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    await story["县指挥"].taps("取消预警")
    await story["县指挥"].taps("确定取消")
    assert trail(story) == [
        ("alert.released", "alert", CHIEF),
        ("alert.cancelled", "alert", CHIEF),
    ]


async def test_a_change_of_language_and_a_block_are_in_it(story: Story) -> None:
    head = story["村长0"]
    await head.says("/lang en")
    story.server.people.block_bot(head.id)
    await story.settled()
    assert [action for action, _, _ in trail(story)] == ["person.language", "person.contact"]
