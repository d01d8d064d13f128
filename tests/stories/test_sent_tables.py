"""Tables sent in the chat: seen first, imported by one button, refused by line, never twice."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from alerts.loop import sent_tables
from alerts.loop.evacuation import card_store
from data.tables.tasks import tasks
from tests.security.scene import forget
from tests.store import evacuation_lists as lists
from tests.store.evacuation_lists import drawing, line
from tests.stories.story import Story, buttons, story_of

TASKS = """事项,区划,责任岗位,完成时限
清淤排水沟,222403101200,包保责任人,3天
检查大喇叭,222403101201,包保责任人,5天
"""


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with story_of(tmp_path) as told:
        yield told


async def send(story: Story, name: str, content: bytes, file: str, **more: Any) -> dict[str, Any]:
    """Send a file; what is said then."""
    story.server.people.send_document(story[name].id, content, name=file, **more)
    await story.settled()
    return story.server.messages(story[name].id)[-1]


def count(story: Story) -> int:
    query = select(func.count()).select_from(tasks)
    return int(story.app.database.read(lambda c: c.execute(query).scalar_one()))


def cards(story: Story) -> dict[str, Any]:
    return {card.name: card for card in story.app.database.read(card_store.all_cards)}


async def test_tasks_are_sent_as_a_file_and_come_back_as_a_workbook(story: Story) -> None:
    chief, head = story["县指挥"], story["村长0"]
    # Refused by line: a deadline that is past, and a post that nobody knows.
    wrong = TASKS.replace("3天", "2020-01-01").replace("101201,包保责任人", "101201,村长官")
    said = await send(story, "县指挥", wrong.encode("gbk"), "任务.csv")
    for words in ("有误，什么都没有写入", "第 2 行", "已经过了", "第 3 行"):
        assert words in said["text"], (words, said["text"])
    assert not buttons(said)
    # Of another county: not theirs, whoever wrote it.
    said = await send(story, "图们指挥", TASKS.encode(), "任务.csv")
    assert "第 2 行：不归您管" in said["text"] and not buttons(said)
    # Whoever has no rights sends a file, as before: it is a report from the spot.
    said = await send(story, "村长0", TASKS.encode(), "任务.csv")
    assert "导入" not in said.get("text", "")
    said = await send(story, "县指挥", b"x" * (sent_tables.MOST_BYTES + 1), "大.xlsx")
    assert "太大" in said["text"]
    assert count(story) == 0
    # Left, then sent again and taken; pressed twice, forged, and much later.
    shown = await send(story, "县指挥", TASKS.encode(), "任务.csv")
    assert "新增 2 项" in shown["text"] and "清淤排水沟" in shown["text"]
    await chief.taps("不导入", message=shown)
    assert "没有导入" in chief.shows(shown)["text"]
    await chief.forges(shown["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    assert count(story) == 0
    shown = await send(story, "县指挥", TASKS.encode(), "任务.csv")
    [[press], _] = shown["reply_markup"]["inline_keyboard"]
    await head.forges(press["callback_data"])
    assert count(story) == 0
    await chief.taps("✅ 导入", message=shown)
    assert count(story) == 2 and "已导入" in chief.shows(shown)["text"]
    await chief.forges(press["callback_data"], message_id=shown["message_id"])
    assert count(story) == 2
    again = await send(story, "县指挥", TASKS.encode(), "任务（副本）.csv")
    assert "已导入过" in again["text"]
    await story.fast_forward(minutes=11)
    await chief.taps("✅ 导入", message=again)
    assert count(story) == 2, "the preview is too old"
    # The workbook goes out, a deadline is changed in it, and it comes back by the chat.
    await chief.says("/taskchart")
    await chief.taps("📒 表格")
    await story.settled()
    [sent] = [each for each in story.server.messages(chief.id) if "document" in each][-1:]
    stored = story.server.world.files.by_id(sent["document"]["file_id"])
    assert stored is not None
    book = openpyxl.load_workbook(io.BytesIO(stored.content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("事项") + 1).value = "清淤排水沟和涵洞"
    out = io.BytesIO()
    book.save(out)
    shown = await send(story, "县指挥", out.getvalue(), "清单.xlsx")
    assert "修改 1 项" in shown["text"] and "改了事项" in shown["text"]
    await chief.taps("✅ 导入", message=shown)
    titles = select(tasks.c.title)
    found = story.app.database.read(lambda c: c.execute(titles).scalars().all())
    assert "清淤排水沟和涵洞" in found and len(found) == 2
    forget(story)


async def test_cards_households_and_routes_are_sent_as_files(story: Story) -> None:
    chief = story["县指挥"]
    said = await send(story, "图们指挥", lists.flash_flood_plan(), "转移安置表.xlsx")
    assert "不归您指挥" in said["text"] and not buttons(said)
    shown = await send(story, "县指挥", lists.flash_flood_plan(), "转移安置表.xlsx")
    assert "新增 4" in shown["text"] and not cards(story)
    await chief.taps("导入", message=shown)
    assert len(cards(story)) == 4 and "已导入" in chief.shows(shown)["text"]
    again = await send(story, "县指挥", lists.flash_flood_plan(), "转移安置表.xlsx")
    assert "完全相同" in again["text"] and not buttons(again)
    # A list of households, of which only how many are shown; then the route, drawn.
    shown = await send(story, "县指挥", lists.households(), "花名册.xlsx")
    assert "户名单" in shown["text"] and "王桂兰" not in shown["text"]
    await chief.taps("导入", message=shown)
    assert cards(story)["威虎岭村前屯"].households_listed
    way = drawing(line("威虎岭村前屯", [[128.0, 43.6], [128.005, 43.605], [128.01, 43.608]]))
    shown = await send(story, "县指挥", way, "路线.geojson")
    assert "路线：1 条" in shown["text"], shown["text"]
    # The office changed the card meanwhile: what is written is what was seen.
    other = await send(story, "县指挥", lists.households(), "花名册.xlsx")
    assert "完全相同" in other["text"]
    [[press], _] = shown["reply_markup"]["inline_keyboard"]
    assert press["text"].startswith("✅")
    await chief.taps("✅", message=shown)
    assert len(cards(story)["威虎岭村前屯"].route) == 3
    forget(story)
