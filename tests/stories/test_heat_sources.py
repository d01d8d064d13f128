"""A commander lists the places ignored as steady heat sources, and has one watched again."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.patrol.hotspots.heat_source_store import add_source, known_sources
from tests.roster import COUNTY
from tests.stories.story import Story, buttons, story_of


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_a_commander_un_learns_a_heat_source(story: Story) -> None:
    database = story.app.database
    database.do(lambda c: add_source(c, 128.2, 43.4, COUNTY, 3, story.clock()))
    for name in ("县值班", "县指挥"):
        await story[name].says("/hotspots")
        message = await story[name].sees("没有要核查的热点")
        assert any("已知热源 1 处" in text for text in buttons(message))
        await story[name].taps("已知热源")
        listed = await story[name].sees("已知热源 1 处", "敦化市", "43.40000,128.20000")
        assert bool(buttons(listed)) == (name == "县指挥")  # the officer reads, only
    await story["县指挥"].taps("取消 #1")
    await story.settled()
    assert database.read(known_sources) == []
    await story["县指挥"].says("/hotspots")
    message = await story["县指挥"].sees("没有要核查的热点")
    assert not any("已知热源" in text for text in buttons(message))
