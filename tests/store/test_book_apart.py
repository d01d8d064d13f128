"""A long workbook is read by a process of its own, and is the same book."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from contacts.roster import book_apart
from contacts.roster.book_apart import being_read, from_json, to_json
from contacts.roster.spreadsheets import read_book
from data.errors import InvalidInput
from data.files import FileProblem


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two sheets, one of them hidden, with merged cells and a hidden row."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "老头沟镇"
    for row in (["姓名", "电话", "村"], ["张三", 13900000001, "宝兴村"], ["李四", "1390000 0002"]):
        sheet.append(row)
    sheet.append(["王五", "13900000003"])
    sheet.merge_cells("C2:C3")
    sheet.row_dimensions[4].hidden = True
    book.create_sheet("旧名单").sheet_state = "hidden"
    path = tmp_path / "名单.xlsx"
    book.save(path)
    return path


def no_process(*_: object, **__: object) -> Any:
    raise AssertionError("no process is needed")


def test_a_book_passed_on_is_the_same(workbook: Path) -> None:
    book = read_book(workbook)
    assert book.grids[0].merged
    assert book.grids[0].hidden
    assert book.hidden_sheets == ("旧名单",)
    assert from_json(to_json(book)) == book


def test_a_long_workbook_is_read_by_another_process(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_book(workbook)
    monkeypatch.setattr(book_apart, "LONG_BYTES", 1)
    monkeypatch.setattr(book_apart, "read_book", no_process)
    with being_read(workbook) as read:
        assert read is not None
        assert read() == expected


@pytest.mark.parametrize("name", ["名单.xlsx", "名单.csv", "没有.xlsx"])
def test_what_is_read_in_no_time_needs_no_process(
    name: str, workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workbook.parent / "名单.csv").write_text("姓名,电话\n" * 30_000, encoding="utf-8")
    monkeypatch.setattr(subprocess, "Popen", no_process)
    with being_read(workbook.parent / name) as read:
        assert read is None


def test_what_is_wrong_with_a_long_file_is_said_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_apart, "LONG_BYTES", 1)
    path = tmp_path / "名单.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    with being_read(path) as read:
        assert read is not None
        with pytest.raises(InvalidInput) as refused:
            read()
    assert refused.value.code is FileProblem.BROKEN_XLSX


def test_a_file_that_nobody_waits_for_is_read_no_further(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*given: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*given, **named))
        return started[0]

    monkeypatch.setattr(book_apart, "LONG_BYTES", 1)
    monkeypatch.setattr(subprocess, "Popen", noted)
    with being_read(workbook):
        pass
    assert started[0].returncode is not None
