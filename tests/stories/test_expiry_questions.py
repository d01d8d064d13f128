"""Half an hour before a warning expires somebody is asked: is it to hold longer, or is it over?"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.model import Alert, State
from contacts.leaving import retire
from tests.stories.story import Story, buttons, plain, story_of
from tests.stories.test_warning_changes import CALLED, heard, release, the_alert

HOUR = timedelta(hours=1)
QUESTION = "延长，还是解除"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def answered(story: Story) -> Alert:
    """A warning that everybody has answered: its calling is closed, it stays in force."""
    alert = await release(story)
    for name in CALLED:
        await story[name].taps("收到")
    await heard(story)
    return alert


async def at(story: Story, moment: datetime) -> dict[str, str]:
    """It is ``moment``: the questions that are asked then, by who reads them."""
    story.clock.advance(moment - story.clock())
    return {name: text for name, text in (await heard(story)).items() if QUESTION in text}


def asked(story: Story, name: str) -> dict[str, Any]:
    """The question in somebody's chat, as it is now."""
    return story[name].last_with("到时自动到期")


async def test_asked_once_and_prolonged_again_and_again(story: Story) -> None:
    alert = await answered(story)
    end, chief = alert.expires_at, story["县指挥"]
    assert not await at(story, end - timedelta(minutes=31))
    assert set(await at(story, end - timedelta(minutes=30))) == {"县指挥"}
    question = asked(story, "县指挥")
    assert "还有 30 分钟到期：延长，还是解除？" in plain(question["text"])
    assert not await at(story, end - timedelta(minutes=16))  # asked once
    duty = await at(story, end - timedelta(minutes=15))
    # Who is on duty, with whom to ring; and who else may decide, with the buttons.
    assert {"县值班", "省指挥"} <= set(duty) and "县指挥" not in duty
    assert "县指挥 199 0000 0004" in duty["县值班"] and "请马上打电话问。" in duty["县值班"]
    assert not buttons(story.server.messages(story["县值班"].id)[-1])
    others = set(duty) - {"县值班"}
    await chief.taps("延长 6 小时", message=question)
    await chief.taps("✅ 确认延长", message=question)
    told = await heard(story)
    assert set(told) == {*CALLED, "群"}
    assert "已延长" in plain(chief.shows(question)["text"])
    for name in others:  # the question goes everywhere
        assert "到时自动到期" not in str(story.server.messages(story[name].id)[-1])
    assert the_alert(story).expires_at == end + 6 * HOUR
    assert not await at(story, end + HOUR)
    assert set(await at(story, end + 6 * HOUR - timedelta(minutes=29))) == {"县指挥"}
    # By another way: the question goes as well.
    await story["省指挥"].says(f"/update {alert.id} 延长 24小时")
    preview = await story["省指挥"].sees("变更前请核对")
    await story["省指挥"].taps("✅ 确认", message=preview)
    await heard(story)
    assert "已延长" in plain(story.server.messages(chief.id)[-1]["text"])


@pytest.mark.parametrize(
    ("button", "sure", "becomes", "state"),
    [
        ("不延长，到时自动到期", "", "自动到期", State.EXPIRED),
        ("解除预警", "确定解除", "已解除", State.LIFTED),
    ],
)
async def test_answered_otherwise(
    story: Story, button: str, sure: str, becomes: str, state: State
) -> None:
    alert = await answered(story)
    end, chief = alert.expires_at, story["县指挥"]
    await at(story, end - timedelta(minutes=30))
    question = asked(story, "县指挥")
    await chief.taps(button, message=question)
    if sure:
        await chief.taps(sure, message=question)
        await heard(story)
    assert becomes in plain(chief.shows(question)["text"])
    assert not await at(story, end - timedelta(minutes=10))  # nobody else is asked
    await at(story, end + timedelta(minutes=1))
    assert the_alert(story).state is state


async def test_nobody_answers(story: Story) -> None:
    """Its sender has left: the nearest who command there are asked; at its end it expires."""
    alert = await answered(story)
    end = alert.expires_at
    story.app.database.do(lambda c: retire(c, story["县指挥"].row["id"], story.clock()))
    first = await at(story, end - timedelta(minutes=30))
    assert "县指挥" not in first and first
    await at(story, end - timedelta(minutes=15))
    await at(story, end)
    assert the_alert(story).state is State.EXPIRED
    for name in first:
        assert "到时自动到期" not in str(story.server.messages(story[name].id)[-1])


async def test_a_late_or_forged_answer_changes_nothing(story: Story) -> None:
    alert = await answered(story)
    end, chief = alert.expires_at, story["县指挥"]
    await at(story, end - timedelta(minutes=30))
    question = asked(story, "县指挥")
    let = next(
        button["callback_data"]
        for row in question["reply_markup"]["inline_keyboard"]
        for button in row
        if "自动到期" in button["text"]
    )
    assert "只有指挥员能做" in await story["村长0"].forges(let)
    await chief.says("/update 延长 6小时")
    preview = await chief.sees("变更前请核对")
    await chief.taps("✅ 确认", message=preview)
    await heard(story)
    assert "到期时间已经改过" in await chief.forges(let)
    assert the_alert(story).expires_at == end + 6 * HOUR
