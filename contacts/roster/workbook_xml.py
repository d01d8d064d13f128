"""The sheets of an XLSX as cells of text, read as a stream: no sheet is ever whole in memory.

An XLSX is a zip of XML from anybody. ``contacts.roster.xlsx`` weighs its parts before this looks at
them; here a document type, which could declare entities, ends the reading.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator

from contacts.roster.cell_texts import kind_of_format
from contacts.roster.sheet_xml import SheetCells, WrittenSheet
from contacts.roster.xml_elements import Attributes, Elements

_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_HOURS = frozenset({46})  # [h]:mm:ss


def sheets_of(archive: zipfile.ZipFile, file: str) -> Iterator[WrittenSheet]:
    """The sheets in their order, each read when it is asked for; a hidden one without its rows.

    :param file: the file's name, for the refusals.
    :raises InvalidInput: TOO_MANY_ROWS or TOO_MANY_COLUMNS of ``FileProblem``.
    :raises ValueError, KeyError, expat.ExpatError: the archive is no sound workbook.
    """
    Elements({}, {}).read(archive, "[Content_Types].xml")  # refused here if it holds a bomb
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
            cells = SheetCells(sheet, texts.found, styles.kinds, book.since_1904, file)
            cells.read(archive, targets.sheets[key])
        yield sheet


class _SheetList(Elements):
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


class _Targets(Elements):
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


class _Texts(Elements):
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


class _Styles(Elements):
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
