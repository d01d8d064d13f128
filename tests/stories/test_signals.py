"""A warning quotes the weather service's signal: whose, and that it may quote another's or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts import alert_store
from tests import elsewhere
from tests.roster import FLOOD_GROUP, VILLAGERS
from tests.stories.story import Story, buttons, story_of

CALLED = ("村长0", "村长1", "村长2", "镇长")
LINE = "/warn 红 暴雨 敦化市 立即转移"
OWN = "📡 敦化市气象台发布暴雨红色预警信号"
ABOVE = "📡 吉林省气象台发布暴雨红色预警信号"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


def kept(story: Story) -> str | None:
    found = story.app.database.read(alert_store.alerts)
    (alert,) = [alert for alert in found if alert.id != elsewhere.ALERT]
    return alert.issued_by


async def everybody_reads(story: Story, *words: str) -> None:
    for name in CALLED:
        await story[name].sees(*words)
    await story["村长0"].sees(*words, chat=FLOOD_GROUP)
    await story["县指挥"].sees("已回应")


async def test_the_signal_is_quoted_with_who_issued_it_and_kept(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.sees(OWN, "立即转移")
    await chief.taps("确认发布")
    await everybody_reads(story, OWN, "立即转移", "【敦化市防汛抗旱指挥部】")
    assert kept(story) == "敦化市气象台"
    await story["村长0"].taps("收到")
    shown = next(
        message
        for message in reversed(story.server.messages(VILLAGERS[0]["telegram_id"]))
        if "已回应" in message["text"]
    )
    assert OWN in shown["text"]


async def test_the_service_above_is_quoted_or_none(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE)
    preview = await chief.sees(OWN)
    await chief.taps("改信号来源", message=preview)
    assert "📡 延边州气象台发布" in chief.shows(preview)["text"]
    await chief.taps("改信号来源", message=preview)
    assert ABOVE in chief.shows(preview)["text"]
    await chief.taps("改信号来源", message=preview)
    assert "没有引用气象信号" in chief.shows(preview)["text"]
    await chief.taps("改信号来源", message=preview)
    assert OWN in chief.shows(preview)["text"]
    for _ in range(2):
        await chief.taps("改信号来源", message=preview)
    await chief.taps("确认发布")
    await everybody_reads(story, ABOVE)
    assert kept(story) == "吉林省气象台"


async def test_what_has_no_signal_quotes_none(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 洪水 敦化市 立即转移")
    preview = await chief.sees("立即转移")
    assert "📡" not in preview["text"]
    assert "改信号来源" not in " ".join(buttons(preview))
    await chief.taps("改灾害", message=preview)
    await chief.taps("暴雨")
    assert OWN in chief.shows(preview)["text"]
