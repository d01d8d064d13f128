"""The command line is used while the bot runs: two at work on one database.

Two tests start a process, as an operator does; the others call the command line in this one.
"""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from bot.services.clocks import MovableClock
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    FLOOD_GROUP,
    STRANGER_COMMANDER,
)
from tests.stories.command_line import CommandLine, CommandResult
from tests.stories.story import Story, story_of

CALLED = ("村长0", "村长1", "村长2", "镇长")
CONTRACT = (
    "id headline level status released_at calls acknowledged proxied reported overdue "
    "unreachable closed"
).split()


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, clock=MovableClock(), alone=True) as running:  # all are listed
        yield running


@pytest.fixture
def jiaoying(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def a_release(
    *more: str, area: str = COUNTY, by: str = COUNTY_COMMANDER["phone"]
) -> tuple[str, ...]:
    """The arguments."""
    return (
        "release",
        *("--level", "red", "--hazard", "rainstorm", "--area", area),
        *("--text", "立即转移低洼地群众", "--by", by, *more),
    )


async def release(jiaoying: CommandLine, *more: str, **other: str) -> CommandResult:
    return await jiaoying(*a_release(*more, **other))


async def everybody_is_called(story: Story) -> None:
    for name in CALLED:
        await story[name].sees("敦化市暴雨红色预警", "立即转移低洼地群众")
    await story["村长0"].sees("敦化市暴雨红色预警", chat=FLOOD_GROUP)
    # The card goes to whoever released it, and says that their number was used.
    await story["县指挥"].sees("已回应", "由服务器命令行发布")
    await story.settled()


async def test_a_release_by_command_goes_out_by_the_running_bot(
    story: Story, jiaoying: CommandLine
) -> None:
    result = await asyncio.to_thread(jiaoying.run_process, *a_release("--json"))
    assert (result.code, result.err) == (0, "")
    assert result.facts == {"alert": 1, "state": "released", "calls": 4, "groups": 1}
    await everybody_is_called(story)  # nobody ticked: the bot noticed by itself
    assert "已记录" in await story["村长0"].taps("收到")
    await story.settled()


async def test_a_release_by_command_quotes_the_weather_signal(
    story: Story, jiaoying: CommandLine
) -> None:
    for more, quoted in (
        ((), "📡 敦化市气象台发布暴雨红色预警信号"),
        (("--signal", "吉林省气象台"), "📡 吉林省气象台发布暴雨红色预警信号"),
        (("--signal", ""), ""),
    ):
        assert (await release(jiaoying, *more)).code == 0
        message = await story["村长0"].sees("立即转移低洼地群众")
        assert quoted in message["text"] if quoted else "📡" not in message["text"]
        for name in CALLED[1:]:
            await story[name].sees("立即转移低洼地群众")
        await story["村长0"].sees("敦化市暴雨红色预警", chat=FLOOD_GROUP)
        await story["县指挥"].sees("已回应")
    await story.settled()


async def test_status_keeps_the_contract(story: Story, jiaoying: CommandLine) -> None:
    assert (await jiaoying("status", "--json")).facts["alerts"] == []
    await release(jiaoying)
    await everybody_is_called(story)
    await story["村长0"].taps("收到")
    await story["村长0"].taps("已完成")
    await story["村长1"].taps("收到")
    result = await jiaoying("status", "1", "--json")
    assert result.code == 0
    (alert,) = result.facts["alerts"]
    assert [name for name in alert if name in CONTRACT] == CONTRACT
    assert datetime.fromisoformat(alert["released_at"]).utcoffset() is not None
    counted = {name: alert[name] for name in CONTRACT if name not in ("released_at", "headline")}
    assert counted == {
        "id": 1,
        "level": "red",
        "status": "released",
        "calls": 4,
        "acknowledged": 2,
        "proxied": 0,
        "reported": 1,
        "overdue": 0,
        "unreachable": 0,
        "closed": 2,  # nothing more is asked of those who answered
    }
    assert "敦化市" in alert["headline"]
    words = await jiaoying("status")
    assert "叫应 4" in words.out


async def test_the_report_is_written_as_a_book_and_as_a_paper(
    story: Story, jiaoying: CommandLine
) -> None:
    await release(jiaoying)
    await everybody_is_called(story)
    await story["村长0"].taps("收到")
    book, paper = jiaoying.folder / "r.xlsx", jiaoying.folder / "r.pdf"
    for file in (book, paper):
        result = await jiaoying("report", "1", "--output", file)
        assert (result.code, file.name in result.out) == (0, True), result.err
    cells = [
        str(cell)
        for sheet in openpyxl.load_workbook(book)
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    ]
    for name in CALLED:
        assert any(name in cell for cell in cells)
    assert paper.read_bytes().startswith(b"%PDF-")
    refused = await jiaoying("report", "1", "--output", jiaoying.folder / "r.doc")
    assert (refused.code, "r.doc" in refused.err) == (1, True)
    nowhere = await jiaoying("report", "1", "--output", jiaoying.folder / "none" / "r.pdf")
    assert (nowhere.code, "No such file" in nowhere.err) == (1, True)


async def test_a_province_waits_for_the_second_person_who_is_asked_by_the_bot(
    story: Story, jiaoying: CommandLine
) -> None:
    result = await release(jiaoying, area=CITY, by=CITY_COMMANDER["phone"])
    assert (result.code, "等待第二人确认" in result.out) == (0, True), result.err
    for name in ("州主任", "省指挥"):
        await story[name].sees("延边州暴雨红色预警", "确认", "命令行发布")
    await story["州指挥"].sees("等待第二人确认", "命令行发布")  # whose number was used
    (alert,) = (await jiaoying("status", "--json")).facts["alerts"]
    assert (alert["status"], alert["released_at"], alert["calls"]) == ("pending", None, 0)


async def test_an_exercise_by_command_is_marked(story: Story, jiaoying: CommandLine) -> None:
    assert (await release(jiaoying, "--exercise", "--lead", "120")).code == 0
    for name in CALLED:
        await story[name].sees("【演练】", "立即转移低洼地群众")
    await story["村长0"].sees("【演练】", chat=FLOOD_GROUP)
    await story["县指挥"].sees("【演练】")


async def test_the_trail_is_whole_until_somebody_changes_it(
    story: Story, jiaoying: CommandLine
) -> None:
    await release(jiaoying)
    await everybody_is_called(story)
    whole = await jiaoying("audit", "verify", "--json")
    assert (whole.code, whole.facts["broken"]) == (0, None)
    assert whole.facts["entries"] >= 1
    with sqlite3.connect(story.file) as forger:
        forger.execute("DROP TRIGGER audit_no_update")
        forger.execute("UPDATE audit SET action = 'alert.lifted' WHERE seq = 1")
    forger.close()
    broken = await jiaoying("audit", "verify")
    assert (broken.code, "第 1 条" in broken.out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("status", "99"), 1),
        (("report", "99", "--output", "r.pdf"), 1),
        (("import", "people", "none.csv"), 1),
        (("status", "--json", "--config", "none.toml"), 2),
        (("release", "--level", "pink"), 2),
        (("fly",), 2),
        ((), 2),
        (("run",), 2),  # no token
    ],
)
def test_exit_codes(jiaoying: CommandLine, arguments: tuple[str, ...], code: int) -> None:
    result = jiaoying.run(*arguments)
    assert result.code == code
    assert result.out or result.err
    assert "Traceback" not in result.err


def test_a_process_ends_with_the_same_codes(jiaoying: CommandLine) -> None:
    for arguments in (("status", "99"), ("run",)):
        process, here = jiaoying.run_process(*arguments), jiaoying.run(*arguments)
        assert process.code == here.code != 0
        assert process.out == here.out
        assert here.err.strip() in process.err  # which has the log too


@pytest.mark.parametrize(
    ("arguments", "chinese", "english"),
    [
        (("fly",), "COMMAND 没有 'fly' 这一项", "invalid choice: 'fly'"),
        (("release", "--level", "red"), "还缺 --hazard", "are required: --hazard"),
        (("status", "abc"), "的值 'abc' 不对", "invalid int value: 'abc'"),
        (("run", "--quickly"), "不认识 --quickly", "unrecognized arguments: --quickly"),
        (("report", "1", "--output"), "--output 后面要写一个值", "expected one argument"),
    ],
)
def test_wrong_usage_is_told_in_chinese_and_in_english(
    jiaoying: CommandLine, arguments: tuple[str, ...], chinese: str, english: str
) -> None:
    first, second = jiaoying.run(*arguments).err.splitlines()
    assert chinese in first and "--help" in first
    assert english in second and "--help" in second


@pytest.mark.usefixtures("story")
async def test_a_release_is_refused_with_its_reason(jiaoying: CommandLine) -> None:
    for refused in (
        await release(jiaoying, by="13999999999"),
        await release(jiaoying, by=STRANGER_COMMANDER["phone"]),
        await release(jiaoying, area="999999999999"),
    ):
        assert refused.code == 1
        assert refused.err.strip()
        assert "Traceback" not in refused.err
    assert (await jiaoying("status", "--json")).facts["alerts"] == []
