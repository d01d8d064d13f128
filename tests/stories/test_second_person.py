"""A warning that waits for a second person: who was asked, until when; nobody else knows of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alerts import alert_store
from alerts.lookup import watched_alert
from alerts.model import State
from bot.board.facts import Viewer, board_facts
from contacts import people_store
from contacts.leaving import retire
from contacts.people import Role
from data.errors import NotFound
from tests.roster import CITY, COUNTY, person
from tests.stories.story import Story, buttons, story_of

CLERK = person(80, "州文员", CITY, Role.STAFF)
CITY_DUTY = person(81, "州值班", CITY, Role.DUTY_OFFICER)
LINE = "/warn 红 暴雨 延边朝鲜族自治州 立即转移"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, more=(CLERK, CITY_DUTY)) as running:
        yield running


async def propose(story: Story) -> int:
    first = story["州指挥"]
    await first.says(LINE)
    preview = await first.sees("第二名指挥员")
    await first.taps("确认发布", message=preview)
    waits = first.shows(preview)["text"]
    assert "等待第二人确认" in waits
    assert "州主任" in waits
    assert "199 0000 0003" in waits  # the director of the same prefecture
    assert "省指挥" in waits
    assert "199 0000 0001" in waits  # whoever is to be rung up, whatever their tier
    assert "前没有人确认，就不会发出" in waits
    (alert,) = story.app.database.read(lambda c: alert_store.alerts(c, State.PENDING))
    return alert.id


async def test_the_request_says_who_asks_who_was_asked_and_until_when(story: Story) -> None:
    await propose(story)
    asked = await story["州主任"].sees("请您确认发布", "州指挥", "199 0000 0002", "前没有人确认")
    assert buttons(asked)[0] == "✅ 确认发布 🔴红·延边州·叫应7人"
    await story["省指挥"].sees("请您确认发布", "199 0000 0003")


async def test_where_nobody_can_confirm_the_duty_officer_above_is_named(story: Story) -> None:
    def leave(c) -> None:
        for name in ("州主任", "省指挥"):
            retire(c, story[name].row["id"], story.clock())

    story.app.database.do(leave)
    first = story["州指挥"]
    await first.says(LINE)
    preview = await first.sees("第二名指挥员")
    await first.taps("确认发布", message=preview)
    waits = first.shows(preview)["text"]
    assert "没有别的指挥员可以确认" in waits
    assert "州值班 199 0000 0081" in waits


async def test_what_waits_is_shown_as_waiting_and_not_as_a_hundred_percent(story: Story) -> None:
    alert_id = await propose(story)
    for name in ("州主任", "省指挥"):
        await story[name].sees("请您确认发布")
        await story[name].says("/status")
        listed = await story[name].sees("待第二人确认", "还没有叫应任何人")
        assert "%" not in listed["text"].split("双阳区")[0]  # of the warning elsewhere
        await story[name].taps("延边州暴雨红色预警", message=listed)
        card = story[name].shows(listed)["text"]
        assert "等待第二人确认" in card
        assert "州指挥" in card
        assert "%" not in card
    facts = story.app.database.read(lambda c: board_facts(c, viewer(story, c, 1), story.clock()))
    (shown,) = [alert for alert in facts["alerts"] if alert["id"] == alert_id]
    assert shown["pending"]
    assert shown["total"]["answered"] == 0


@pytest.mark.parametrize("name", ["县指挥", "村长0", "州文员", "州值班"])
async def test_nobody_else_knows_of_it(story: Story, name: str) -> None:
    alert_id = await propose(story)
    await story["州主任"].sees()
    await story["省指挥"].sees()
    await story[name].says("/status")
    assert "延边州" not in (await story[name].sees())["text"]
    await story[name].forges(f"s:{alert_id}")
    await story[name].forges(f"lk:{alert_id}")

    def look(c) -> None:
        someone = people_store.person(c, story[name].row["id"])
        assert someone is not None
        with pytest.raises(NotFound):
            watched_alert(c, alert_id, someone)
        facts = board_facts(c, Viewer(someone, story.app.services.gazetteer), story.clock())
        assert alert_id not in [alert["id"] for alert in facts["alerts"]]
        assert "延边州暴雨" not in json.dumps(facts, ensure_ascii=False)

    story.app.database.read(look)
    assert COUNTY


def viewer(story: Story, c, person_id: int) -> Viewer:
    found = people_store.person(c, person_id)
    assert found is not None
    return Viewer(found, story.app.services.gazetteer)
