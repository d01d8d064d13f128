"""What a commander chooses before releasing a warning: place, text and time."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.roster import FLOOD_GROUP, VILLAGES
from tests.stories.story import Story, buttons, plain, story_of

TWICE_IN_DUNHUA = "中心社区"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def begin(story: Story, level: str = "红", hazard: str = "暴雨"):
    chief = story["县指挥"]
    await chief.says("⚠️ 发布预警")
    await chief.sees("什么等级")
    await chief.taps(level)
    await chief.taps(hazard)
    return chief


async def test_the_area_is_found_by_going_down_the_tiers(story: Story) -> None:
    chief = await begin(story)
    await chief.taps("黄泥河镇", message=await _page_with(story, "黄泥河镇"))
    await chief.taps("确认此区域")
    asked = chief.last_with("用第 1 条")
    assert "黄泥河镇" in asked["text"]
    await chief.taps("✖️ 取消")


async def test_a_name_of_several_places_is_asked_about(story: Story) -> None:
    chief = await begin(story)
    await chief.says(TWICE_IN_DUNHUA)
    asked = await chief.sees("是哪一处")
    choices = [text for text in buttons(asked) if TWICE_IN_DUNHUA in text]
    assert len(choices) > 1
    assert len(set(choices)) == len(choices), "the choices must be told apart by their path"
    await chief.taps(choices[0])
    chief.last_with("用第 1 条")
    await chief.taps("✖️ 取消")


async def test_so_is_it_in_one_line_and_the_rest_of_the_line_is_kept(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says(f"/warn 红 暴雨 {TWICE_IN_DUNHUA} 立即转移")
    asked = await chief.sees("是哪一处")
    choice = next(text for text in buttons(asked) if TWICE_IN_DUNHUA in text)
    toast = await chief.taps(choice)
    assert "没有可叫应的人" in toast, (toast, chief.shows(asked)["text"])
    await chief.says(VILLAGES[0])  # by code, which only one place has
    await chief.sees("立即转移", "暴雨红色", "将叫应 1 人", "约 1 秒发完")


async def test_words_of_the_template_and_the_time_decide_what_each_post_does(
    story: Story,
) -> None:
    chief = await begin(story)
    await chief.says("敦化市")
    offered = await chief.sees("发什么内容")
    await chief.taps("用第 1 条")
    await chief.taps("1 小时内")
    preview = chief.last_with("确认发布")
    assert "1 小时内发生" in preview["text"]
    words = plain(preview["text"]).split("\n\n")[2].splitlines()[1]  # below whose signal it is
    assert words in plain(offered["text"])
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees(words)
    await story["村长0"].sees("敦化市", chat=FLOOD_GROUP)
    instructions = {}
    for name in ("村长0", "镇长"):
        await story[name].taps("收到")
        instructions[name] = plain(story[name].last_with("已转移群众")["text"])
        assert "请立即" in instructions[name]
    assert instructions["村长0"].split("请立即")[1] != instructions["镇长"].split("请立即")[1]


async def test_closing_sends_the_median_and_the_slowest_answer(story: Story) -> None:
    chief = story["县指挥"]
    await chief.says("/warn 红 暴雨 敦化市 立即转移")
    await chief.sees()
    await chief.taps("确认发布")
    await chief.sees("已回应")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("立即转移")
    await story["村长0"].sees("立即转移", chat=FLOOD_GROUP)
    for name in ("村长0", "村长1", "镇长", "村长2"):
        story.clock.advance(timedelta(seconds=20))
        await story[name].taps("收到")
    await story.tick()
    summary = plain((await chief.sees("叫应总结", "已销号"))["text"])
    assert "半数在 50 秒内，最慢 1 分 20 秒" in summary
    assert "村级：" in summary
    assert "乡镇：" in summary


async def _page_with(story: Story, name: str) -> dict:
    """Turn the pages of the list of divisions until it has this one."""
    chief = story["县指挥"]
    for _ in range(10):
        page = chief.last_with("确认此区域")
        if name in " ".join(buttons(page)):
            return page
        await chief.taps("下一页")
    raise AssertionError(f"no {name} on any page")
