"""At five the day's figures go to those who read them; the tier above remarks on them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from alerts.loop.daily.days import DailyRules
from tests.elsewhere import PEOPLE
from tests.roster import COUNTY, TOWNSHIP
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, buttons, plain, story_of
from tests.stories.test_warning_changes import CALLED, release
from tests.waiting import StillClock

RULES = DailyRules()
ELSEWHERE = frozenset(str(row["telegram_id"]) for row in PEOPLE)
"""Who is warned of something else meanwhile: their county has a day, too."""


class Afternoon(StillClock):
    """A clock that stands at ten to five in Beijing."""

    def __init__(self) -> None:
        super().__init__()
        local = self().astimezone(RULES.zone)
        begins = datetime.combine(local.date() + timedelta(days=1), time(16, 50), RULES.zone)
        self.advance(begins - local)


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, clock=Afternoon()) as running:
        running.without_ticks -= {"daily"}
        await running.fast_forward(minutes=1)  # the process has settled, and reports begin
        yield running


def today(story: Story) -> date:
    return story.clock().astimezone(RULES.zone).date()


async def heard(story: Story) -> dict[str, str]:
    """Everything that has come since, taken: what each chat reads, by name."""
    await story.tick()
    names = {actor.id: name for name, actor in story.people.items()}
    found: dict[str, str] = {}
    for chat in {message["chat"]["id"] for message in story.server.watch.untaken()}:
        texts = [plain(each.get("text") or "") for each in story.server.watch.take(chat)]
        found[names.get(chat, str(chat))] = "\n".join(texts)
    return found


def last(story: Story, name: str) -> dict[str, Any]:
    found: dict[str, Any] = story.server.messages(story[name].id)[-1]
    return found


async def five(story: Story) -> dict[str, str]:
    """It is five; what everybody reads of the day."""
    story.clock.advance(timedelta(minutes=10))
    told = await heard(story)
    return {name: text[text.index("📊") :] for name, text in told.items() if "日报" in text}


async def answered_by_two(story: Story) -> None:
    """A warning to four, of whom two answer, one after a minute; and one says who was moved."""
    await release(story)
    await story[CALLED[0]].taps("收到")
    await story.fast_forward(minutes=1)
    await story[CALLED[1]].taps("收到")
    await story[CALLED[1]].says("转移5户12人")
    await story.fast_forward(seconds=1)
    await heard(story)


async def taken(story: Story, name: str, button: str) -> str:
    """What the message shows once its button was tapped."""
    await story[name].taps(button)
    return plain(last(story, name)["text"])


def _content(story: Story, document: dict[str, Any]) -> bytes:
    stored = story.server.world.files.by_id(document["file_id"])
    assert stored is not None
    return stored.content


async def test_the_day_climbs_and_remarks_go_down(story: Story) -> None:
    await answered_by_two(story)
    told = await five(story)
    day = today(story)
    called = f"{day.month}月{day.day}日"
    assert set(told) == {
        "省指挥",
        "州指挥",
        "州主任",
        "县指挥",
        "县值班",
        "图们指挥",
        *ELSEWHERE.intersection(told),
    }
    county = told["县指挥"]
    assert county == told["县值班"]
    assert county.startswith(f"📊 敦化市 日报 {called}\n")
    for line in (
        "⚠️ 发布预警 1 条",
        "📣 叫应 4 人次，回应 2，未回应 2",
        "📝 反馈 1 人次",
        "🏠 转移 5 户 12 人",
        "· 黄泥河镇：未回应 2",
    ):
        assert line in county, county
    assert "· 敦化市：未回应 2" in told["州主任"] and "转移 5 户 12 人" in told["省指挥"]
    assert told["图们指挥"] == (f"📊 图们市 日报 {called}：没有预警、叫应、任务和热点，无异常。")
    assert "💬 点评下级" in buttons(last(story, "县指挥"))  # the county remarks on its townships

    # The tier above remarks: a tap, a sentence; once more, otherwise.
    page = await taken(story, "州指挥", "点评下级")
    assert "点评 延边州 日报" in page
    assert "敦化市：未回应 2" in buttons(last(story, "州指挥"))
    assert "图们市：平稳" in buttons(last(story, "州指挥"))
    assert "📣 叫应 4 人次" in await taken(story, "州指挥", "敦化市")
    assert "请写一句点评" in await taken(story, "州指挥", "👎 差")
    await story["州指挥"].says("两个村没有应答\n今晚补齐")
    assert not set(await heard(story)) - {"州指挥"}  # nobody reads it before its button
    assert "把点评发给 敦化市" in plain(last(story, "州指挥")["text"])
    assert "✅ 已点评" in await taken(story, "州指挥", "✅ 发出：两个村没有应答 今晚补齐")
    below = await heard(story)
    remark = f"💬 延边州点评敦化市 {called}日报：👎 差\n两个村没有应答 今晚补齐\n—— 州指挥"
    assert below["县指挥"] == below["县值班"] == remark
    assert "发给那里 2 人" in plain(last(story, "州指挥")["text"])
    assert set(below) == {"县指挥", "县值班"}
    await story["县指挥"].taps("看日报")
    assert "💬 延边州 州指挥点评：👎 差" in plain(last(story, "县指挥")["text"])
    await story["州主任"].taps("点评下级")
    assert "👎 敦化市：未回应 2" in buttons(last(story, "州主任"))
    assert "已由州指挥点评：👎 差" in await taken(story, "州主任", "敦化市")
    await story["州主任"].taps("👍 好")
    assert "✅ 已改点评" in await taken(story, "州主任", "不写，直接发")
    below = await heard(story)
    assert set(below) == {"县指挥", "县值班"} and below["县值班"].endswith("👍 好\n—— 州主任")
    await story["州主任"].taps("继续点评")
    await story["州主任"].taps("敦化市")
    await story["州主任"].taps("👍 好")
    assert "没有重发" in await taken(story, "州主任", "不写，直接发")
    assert not await heard(story)

    # As a workbook, and printed with curves.
    await story["州主任"].says("/daily 敦化市")
    await story["州主任"].taps("📊 表格")
    await story["州主任"].taps("📄 PDF")
    await heard(story)
    workbook, printed = (
        each["document"] for each in story.server.messages(story["州主任"].id)[-2:]
    )
    assert workbook["file_name"] == f"敦化市日报{day:%Y%m%d}.xlsx"
    book = load_workbook(BytesIO(_content(story, workbook)))
    rows = [[cell.value for cell in row] for row in book["各单位"].rows]
    assert rows[0][:2] == ["单位", "区划代码"] and rows[0][-1] == "点评"
    assert [row[1] for row in rows[1:]] == [COUNTY, TOWNSHIP]
    column = rows[0].index("叫应（人次）")
    assert [row[column] for row in rows[1:]] == [4, 4]
    assert _content(story, printed).startswith(b"%PDF")


async def test_asked_for_by_those_who_may(story: Story, tmp_path: Path) -> None:
    await answered_by_two(story)
    command = CommandLine(tmp_path)
    chief, head, day = story["州指挥"], story["村长0"], today(story)
    await chief.says("/daily 敦化市")
    assert "（到目前为止）" in (await chief.sees("敦化市 日报"))["text"]
    await chief.says("/daily 敦化市 月")
    month = await chief.sees("敦化市 月报", "叫应 4 人次")
    await chief.taps("前一月", message=month)
    assert "没有预警、叫应、任务和热点" in chief.shows(month)["text"]
    await chief.taps("后一月", message=month)
    await chief.taps("本周", message=month)
    assert "敦化市 周报" in plain(chief.shows(month)["text"])
    for words, said in (
        ("/daily 图们市 昨天", "图们市 日报"),
        ("/daily 没有这个地方", "没有找到「没有这个地方」"),
        (f"/daily {day.year + 1}-01-01", "还没有到"),
        ("/daily 长春市", "超出您的区划范围"),
    ):
        await chief.says(words)
        assert said in plain((await chief.sees())["text"]), words
    await head.says("/daily")
    await head.sees("您现在不当值")
    # Forged buttons: of another's division, of no day, of one's own.
    for name, data, toast in (
        ("图们指挥", f"dyv:{COUNTY}:{day:%Y%m%d}:day", "超出您的区划范围"),
        ("县指挥", f"dym:{COUNTY}:{day:%Y%m%d}:good", "超出您的区划范围"),
        ("村长0", f"dys:{TOWNSHIP}:{day:%Y%m%d}:bad", "不能操作"),
        ("州指挥", f"dyr:{COUNTY}:{day:%Y%m%d}", "还没有统计出来"),
        ("州指挥", f"dyv:{COUNTY}:20261345:day", "不是日期"),
    ):
        said = await story[name].forges(data)
        said += "".join((await heard(story)).values())
        assert toast in said, (name, data, said)
    # The command line tells the same.
    with patch("bot.services.clocks.utc_now", story.clock):
        facts = command.run("daily", "敦化市", "--json").facts
        assert facts["so_far"] and facts["figures"]["calls"] == 4
        assert facts["figures"]["persons"] == facts["below"][TOWNSHIP]["persons"] == 12
        assert "叫应 4 人次" in command.run("daily", COUNTY, "--month", f"{day:%Y-%m}").out
        for name, code in (("d.pdf", 0), ("d.xlsx", 0), ("d.doc", 1)):
            assert command.run("daily", "延边州", "-o", tmp_path / name).code == code, name
        assert "不是日期" in command.run("daily", "延边州", "--day", "后天").err
    # Out at five, up again in the evening: it is made then, and says so.
    story.clock.advance(timedelta(hours=3))
    told = {name: text for name, text in (await heard(story)).items() if "日报" in text}
    assert "⏰ 应在" in told["县值班"] and "补出" in told["县值班"]
    # A remark that is typed when nobody asks for one any more is none.
    await chief.taps("点评下级")
    await chief.taps("敦化市")
    await chief.taps("👍 好")
    await chief.says("/daily")
    await heard(story)
    await chief.says("干得好")
    await chief.sees("没有当作点评")
    assert not await heard(story)
