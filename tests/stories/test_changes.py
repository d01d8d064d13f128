"""A warning changes while it runs, as its people read it: raised, extended, narrowed, lifted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.lifecycle import Change
from alerts.model import Level
from alerts.updates.changing import changed, update
from bot.views.clock import BEIJING
from contacts import people_store
from tests.roster import COUNTY_COMMANDER, FLOOD_GROUP, VILLAGES
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import LINE, data_of
from tests.stories.test_late_acts import take_the_rest
from tests.stories.test_late_reports import said

pytestmark = pytest.mark.one_database


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def change(story: Story, what: Change) -> None:
    """As the county's commander does by their buttons."""
    services = story.app.services
    rules, now = services.rules.warnings, services.clock()

    def unit(c: Any) -> None:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        counted = changed(c, 1, what, by, rules, now)
        update(c, 1, what, by, rules, now, counted=counted)

    await services.database.run(unit)
    await story.settled()


def time(story: Story) -> str:
    """The time now, as people read it."""
    return f"{story.clock().astimezone(BEIJING):%H:%M}"


async def test_a_warning_raised_is_one_card_whose_button_says_its_time(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(LINE.replace("红色", "橙色").replace("红", "橙"))
    await chief.taps("确认发布")
    await story.settled()
    head, other = story["村长0"], story["村长1"]
    first = said(story, "村长1", "橙色预警")
    assert buttons(first) == [f"✅ 收到 {time(story)}"]
    old = data_of(first)
    await head.taps("收到")
    await story.settled()
    await story.fast_forward(minutes=20)
    posts = story.server.messages(FLOOD_GROUP)
    named = next(found for found in posts if "没有回应" in found["text"])

    await change(story, Change(level=Level.RED, text="立即转移"))
    # Who was silent before is named no more, nor called one who answered.
    for _ in range(2):
        renamed = story["村长1"].shows(named)
        assert "请看下面的新消息" in renamed["text"] and not buttons(renamed)
        await story.tick()
    asked = said(story, "村长0", "由橙色升级为红色")
    assert "信号" not in asked["text"]  # the weather service has raised nothing
    rose = time(story)
    assert "立即转移" in asked["text"] and buttons(asked) == [f"✅ 收到 {rose}"]
    # The old message has lost its button; whoever pressed it while it was still there is asked.
    assert not buttons(other.shows(first))
    forged = await other.forges(old, message_id=first["message_id"])
    assert f"{rose} 有更新" in forged
    assert "已记录" in await other.taps(f"收到 {rose}")
    await story.settled()
    await story.tick()
    group = said(story, "县指挥", "红色预警")  # the commander's card says it, too
    assert "已回应 1 / 4" in group["text"]

    await head.taps(f"收到 {rose}")
    await change(story, Change(longer=timedelta(hours=6)))
    news = said(story, "村长0", "预警有变化")
    assert "有效期延长至" in news["text"] and "不用再按" in news["text"] and not buttons(news)

    await change(story, Change(remove=VILLAGES[:1]))
    left = said(story, "村长0", "您这里不再适用")
    assert "不用再执行" in left["text"] and "不得返回" in left["text"]
    await story.fast_forward(minutes=3)

    news = said(story, "村长2", "预警有变化")
    assert "请立即按" in news["text"] and buttons(news)
    await chief.taps("解除预警")
    await chief.taps("确定解除")
    await story.settled()
    news = said(story, "村长2", "预警有变化")
    assert "有效期延长至" in news["text"] and "本次预警已解除" in news["text"]
    assert "按「收到」" not in news["text"] and not buttons(news)
    take_the_rest(story)
