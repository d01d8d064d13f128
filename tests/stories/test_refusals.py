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
        assert "已经结束（误发，已取消）" in refusal


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
    await story["村长0"].sees("威虎岭村现场情况：", "不当值")
    await story["村长0"].says("/board")
    await story["村长0"].sees("威虎岭村指挥大屏：", "不当值")
    # What was written is named, not the writer's own village.
    await story["村长0"].says("/rollcall 敦化市 20")
    await story["村长0"].sees("敦化市点名：", "不当值")
    await story["村长0"].says("/warn 红 暴雨 敦化市 立即转移")
    await story["村长0"].sees("敦化市：", "只有指挥员")
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


async def test_a_danger_refused_names_the_place_and_the_word(story: Story) -> None:
    head, chief = story["村长0"], story["县指挥"]
    await head.says("/danger 敦化市 红")
    await head.sees("敦化市火险等级：", "只有指挥员能做")
    await story["镇长"].says("/danger 图们市 红")
    await story["镇长"].sees("图们市火险等级：", "超出您的区划范围")
    await chief.says("/danger 敦化市 红 2030-01-01")
    await chief.sees("敦化市火险等级：", "2030-01-01")
    await chief.says("/danger 敦化市 紫")
    await chief.sees("「紫」不是火险等级，没有改动", "五级（红）")
    await chief.says("/danger 火星镇 红")
    await chief.sees("火险等级", "五级（红）（还没有设置）", "没有找到「火星镇」")
    await chief.says("/danger 朝阳 红")
    await chief.sees("五级（红）（还没有设置）", "「朝阳」有", "是哪一处")
    await head.says("/danger 敦化市")
    assert "设置：" not in (await head.sees("敦化市", "还没有火险等级"))["text"]


async def test_a_status_refused_names_the_warning_or_the_place(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head, chief, other = story["村长0"], story["县指挥"], story["图们指挥"]
    await head.says("/status")
    await head.sees("敦化市暴雨红色预警", "不当值")
    await head.says("/who")
    await head.sees("敦化市暴雨红色预警", "不当值")
    await chief.says("/status 77")
    await chief.sees("没有编号为 77 的预警")
    await chief.says("/status 图们市")
    await chief.sees("图们市：", "超出您的区划范围")
    await chief.says("/status 火星镇")
    await chief.sees("没有找到「火星镇」")
    await chief.says("/status 黄泥河镇")
    await chief.sees("敦化市暴雨红色预警")
    await other.says("/status 石岘镇")
    await other.sees("石岘镇现在没有生效的预警")


async def test_a_question_for_the_place_names_its_draft(story: Story) -> None:
    governor = story["省指挥"]
    await governor.says("/warn 橙 洪水 朝阳 立即转移")
    await governor.sees("草稿，未发布：🟠 洪水橙色预警", "「朝阳」有")
    await governor.says("火星镇")
    await governor.sees("草稿，未发布：🟠 洪水橙色预警", "没有找到「火星镇」")
    await governor.says("/rollcall 朝阳 瞭望员 20")
    await governor.sees("📣 点名 · 瞭望员 · 20 分钟", "「朝阳」是哪一处")


async def test_a_task_and_a_plan_are_named(story: Story) -> None:
    chief, mayor, head = story["县指挥"], story["镇长"], story["村长0"]
    await mayor.says("/task 222403101200 修涵洞 3天 村长0")
    await mayor.taps("列入清单", message=await mayor.sees("修涵洞"))
    given = await head.sees("修涵洞")
    await mayor.forges("tkt:1:withdraw")
    await mayor.sees("为什么")
    await mayor.says("不用修了")
    await mayor.taps("撤销", message=await mayor.sees("撤销 #1 修涵洞？"))
    await head.sees("已撤销")
    assert "#1 修涵洞" in await head.forges("tkt:1:take", message_id=given["message_id"])
    assert "修涵洞" not in await story["图们指挥"].forges("tkt:1:take")
    await chief.says("/stages 黄 暴雨 敦化市 4小时后 沿河低洼处注意")
    await chief.taps("确认计划", message=await chief.sees("确认前请核对"))
    await chief.forges("ys:1:cancel_now")
    await chief.sees("计划已取消")
    assert "敦化市暴雨黄色预警" in await chief.forges("ys:1:skip:180")
