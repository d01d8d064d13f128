"""A village is silent by every way: those above send somebody there, who reports."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from alerts.cut_off import store
from tests.roster import VILLAGES
from tests.stories.story import Story, buttons, story_of
from tests.stories.test_call_and_respond import everybody_is_called, release
from tests.stories.test_late_acts import take_the_rest
from tests.stories.test_late_reports import said

pytestmark = pytest.mark.one_database


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def silent_village(story: Story) -> None:
    """Ten minutes after the release nobody of 村长0's village has answered; all others have."""
    await release(story)
    await everybody_is_called(story)
    for name in ("村长1", "村长2", "镇长"):
        await story[name].taps("收到")
    for _ in range(6):
        await story.fast_forward(minutes=2)
    await story.settled()


async def test_a_runner_is_sent_with_one_tap_and_tells_the_village(story: Story) -> None:
    await silent_village(story)
    for name in ("镇值班", "县值班"):
        listed = said(story, name, "疑似三断")
        assert "村长0" in listed["text"] and "最近有回应的村" in listed["text"]
    duty, runner = story["镇值班"], story["村长1"]
    listed = said(story, "镇值班", "疑似三断")
    await duty.taps("谁去", message=listed)
    await story.settled()
    shown = duty.shows(listed)
    assert "已派" in await duty.taps("派 村长1 去", message=shown)
    await story.settled()
    asked = said(story, "村长1", "请马上去")
    assert "村长0" in asked["text"] and buttons(asked) == ["🏃 我去", "✖️ 去不了"]
    await story.fast_forward(minutes=6)
    again = said(story, "村长1", "还没有收到您的答复")
    assert "已记录：您去" in await runner.taps("我去", message=again)
    await story.settled()
    said(story, "县值班", "🏃 村长1 去")
    await runner.taps("已到，人已通知", message=runner.shows(again))
    await story.settled()
    said(story, "镇值班", "已到")
    await story.tick()
    answered = said(story, "村长0", "派人当面通知")
    assert any(
        "✅ 收到" in text for text in buttons(answered)
    )  # the person's own answer still counts for more
    await story.tick()
    said(story, "县指挥", "叫应总结")
    await story["县指挥"].says("/status 1")
    await story.settled()
    card = said(story, "县指挥", "叫应已销号")
    assert "台账马上发来" in await story["县指挥"].taps("叫应台账", message=card)
    await story.settled()
    files = [
        message
        for message in story.server.messages(story["县指挥"].id)
        if "document" in message and "叫应台账" in message["caption"]
    ]
    stored = story.server.world.files.by_id(files[-1]["document"]["file_id"])
    assert stored is not None
    sheet = load_workbook(BytesIO(stored.content)).worksheets[0]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert any("派人当面通知" in cell for cell in cells)
    assert any("起三断" in cell and "村长1 已到，人已通知" in cell for cell in cells)
    take_the_rest(story)


async def test_the_village_answers_or_the_warning_ends_and_nobody_walks_on(story: Story) -> None:
    await silent_village(story)
    duty, ranger = story["镇值班"], story["护林员"]
    listed = said(story, "镇值班", "疑似三断")
    await duty.taps("谁去", message=listed)
    await story.settled()
    await duty.taps("派别人", message=duty.shows(listed))
    await duty.says("护林员")
    await story.settled()
    await duty.taps("派 护林员 去", message=said(story, "镇值班", "派谁去？"))
    await story.settled()
    asked = said(story, "护林员", "请马上去")
    await story["村长0"].taps("收到", message=said(story, "村长0", "没有收到您的回应"))
    await story.fast_forward(seconds=10)
    said(story, "护林员", "不用去")
    assert "不用去了" in await ranger.taps("我去", message=asked)
    await duty.says("/status 1")
    await story.settled()
    await duty.taps("三断", message=duty.last_with("🚧 三断"))
    await story.settled()
    empty = said(story, "镇值班", "没有列为三断")
    await duty.taps("标记三断", message=empty)
    village = story.app.services.gazetteer.name(VILLAGES[1])
    await duty.says(village)
    await story.settled()
    marked = said(story, "镇值班", "三断村庄 1 个")
    await duty.taps("谁去", message=marked)
    await story.settled()
    await duty.taps("派 村长2 去", message=duty.shows(marked))
    await story.settled()
    second = said(story, "村长2", "请马上去")
    await story["县指挥"].says("/status 1")
    await story.settled()
    card = story["县指挥"].last_with("取消预警")
    assert "三断村庄 1 个" in card["text"]
    await story["县指挥"].taps("取消预警", message=card)
    await story["县指挥"].taps("确定取消")
    await story.settled()
    said(story, "护林员", "已取消")
    said(story, "村长2", "已取消")
    assert not buttons(story["村长2"].shows(second))
    await story.fast_forward(seconds=10)
    assert not await story.app.services.database.ask(store.any_open)
    take_the_rest(story)
