"""A refusal names what was refused, a warning, a person, a place; not to whom it is no concern."""

import re
from pathlib import Path

import pytest

from tests.roster import FLOOD_GROUP
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_what_is_over_is_named_with_its_hour(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    chief = story["县指挥"]
    card = chief.last_with("解除")
    await chief.forges("X:1")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("已取消")
    await story["村长0"].sees("已取消", chat=FLOOD_GROUP)
    await chief.sees("已取消")
    for data in ("e:1", "E:1", "x:1", "X:1", "z:1", "Z:1", "y:1"):
        refusal = await chief.forges(data, message_id=card["message_id"])
        assert re.match(r"🔴 敦化市暴雨红色预警（\d\d:\d\d 发布）：", refusal), (data, refusal)
        assert "已经结束（已取消）" in refusal


async def test_a_person_is_named_with_the_warning(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    # Of the same division as those called, and no duty officer: may not act for them.
    refusal = await story["镇长"].forges("p:1:phone")
    assert "敦化市暴雨红色预警" in refusal and "镇长" in refusal
    refusal = await story["村长1"].forges("d:2")
    assert "敦化市暴雨红色预警" in refusal
    assert "村长0" not in refusal  # of another village: who was called there is not told


async def test_a_place_is_named(story: Story) -> None:
    head = story["镇长"]
    await head.says("/warn 红 暴雨 图们市 立即转移")
    refusal = await head.sees("超出您的区划范围")
    assert "图们市：" in refusal["text"]
    await story["村长0"].says("/rollcall")
    await story["村长0"].sees("威虎岭村点名：", "不当值")
    await story["村长0"].says("/feed")
    await story["村长0"].sees("威虎岭村：", "不当值")
    assert "图们市：" in await head.forges("b:222402000000")


async def test_a_roll_call_and_a_number_nobody_knows_are_named(story: Story) -> None:
    head = story["镇长"]
    assert "图们市点名：" in await head.forges("qg:222402000000:rangers:20")
    assert "没有编号为 77 的预警" in await story["县指挥"].forges("s:77")


async def test_whoever_it_does_not_concern_reads_no_name(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for data in ("s:1", "x:1", "l:1::0", "p:1:phone", "d:1", "o:1:0", "rg:1:0"):
        refusal = await story["图们指挥"].forges(data)
        assert refusal and "敦化" not in refusal and "村长" not in refusal, (data, refusal)
