"""A newcomer imports a roster by the command line, and the printed codes link their people."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from bot.services.clocks import MovableClock
from tests.roster import VILLAGES
from tests.stories.command_line import CommandLine
from tests.stories.qr_codes import codes_in
from tests.stories.story import Actor, story_of

PEOPLE = (
    ("姓名", "电话", "区划代码", "职务", "顺位"),
    ("张三", "13900000001", VILLAGES[0], "包保责任人", "1"),
    ("李四", "13900000002", VILLAGES[1], "village_responsible", "1"),
    ("王值班", "13900000003", "222403101000", "值班员", "1"),
)
GROUPS = (
    ("chat_id", "title", "division_code", "purpose"),
    ("-1001234567890", "黄泥河防汛", "222403101000", "flood"),
)
DUTY = (
    ("电话", "区划代码", "开始", "结束"),
    ("13900000003", "222403101000", "2026-07-01 08:00", "2026-07-02 08:00"),
)
DIVISIONS = (
    ("code", "name", "level", "parent_code"),
    ("222403101299", "新立村", "village", "222403101000"),
)
Rows = tuple[tuple[str, ...], ...]


def as_csv(rows: Rows) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def as_xlsx(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


@pytest.fixture
def jiaoying(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gbk", "xlsx"])
def test_a_first_import_on_an_empty_folder(jiaoying: CommandLine, form: str) -> None:
    folder = jiaoying.folder
    if form == "xlsx":
        file = as_xlsx(folder / "people.xlsx", PEOPLE)
    else:
        file = folder / "people.csv"
        file.write_text(as_csv(PEOPLE), encoding=form)
    dry = jiaoying.run("import", "people", file, "--dry-run")
    assert dry.code == 0, dry.err
    assert "张三" in dry.out
    assert "什么都没有写入" in dry.out
    first = jiaoying.run("import", "people", file)
    assert (first.code, "新增 3" in first.out) == (0, True), first.out
    second = jiaoying.run("import", "people", file)
    assert (second.code, "没有改动" in second.out) == (0, True), second.out


def test_divisions_groups_and_duty_follow(jiaoying: CommandLine) -> None:
    folder = jiaoying.folder
    for kind, rows in (
        ("divisions", DIVISIONS),
        ("people", PEOPLE),
        ("groups", GROUPS),
        ("duty", DUTY),
    ):
        file = as_xlsx(folder / f"{kind}.xlsx", rows)
        first = jiaoying.run("import", kind, file)
        assert first.code == 0, first.out + first.err
        assert "新增" in first.out
        second = jiaoying.run("import", kind, file)
        assert "没有改动" in second.out, second.out
    trail = jiaoying.run("audit", "verify")
    assert trail.code == 0
    checked = jiaoying.run("check")
    assert checked.code == 0
    assert "敦化" in checked.out or "村" in checked.out
    assert jiaoying.run("check", "--json").facts


def test_each_bad_row_is_named_and_nothing_is_half_imported(jiaoying: CommandLine) -> None:
    bad: Rows = (
        *PEOPLE,
        ("赵六", "139", VILLAGES[2], "包保责任人", "1"),
        ("孙七", "13900000001", VILLAGES[2], "包保责任人", "1"),
        ("周八", "13900000008", "999999999999", "村霸", "0"),
    )
    file = jiaoying.folder / "坏.csv"
    file.write_text(as_csv(bad), encoding="gbk")
    result = jiaoying.run("import", "people", file)
    assert result.code == 1
    for words in (
        "坏.csv 第 5 行 电话（phone）",
        "第 6 行",
        "与第 2 行重复",
        "第 7 行",
        "没有区划",
        "村霸",
        "顺位",
        "什么都没有导入",
    ):
        assert words in result.out, result.out
    english = jiaoying.run("import", "people", file, "--language", "en")
    assert english.code == 1
    assert "坏.csv" in english.out
    assert "什么都没有" not in english.out
    good = jiaoying.folder / "people.csv"
    good.write_text(as_csv(PEOPLE), encoding="utf-8")
    assert "新增 3" in jiaoying.run("import", "people", good, "--dry-run").out


@pytest.mark.parametrize("content", [b"", b"name\n", b"\xff\xfe\x00\x01\x80", b"PK\x03\x04junk"])
def test_a_file_that_is_no_roster_is_said_to_be_none(jiaoying: CommandLine, content: bytes) -> None:
    file = jiaoying.folder / "roster.csv"
    file.write_bytes(content)
    result = jiaoying.run("import", "people", file)
    assert result.code == 1
    assert "roster.csv" in result.out
    assert "Traceback" not in result.out + result.err


def test_five_thousand_people(jiaoying: CommandLine) -> None:
    file = jiaoying.folder / "all.csv"
    rows = (
        (f"村民{n}", f"139{n:08d}", VILLAGES[n % 3], "包保责任人", str(n % 99 + 1))
        for n in range(5_000)
    )
    file.write_text(as_csv((PEOPLE[0], *rows)), encoding="utf-8")
    first = jiaoying.run("import", "people", file)
    assert (first.code, "新增 5000" in first.out) == (0, True), first.out
    second = jiaoying.run("import", "people", file)
    assert "不变 5000" in second.out, second.out


async def test_the_printed_codes_link_their_people(tmp_path: Path) -> None:
    async with story_of(tmp_path, clock=MovableClock()) as story:
        jiaoying = CommandLine(tmp_path)
        file = as_xlsx(tmp_path / "people.xlsx", PEOPLE)
        assert (await jiaoying("import", "people", file)).code == 0
        username = story.app.lines[0].voice.username
        sheet = tmp_path / "codes.pdf"
        result = await jiaoying(
            "sheets", "222403101000", "--output", sheet, "--bot-username", username
        )
        assert (result.code, "3 人" in result.out) == (0, True), result.out + result.err
        links = codes_in(sheet.read_bytes())
        assert len(links) == len(set(links)) == 3
        welcomed = set()
        for account, link in enumerate(links, start=77_001):
            address, _, code = link.partition("?start=")
            assert address == f"https://t.me/{username}"
            story.server.people.add_user(account, "手机")
            story.server.people.press_start(account, code)
            await story.settled()
            newcomer = Actor(story, {"telegram_id": account, "name": str(account)})
            message = await newcomer.sees()
            if "还差一步" in message["text"]:  # a duty officer proves the own number, too
                (phone,) = [row[1] for row in PEOPLE[1:] if row[0] in message["text"]]
                story.server.people.share_contact(
                    account, contact_user_id=account, phone=f"+86{phone}"
                )
                await story.settled()
                message = await newcomer.sees("绑定成功", "王值班")
                for officer in ("县指挥", "县值班"):
                    await story[officer].sees("有人要绑定", "王值班")
                    await story[officer].sees("已绑定账号", "王值班")
            assert "绑定成功" in message["text"]
            welcomed.update(row[0] for row in PEOPLE[1:] if row[0] in message["text"])
        assert welcomed == {"张三", "李四", "王值班"}
        done = await jiaoying(
            "sheets", "222403101000", "--output", sheet, "--bot-username", username
        )
        assert (done.code, "没有需要绑定" in done.out) == (1, True), done.out
