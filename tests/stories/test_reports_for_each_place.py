"""Somebody who answers for several places reports on each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert

from alerts import help_store, progress_store
from data.tables.contacts import places, posts
from tests.roster import VILLAGES
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release

ELSEWHERE = "222403102200"
RESERVOIR = {"code": "R1", "kind": "reservoir", "name": "红旗水库", "division_code": VILLAGES[1]}


@pytest.fixture
async def story(tmp_path: Path):
    """村长0, who answers for a village, another one elsewhere and a reservoir, has answered."""
    async with story_of(tmp_path) as running:
        held = {"person_id": 10, "role": "village_responsible", "place_code": ""}
        more = [
            held | {"division_code": ELSEWHERE},
            held | {"division_code": VILLAGES[1], "role": "reservoir_head", "place_code": "R1"},
        ]
        database = running.app.database
        database.do(lambda c: c.execute(insert(places).values(RESERVOIR)))
        database.do(lambda c: c.execute(insert(posts), more))
        await release(running)
        await everybody_is_called(running)
        await running["村长0"].taps("收到")
        await running.settled()
        yield running


def told(story: Story, *codes: str) -> list[tuple[int, int, int]]:
    """Of each division: who has reported, households and persons moved."""
    found = story.app.database.read(lambda c: progress_store.of_divisions(c, 1, list(codes)))
    return [(found[n].reported, found[n].households, found[n].persons) for n in codes]


async def test_each_place_is_reported_on_by_itself(story: Story) -> None:
    head = story["村长0"]
    card = head.last_with("分别报告各处")
    await head.taps("分别报告各处")
    listed = await head.sees("您负责 3 处，已报告 0 处", "红旗水库：未报告")
    await head.taps("红旗水库")
    assert "红旗水库：做了什么" in head.shows(listed)["text"]
    await head.taps("已转移群众", message=listed)
    await head.sees("红旗水库转移了多少户")
    await head.says("12户 35人")
    await head.sees("红旗水库 已转移群众：12 户 35 人")
    assert told(story, VILLAGES[0], VILLAGES[1], ELSEWHERE) == [(0, 0, 0), (1, 12, 35), (0, 0, 0)]
    assert "红旗水库 已转移群众：12 户 35 人" in head.shows(card)["text"]

    await head.taps("回到各处", message=listed)
    assert "已报告 1 处" in head.shows(listed)["text"]
    elsewhere = next(text for text in buttons(head.shows(listed)) if text.startswith("▫️ 3."))
    await head.taps(elsewhere, message=listed)
    toast = await head.taps("已完成", message=listed)
    assert "已记录" in toast and "已完成" in toast
    assert told(story, VILLAGES[0], VILLAGES[1], ELSEWHERE) == [(0, 0, 0), (1, 12, 35), (1, 0, 0)]


async def test_help_is_asked_for_where_it_is_needed(story: Story) -> None:
    head = story["村长0"]
    await head.taps("分别报告各处")
    listed = await head.sees("您负责 3 处")
    await head.taps("红旗水库")
    await head.taps("需要支援", message=listed)
    await head.sees("红旗水库：需要什么支援")
    for officer in ("镇值班", "县指挥"):
        await story[officer].sees("请求支援", "永安村 红旗水库", "村长0")
    assert "已报告 1 处" in head.shows(listed)["text"]
    await head.says("两台泵")
    await head.sees("红旗水库 需要支援", "两台泵")
    await story.settled()
    asked = story.app.database.read(lambda c: help_store.of_alert(c, 1))
    assert [(request.division_code, request.text) for request in asked] == [(VILLAGES[1], "两台泵")]


async def test_help_for_all_places_says_how_many_they_are(story: Story) -> None:
    head = story["村长0"]
    await head.taps("需要支援")
    await head.sees("需要什么支援")
    for officer in ("镇值班", "县指挥"):
        await story[officer].sees("请求支援", "威虎岭村等3处")


async def test_a_place_that_is_not_theirs_is_refused(story: Story) -> None:
    head = story["村长0"]
    rows = head.last_with("分别报告各处")["reply_markup"]["inline_keyboard"]
    call = rows[2][0]["callback_data"].split(":")[1]
    for data in (f"r:{call}:done:9", f"ro:{call}:9"):
        assert "没有您的这一处" in await head.forges(data)
    assert "没有记录" in await story["村长1"].forges(f"r:{call}:done:2")
    assert "没有记录" in await story["村长1"].forges(f"rl:{call}:0")
    assert told(story, VILLAGES[0]) == [(0, 0, 0)]
