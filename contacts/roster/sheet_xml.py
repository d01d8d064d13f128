"""The rows of one sheet of an XLSX, as cells of text.

Rows that are written as all programs write them are taken apart by a pattern; what differs (a
formula, an entity, a comment, a prefix) goes to the parser. Measured with 46,000 rows of seven
cells: a third of the time that the parser takes with one call for each element.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from contacts.roster.cell_texts import column_number, number_text
from contacts.roster.sheet import MAX_COLUMNS, MAX_ROWS, Merged, SheetRow
from contacts.roster.xml_elements import Attributes, Elements
from data.errors import InvalidInput
from data.files import FileProblem

if TYPE_CHECKING:
    from xml.parsers import expat

MAX_XML_ROWS = 1_048_576
"""What a spreadsheet program can hold."""

MAX_WRITTEN_ROWS = MAX_ROWS + 20_000
"""Rows that are read: those that may hold something, and some that are only coloured."""

_MAX_MERGED = 100_000
_MAX_KEPT = 4 * 1024 * 1024
"""Characters that wait for the end of a row."""
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_OTHER_ENCODING = re.compile(rb"""<\?xml [^>]*encoding=(?!["']utf-?8["'])""", re.IGNORECASE)
_ROW = re.compile(r"<row\b([^<>/]*)>(?=<c[ />]|$)")
_CELL = re.compile(
    r'<c(?: r="([A-Z]{1,3})\d{1,7}")(?: s="(\d{1,6})")?(?: t="(\w+)")? ?'
    r"(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>)?</c>)"
)
_NUMBER_ALONE = re.compile(r' r="(\d{1,7})"(?: spans="[\d:]*")? ?')
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')


@dataclass(slots=True)
class WrittenSheet:
    """One sheet as it is read: its rows that hold something, and those of them that are hidden."""

    name: str
    visible: bool
    rows: list[SheetRow] = field(default_factory=list)
    hidden: list[SheetRow] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)

    def add(self, number: int, cells: list[str], hidden: bool) -> None:
        """Take one row, without the empty cells at its end; an empty row is none."""
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows = self.hidden if hidden else self.rows
            rows.append(SheetRow(number, tuple(cells), self.name))


class SheetCells(Elements):
    """The rows of one sheet."""

    def __init__(
        self, sheet: WrittenSheet, texts: list[str], kinds: list[str], since_1904: bool, file: str
    ) -> None:
        super().__init__(
            {"row": self._row, "c": self._cell, "mergeCell": self._merge},
            {
                "v": self._end_value,
                "f": self._end_formula,
                "t": self._end_inline,
                "c": self._end_cell,
                "row": self._end_row,
            },
        )
        self._sheet, self._texts, self._kinds = sheet, texts, kinds
        self._since_1904, self._file = since_1904, file
        self._number = self._column = self._written = 0
        self._hidden = False
        self._cells: list[str] = []
        self._type = self._style = ""
        self._value = ""
        self._formula: str | None = None
        self._inline: list[str] = []
        self._columns: dict[str, int] = {}

    def _row(self, attributes: Attributes) -> None:
        self._number = int(attributes.get("r") or self._number + 1)
        self._written += 1
        if self._number > MAX_XML_ROWS or self._written > MAX_WRITTEN_ROWS:
            raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=self._file, most=MAX_ROWS)
        self._hidden = attributes.get("hidden") in ("1", "true")
        self._cells = []
        self._column = -1

    def _cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = column_number(letters)
            self._column = column
        self._type = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._value, self._formula = "", None
        self._text.clear()
        if self._inline:
            self._inline.clear()

    def _merge(self, attributes: Attributes) -> None:
        found = _REFERENCE.fullmatch(attributes.get("ref", ""))
        if found is None or found[3] is None or len(self._sheet.merged) >= _MAX_MERGED:
            return
        left, right = column_number(found[1]), column_number(found[3])
        self._sheet.merged.append(
            Merged(int(found[2]), int(found[4]), left, min(right, MAX_COLUMNS))
        )

    def _end_value(self) -> None:
        self._value = self._take()

    def _end_formula(self) -> None:
        self._formula = self._take()

    def _end_inline(self) -> None:
        self._inline.append(self._take())

    def _end_row(self) -> None:
        self._sheet.add(self._number, self._cells, self._hidden)

    def _end_cell(self) -> None:
        if self._formula is not None:
            self._put(self._column, "=" + self._formula)
        else:
            inline = "".join(self._inline)
            self._put(self._column, self._text_of(self._type, self._style, self._value, inline))

    def _put(self, column: int, text: str) -> None:
        if not text:
            return
        cells = self._cells
        if column >= MAX_COLUMNS:
            raise InvalidInput(FileProblem.TOO_MANY_COLUMNS, file=self._file, most=MAX_COLUMNS)
        missing = column - len(cells)
        if missing < 0:
            raise ValueError("cells out of order")
        if missing:
            cells.extend([""] * missing)
        cells.append(text)

    def _text_of(self, written: str, style: str, value: str, inline: str) -> str:
        """The text of a cell that is no formula, by its type, style and content."""
        if written == "s":
            return self._texts[int(value)].strip() if value else ""
        if written == "inlineStr":
            return inline.strip()
        if written == "b":
            return "True" if value.strip() == "1" else "False"
        if written != "n" or not value:
            return value.strip()
        kind = self._kinds[int(style)] if style else ""
        return number_text(value, kind, self._since_1904)

    def _walk(self, pieces: Iterator[bytes], parser: expat.XMLParserType) -> None:
        first = next(pieces, b"")
        if first[:2] in _UTF_16 or _OTHER_ENCODING.match(first[:200]):
            super()._walk(chain([first], pieces), parser)
            return
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        kept, plain, start = "", True, 1
        for piece in chain([first], pieces):
            text = kept + decoder.decode(piece)
            # What stands in a comment is not there.
            plain = plain and "<!" not in text and text.find("<?", start) < 0
            kept, start = self._read_plain(text, parser) if plain else "", 0
            if not plain:
                parser.Parse(text, False)
        parser.Parse(kept, False)

    def _read_plain(self, text: str, parser: expat.XMLParserType) -> str:
        """Read the plain rows, give the rest to the parser; returns what may be half a row."""
        *rows, rest = text.split("</row>")
        for row in rows:
            opened = _ROW.search(row)
            cells = _CELL.findall(row, opened.end()) if opened else []
            if opened is None or "&" in row or "\r" in row or len(cells) != row.count("<c"):
                parser.Parse(row + "</row>", False)
                continue
            if opened.start():
                parser.Parse(row[: opened.start()], False)
            alone = _NUMBER_ALONE.fullmatch(opened[1])
            self._row({"r": alone[1]} if alone else dict(_ATTRIBUTE.findall(opened[1])))
            self._take_cells(cells)
            self._end_row()
        cut = rest.rfind("<")
        if (begun := rest.rfind("<row")) >= 0:
            cut = begun
        if cut < 0 or len(rest) - cut > _MAX_KEPT:
            cut = len(rest)
        parser.Parse(rest[:cut], False)
        return rest[cut:]

    def _take_cells(self, cells: list[tuple[str, ...]]) -> None:
        row, columns, column, texts = self._cells, self._columns, -1, self._texts
        for letters, style, written, value, inline in cells:
            if not letters:
                column += 1
            elif letters in columns:
                column = columns[letters]
            else:
                column = columns[letters] = column_number(letters)
            if inline and written == "inlineStr":
                text = inline.strip()
            elif not value:
                continue
            elif written == "s":
                text = texts[int(value)]
            elif not style and value.isdigit() and value.isascii() and written in ("", "n"):
                text = value  # a telephone number, a code
            else:
                text = self._text_of(written or "n", style, value, "")
            if text and column == len(row) < MAX_COLUMNS:
                row.append(text)
            else:
                self._put(column, text)
