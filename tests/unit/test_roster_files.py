"""Files as spreadsheet programs save them: encodings, numbers, and hostile archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from contacts.roster import spreadsheets, xlsx
from contacts.roster.cell_texts import kind_of_format, number_text
from contacts.roster.columns import COLUMNS, RosterKind, map_columns
from contacts.roster.sheet import Merged
from contacts.roster.spreadsheets import read_book, read_sheet
from data import files
from data.errors import InvalidInput
from data.files import FileProblem

TEXT = "姓名,电话\n张三,13900000001\n"
Write = Callable[[bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: bytes | str) -> Path:
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def refusal(path: Path) -> FileProblem:
    with pytest.raises(InvalidInput) as refused:
        read_sheet(path)
    assert isinstance(refused.value.code, FileProblem)
    return refused.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(write: Write, encoding: str, newline: str) -> None:
    sheet = read_sheet(write(TEXT.replace("\n", newline).encode(encoding)))
    assert sheet.header == ("姓名", "电话")
    assert [(line.number, line.cells) for line in sheet.rows] == [(2, ("张三", "13900000001"))]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters(write: Write, delimiter: str) -> None:
    assert read_sheet(write(TEXT.replace(",", delimiter))).header == ("姓名", "电话")


def test_quotes_spaces_and_empty_rows_keep_the_row_numbers(write: Write) -> None:
    text = 'name,phone\n\n"王, 梅", 1 \n,\n"two\nlines",2\n   \nlast,3\n'
    sheet = read_sheet(write(text))
    assert [(line.number, line.cells) for line in sheet.rows] == [
        (3, ("王, 梅", "1")),
        (5, ("two\nlines", "2")),
        (7, ("last", "3")),
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", FileProblem.EMPTY),
        (b"\n\n , \n", FileProblem.EMPTY),
        (b"name,phone\n", FileProblem.NO_ROWS),
        (b"\xd0\xcf\x11\xe0 old", FileProblem.OLD_EXCEL),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FileProblem.NOT_TEXT),
        (b"name,phone\n\xff\xff\xff", FileProblem.NOT_TEXT),
        (b'name,phone\n"open,1\n', FileProblem.BAD_QUOTES),
        (b'name,phone\n"a"b,1\n', FileProblem.BAD_QUOTES),
        (b"PK\x03\x04 not a zip", FileProblem.BROKEN_XLSX),
        (b"a," * 65 + b"\n", FileProblem.TOO_MANY_COLUMNS),
    ],
)
def test_what_is_no_roster(write: Write, content: bytes, problem: FileProblem) -> None:
    assert refusal(write(content)) is problem


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.csv") is FileProblem.NOT_FOUND
    assert refusal(tmp_path) is FileProblem.UNREADABLE


def test_size_is_bounded(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 3)
    assert len(read_sheet(write("a\n1\n2\n3\n")).rows) == 3
    assert refusal(write("a\n1\n2\n3\n4\n")) is FileProblem.TOO_MANY_ROWS
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 4)
    assert refusal(write("a\n1\n2\n")) is FileProblem.TOO_LARGE


def test_xlsx_numbers_times_and_formulas(write: Write) -> None:
    at = datetime(2026, 7, 1, 8, 0)  # noqa: DTZ001 - a spreadsheet knows no zones
    sheet = read_sheet(
        write(workbook(["a", "b", "c"], [13900000001, 1.39e10, at], [None], ["=1+1", 2.5, True]))
    )
    assert [(line.number, line.cells) for line in sheet.rows] == [
        (2, ("13900000001", "13900000000", "2026-07-01 08:00:00")),
        (4, ("=1+1", "2.5", "True")),
    ]
    assert not sheet.ragged


def test_a_truncated_xlsx(write: Write) -> None:
    whole = workbook(["a"], [1])
    for length in (40, len(whole) // 2, len(whole) - 30):
        assert refusal(write(whole[:length])) is FileProblem.BROKEN_XLSX


def test_a_zip_that_is_no_workbook(write: Write) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(write(buffer.getvalue())) is FileProblem.BROKEN_XLSX


def test_a_zip_bomb_is_not_unpacked(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO(workbook(["a"], [1]))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 3_000_000)
    monkeypatch.setattr(xlsx, "MAX_UNPACKED_BYTES", 2_000_000)
    assert len(buffer.getvalue()) < 20_000
    assert refusal(write(buffer.getvalue())) is FileProblem.BOMB


def test_an_entity_bomb_is_refused(write: Write) -> None:
    whole = io.BytesIO(workbook(["a"], ["b"]))
    evil = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(evil, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                head, _, body = content.partition(b"<worksheet")
                entities = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
                content = head + entities + b"<worksheet" + body
            new.writestr(entry, content)
    assert refusal(write(evil.getvalue())) is FileProblem.BROKEN_XLSX


def test_headers_in_chinese_english_and_any_order(write: Write) -> None:
    sheet = read_sheet(write("职务*, 联系电话 ,Name,备注,区划 代码,,\n1,2,3,4,5,,\n"))
    places, ignored = map_columns(sheet, COLUMNS[RosterKind.PEOPLE])
    assert places == {"role": 0, "phone": 1, "name": 2, "division_code": 4}
    assert ignored == ("备注",)


def test_a_missing_column_is_named(write: Write) -> None:
    with pytest.raises(InvalidInput) as refused:
        map_columns(read_sheet(write("姓名,区划代码,职务\n1,2,3\n")), COLUMNS[RosterKind.PEOPLE])
    assert refused.value.code is FileProblem.MISSING_COLUMN
    assert refused.value.facts["column"] == "phone"
    assert refused.value.facts["label"] == "电话"


def test_a_column_twice_is_refused(write: Write) -> None:
    with pytest.raises(InvalidInput) as refused:
        map_columns(
            read_sheet(write("姓名,name,电话,区划代码,职务\n1,2,3,4,5\n")),
            COLUMNS[RosterKind.PEOPLE],
        )
    assert refused.value.code is FileProblem.COLUMN_TWICE


def test_all_visible_sheets_and_what_is_hidden(write: Write) -> None:
    book = openpyxl.Workbook()
    first, second, hidden = book.active, book.create_sheet("三合镇"), book.create_sheet("旧表")
    first.title = "老头沟镇"
    for sheet in (first, second, hidden):
        sheet.append(["姓名", "电话"])
        sheet.append([sheet.title, 1])
        sheet.append(["离任", 2])
    first.merge_cells("A2:A3")
    second.row_dimensions[3].hidden = True
    hidden.sheet_state = "hidden"
    content = io.BytesIO()
    book.save(content)
    found = read_book(write(content.getvalue()))
    assert [(grid.name, len(grid.rows)) for grid in found.grids] == [("老头沟镇", 3), ("三合镇", 2)]
    assert found.hidden_sheets == ("旧表",)
    assert [row.number for row in found.grids[1].hidden] == [3]
    assert found.grids[0].merged == (Merged(2, 3, 0, 0),)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("yyyy-mm-dd", "date"),
        ('yyyy"年"m"月"d"日"', "date"),
        ("[h]:mm", "hours"),
        ("[$-804]h:mm", "date"),
        ("0.00", ""),
        ("General", ""),
        ('0"元"', ""),
        ("[Red]0", ""),
    ],
)
def test_what_a_number_of_a_format_is(written: str, kind: str) -> None:
    assert kind_of_format(written) == kind


@pytest.mark.parametrize(
    ("serial", "kind", "text"),
    [
        ("46357", "date", "2026-12-01 00:00:00"),
        ("46357.5", "date", "2026-12-01 12:00:00"),
        ("0.5", "date", "12:00:00"),
        ("1", "hours", "24:00"),
        ("19900000001.0", "", "19900000001"),
        ("1.99E+10", "", "19900000000"),
        ("2.5", "", "2.5"),
    ],
)
def test_numbers_days_and_hours(serial: str, kind: str, text: str) -> None:
    assert number_text(serial, kind) == text
