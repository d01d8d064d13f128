"""A card is edited when what it shows has changed, and Telegram is asked for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.cards.progress_cards import queue_edits, stale_cards
from data.tables.alerts import deliveries
from tests.roster import FLOOD_GROUP
from tests.stories.story import Story, story_of


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def released(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移低洼地群众")
    await chief.sees("发布前请核对")
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("敦化市暴雨红色预警")
    await story["村长0"].sees("敦化市暴雨红色预警", chat=FLOOD_GROUP)


def not_modified(story: Story) -> int:
    """How often Telegram answered that an edit changed nothing."""
    dispatcher = story.app.lines[0].dispatcher
    assert dispatcher is not None
    return dispatcher.results["not_modified"]


async def test_a_card_just_sent_is_not_edited(story: Story) -> None:
    await released(story)
    await story.tick()
    assert not_modified(story) == 0


async def test_an_answer_between_looking_and_showing_costs_no_second_edit(story: Story) -> None:
    await released(story)
    await story.tick()
    database, now = story.app.database, story.clock()
    await story["村长0"].taps("收到")
    stale = database.read(lambda c: stale_cards(c, now))
    assert len(stale) == 2  # the commander's card and the group's post
    await story["村长1"].taps("收到")  # before the edit is rendered: it shows both answers
    database.do(lambda c: queue_edits(c, stale, now))
    story.app.look_again()
    await story.settled()
    await story.tick()  # the counts differ from those of the edit before: it is queued again
    assert not_modified(story) == 0
    why = select(deliveries.c.error).where(deliveries.c.error == "unchanged")
    assert len(database.read(lambda c: c.execute(why).all())) >= 2
    card = story["县指挥"].last_with("未回应")
    assert "2 / 4" in card["text"]
    await story["村长2"].taps("收到")
    await story.tick()
    assert "3 / 4" in story["县指挥"].last_with("未回应")["text"]
    assert not_modified(story) == 0
