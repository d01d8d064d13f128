"""An answer is taken back by whoever pressed by mistake, or doubted by an officer above."""

from pathlib import Path

import pytest

from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_late_acts import take_the_rest
from tests.stories.test_late_reports import said

pytestmark = pytest.mark.one_database


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_pressed_by_mistake_is_taken_back_for_some_minutes(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    head = story["村长0"]
    await head.taps("收到")
    await story.settled()
    answered = said(story, "村长0", "已回应")
    assert "叫应从现在重新开始" in await head.taps("误点，撤回", message=answered)
    await story.settled()
    shown = head.shows(answered)
    assert "先前的回应已撤回" in shown["text"] and any("✅ 收到" in text for text in buttons(shown))
    await story.tick()
    card = said(story, "县指挥", "已回应 0 / 4")
    assert "撤回或存疑、待重新回应 1" in card["text"]
    assert "已记录" in await head.taps("收到", message=shown)
    await story.settled()
    again = head.shows(answered)
    await story.fast_forward(minutes=6)
    assert "5 分钟内才能撤回" in await head.taps("误点，撤回", message=again)
    await story.settled()
    assert not [text for text in buttons(head.shows(answered)) if "撤回" in text]
    take_the_rest(story)


async def test_a_doubted_answer_is_asked_for_again_and_calling_reopens(story: Story) -> None:
    await release(story)
    await everybody_is_called(story)
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    await story["村长0"].taps("已完成")
    await story.tick()
    said(story, "县指挥", "销号")
    duty, head = story["镇值班"], story["村长0"]
    await duty.says("/status 1")
    await story.settled()
    card = said(story, "镇值班", "叫应已销号")
    await duty.taps("已回应的人", message=card)
    await story.settled()
    await duty.taps("按姓名找", message=card)
    await duty.says("村长0")
    await story.settled()
    found = said(story, "镇值班", "已回应 1 人")
    await duty.taps("存疑：村长0", message=found)
    await story.settled()
    await duty.taps("另写原因", message=found)
    await duty.says("现场一户没动")
    await story.settled()
    sure = said(story, "镇值班", "确定对 村长0 的回应存疑")
    await duty.taps("确定存疑", message=sure)
    await story.settled()
    assert "村长0 从现在起重新叫应" in duty.shows(sure)["text"]
    asked = said(story, "村长0", "镇值班对您先前的回应存疑")
    assert "现场一户没动" in asked["text"] and any("✅ 收到" in text for text in buttons(asked))
    await story.fast_forward(minutes=2.2)
    said(story, "村长0", "没有收到您的回应")
    await story.tick()
    assert "待重新回应 1" in said(story, "县指挥", "已回应 3 / 4")["text"]
    newest = said(story, "村长0", "没有收到您的回应")
    assert "已记录" in await head.taps("收到", message=newest)
    await story.tick()
    await story.tick()
    said(story, "县指挥", "叫应已销号")
    assert "回应存疑 1 次，本人撤回 0 次" in said(story, "县指挥", "叫应总结")["text"]
    take_the_rest(story)
