"""Rows of a workbook read by a pattern are those that the parser reads."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import quoteattr

import pytest

from contacts.roster.sheet_xml import SheetCells, WrittenSheet

ROW = '<row r="2"><c r="A2"><v>1</v></c></row>'
ROWS = {
    "as Excel writes": '<row r="1" spans="1:2"><c r="A1" s="1" t="s"><v>0</v></c>'
    '<c r="B1" s="1"/><c r="C1"><v>13900000001</v></c></row>',
    "as openpyxl writes": '<row r="1"><c r="A1" t="inlineStr"><is><t>王 强</t></is></c>'
    '<c r="B1" t="n" /><c r="C1" t="n"><v>5</v></c></row>',
    "without references": "<row><c t='inlineStr'><is><t>a</t></is></c><c><v>2</v></c></row>",
    "hidden": '<row r="7" hidden="1"><c r="A7"><v>1</v></c></row>',
    "empty ones": '<row r="1"/><row r="2" ht="20"></row><row r="3"><c r="B3"><v>1</v></c></row>',
    "a day": '<row r="1"><c r="A1" s="1"><v>46357.5</v></c></row>',
    "a formula": '<row r="1"><c r="A1"><f>B1+1</f><v>2</v></c><c r="B1"><v>1</v></c></row>',
    "an entity": '<row r="1"><c r="A1" t="str"><v>a &amp; b</v></c></row>',
    "spaces kept": '<row r="1"><c r="A1" t="inlineStr"><is>'
    '<t xml:space="preserve"> a\r\nb </t></is></c></row>',
    "rich text": '<row r="1"><c r="A1" t="inlineStr">'
    "<is><r><t>张</t></r><r><t>三</t></r></is></c></row>",
    "a truth": '<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c></row>',
    "far to the right": '<row r="1"><c r="AB1"><v>1</v></c></row>',
    "a comment": f"<!-- {ROW} --><row r='2'><c r='A2'><v>3</v></c></row>",
    "a prefix": '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>',
    "apart": f'<row r="1">\n <c r="A1">\n  <v>1</v>\n </c>\n</row>\n{ROW}',
    "an instruction": f"<?x {ROW} ?><row r='2'><c r='A2'><v>3</v></c></row>",
}
TAIL = '<mergeCells><mergeCell ref="A1:A2"/></mergeCells>'
SPACE = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' xmlns:x='urn:x'"


def _read(rows: str, encoding: str = "utf-8", *, by_parser: bool = False) -> WrittenSheet:
    # A comment in front makes the parser read everything.
    aside = "<!-- -->" if by_parser else ""
    declared = f"<?xml version='1.0' encoding={quoteattr(encoding)}?>"
    text = f"{declared}<worksheet {SPACE}>{aside}<sheetData>{rows}</sheetData>{TAIL}</worksheet>"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("sheet.xml", text.encode(encoding))
    sheet = WrittenSheet("一", visible=True)
    with zipfile.ZipFile(archive) as file:
        SheetCells(sheet, ["张三"], ["", "date"], False, "f.xlsx").read(file, "sheet.xml")
    return sheet


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_the_pattern_and_the_parser_read_the_same(rows: str) -> None:
    """Whoever wrote the file, and however."""
    read = _read(rows)
    assert read == _read(rows, by_parser=True)
    assert (read.rows or read.hidden) and read.merged


def test_rows_longer_than_a_piece_are_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file is cut while it is read makes no difference."""
    together = "".join(
        ROWS[name] for name in ("as Excel writes", "an entity", "apart", "empty ones")
    )
    whole = _read(together, by_parser=True)
    for piece in (1, 2, 3, 7, 50, 1000):
        monkeypatch.setattr("contacts.roster.xml_elements.PIECE", piece)
        assert _read(together) == whole


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_other_encodings_are_the_parsers_work(encoding: str) -> None:
    """They are rare, and read all the same."""
    read = _read(ROWS["a day"], encoding)
    assert [row.cells for row in read.rows] == [("2026-12-01 12:00:00",)]
