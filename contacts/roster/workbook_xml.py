"""The sheets of an XLSX as cells of text, read as a stream: no sheet is ever whole in memory.

An XLSX is a zip of XML from anybody. ``contacts.roster.xlsx`` weighs its parts before this looks at
them; here a document type, which could declare entities, ends the reading.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from xml.parsers import expat

from contacts.roster.sheet import MAX_COLUMNS, MAX_ROWS, Merged, SheetRow
from data.errors import InvalidInput
from data.files import FileProblem

MAX_XML_ROWS = 1_048_576
"""What a spreadsheet program can hold."""

MAX_WRITTEN_ROWS = MAX_ROWS + 20_000
"""Rows that are read: those that may hold something, and some that are only coloured."""

_PIECE = 256 * 1024  # bytes
_MAX_MERGED = 100_000
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_HOURS = frozenset({46})  # [h]:mm:ss
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")

Attributes = dict[str, str]
Begin = Callable[[Attributes], None]
End = Callable[[], None]


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


def sheets_of(archive: zipfile.ZipFile, file: str) -> Iterator[WrittenSheet]:
    """The sheets in their order, each read when it is asked for; a hidden one without its rows.

    :param file: the file's name, for the refusals.
    :raises InvalidInput: TOO_MANY_ROWS or TOO_MANY_COLUMNS of ``FileProblem``.
    :raises ValueError, KeyError, expat.ExpatError: the archive is no sound workbook.
    """
    _Elements({}, {}).read(archive, "[Content_Types].xml")  # refused here if it holds a bomb
    book = _SheetList()
    book.read(archive, "xl/workbook.xml")
    targets = _Targets()
    targets.read(archive, "xl/_rels/workbook.xml.rels")
    names = set(archive.namelist())
    texts = _Texts()
    if targets.texts in names:
        texts.read(archive, targets.texts)
    styles = _Styles()
    if targets.styles in names:
        styles.read(archive, targets.styles)
    for name, visible, key in book.sheets:
        if key not in targets.sheets:  # a chart
            continue
        sheet = WrittenSheet(name, visible)
        if visible:
            cells = _Cells(sheet, texts.found, styles.kinds, book.since_1904, file)
            cells.read(archive, targets.sheets[key])
        yield sheet


class _Elements:
    """Walks one XML part: what to do where an element begins or ends, by its name without prefix.

    What stands between is in ``_text`` until somebody takes it.
    """

    def __init__(self, starts: Mapping[str, Begin], ends: Mapping[str, End]) -> None:
        self._starts, self._ends = starts, ends
        # By the name as it is written: half a million cells shall not have it taken apart.
        self._begin_of: dict[str, Begin | None] = {}
        self._end_of: dict[str, End | None] = {}
        self._text: list[str] = []

    def read(self, archive: zipfile.ZipFile, part: str) -> None:
        """Read the whole part.

        :raises ValueError: it declares a document type.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._stop
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _no_document_type
        with archive.open(part) as stream:
            while piece := stream.read(_PIECE):
                parser.Parse(piece, False)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: Attributes) -> None:
        try:
            act = self._begin_of[name]
        except KeyError:
            act = self._begin_of[name] = self._starts.get(name.rpartition(":")[2])
        if act is not None:
            act(attributes)

    def _stop(self, name: str) -> None:
        try:
            act = self._end_of[name]
        except KeyError:
            act = self._end_of[name] = self._ends.get(name.rpartition(":")[2])
        if act is not None:
            act()

    def _take(self) -> str:
        """The text since the last one was taken or dropped."""
        text = "".join(self._text)
        self._text.clear()
        return text


def _no_document_type(*_: object) -> None:
    raise ValueError("a document type in a workbook")


class _SheetList(_Elements):
    """Which sheets there are: name, whether visible, key of the part."""

    def __init__(self) -> None:
        super().__init__({"sheet": self._sheet, "workbookPr": self._properties}, {})
        self.sheets: list[tuple[str, bool, str]] = []
        self.since_1904 = False

    def _sheet(self, attributes: Attributes) -> None:
        key = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
        visible = attributes.get("state", "visible") == "visible"
        self.sheets.append((attributes.get("name", ""), visible, key))

    def _properties(self, attributes: Attributes) -> None:
        self.since_1904 = attributes.get("date1904", "0") in ("1", "true")


class _Targets(_Elements):
    """Where the parts of the workbook lie."""

    def __init__(self) -> None:
        super().__init__({"Relationship": self._relation}, {})
        self.sheets: dict[str, str] = {}
        self.texts = "xl/sharedStrings.xml"
        self.styles = "xl/styles.xml"

    def _relation(self, attributes: Attributes) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        path = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
        if kind == "worksheet":
            self.sheets[attributes.get("Id", "")] = path
        elif kind == "sharedStrings":
            self.texts = path
        elif kind == "styles":
            self.styles = path


class _Texts(_Elements):
    """The texts that cells share; how a Japanese text is pronounced is not part of it."""

    def __init__(self) -> None:
        super().__init__(
            {"si": self._begin, "t": self._forget, "rPh": self._aside_from_here},
            {"si": self._finish, "t": self._piece, "rPh": self._aside_no_more},
        )
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._aside = False

    def _begin(self, _: Attributes) -> None:
        self._pieces.clear()

    def _forget(self, _: Attributes) -> None:
        self._text.clear()

    def _aside_from_here(self, _: Attributes) -> None:
        self._aside = True

    def _aside_no_more(self) -> None:
        self._aside = False

    def _piece(self) -> None:
        text = self._take()
        if not self._aside:
            self._pieces.append(text)

    def _finish(self) -> None:
        self.found.append("".join(self._pieces))


class _Styles(_Elements):
    """What numbers of each style are: "" a number, "date" a time, "hours" a span of hours."""

    def __init__(self) -> None:
        super().__init__(
            {"numFmt": self._format, "cellXfs": self._begin, "xf": self._style},
            {"cellXfs": self._finish},
        )
        self.kinds: list[str] = []
        self._formats: dict[str, str] = {}
        self._of_cells = False

    def _format(self, attributes: Attributes) -> None:
        self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")

    def _begin(self, _: Attributes) -> None:
        self._of_cells = True

    def _style(self, attributes: Attributes) -> None:
        if self._of_cells:
            key = attributes.get("numFmtId", "0")
            self.kinds.append(_kind(key, self._formats.get(key)))

    def _finish(self) -> None:
        self._of_cells = False


def _kind(key: str, written: str | None) -> str:
    if written is None:
        number = int(key) if key.isdigit() else 0
        return "hours" if number in _HOURS else "date" if number in _BUILT_IN_DATES else ""
    return kind_of_format(written)


@lru_cache(1000)
def kind_of_format(written: str) -> str:
    """What a number of this format is: "" a number, "date" a time, "hours" a span of hours."""
    marks = _NOT_FORMAT.sub("", written.partition(";")[0]).lower()
    if "[h" in marks:
        return "hours"
    return "date" if "general" not in marks and set("ymdhs") & set(marks) else ""


class _Cells(_Elements):
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
        text = self._text_of_cell()
        if not text:
            return
        column, cells = self._column, self._cells
        if column >= MAX_COLUMNS:
            raise InvalidInput(FileProblem.TOO_MANY_COLUMNS, file=self._file, most=MAX_COLUMNS)
        missing = column - len(cells)
        if missing < 0:
            raise ValueError("cells out of order")
        if missing:
            cells.extend([""] * missing)
        cells.append(text)

    def _text_of_cell(self) -> str:
        if self._formula is not None:
            return "=" + self._formula
        value, written = self._value, self._type
        if written == "s":
            return self._texts[int(value)].strip() if value else ""
        if written == "inlineStr":
            return "".join(self._inline).strip()
        if written == "b":
            return "True" if value.strip() == "1" else "False"
        if written != "n" or not value:
            return value.strip()
        kind = self._kinds[int(self._style)] if self._style else ""
        return number_text(value, kind, self._since_1904)


@lru_cache(1000)
def column_number(letters: str) -> int:
    """The column of this name, from 0: A is 0, AB is 27.

    :raises ValueError: it is no name of a column.
    """
    if not 0 < len(letters) <= 3 or not (letters.isascii() and letters.isalpha()):
        raise ValueError(f"no column {letters[:10]}")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def number_text(written: str, kind: str, since_1904: bool = False) -> str:
    """A number as text: whole ones without a fraction, times in ISO, hours as 24:00.

    :param kind: see ``kind_of_format``.
    :raises ValueError: it is no number.
    """
    if not kind and written.isascii() and written.isdigit():
        return written
    value = float(written)
    if kind == "hours":
        minutes = round(value * 24 * 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if kind == "date":
        return time_of_serial(value, since_1904)
    return str(int(value)) if value.is_integer() else str(value)


def time_of_serial(serial: float, since_1904: bool = False) -> str:
    """A day and time as spreadsheets count them, in ISO; only the time where there is no day.

    :raises ValueError: no calendar has that day.
    """
    if not 0 <= serial < 2_958_466:  # year 10000
        raise ValueError(f"no day {serial}")
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - local
    at = epoch + timedelta(seconds=round(serial * 86_400))
    return f"{at:%H:%M:%S}" if serial < 1 else at.isoformat(sep=" ")
