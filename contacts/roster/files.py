"""Reading a CSV or XLSX file into rows of text, whatever a spreadsheet program made of it.

UTF-8 with or without BOM, GBK (GB18030) and UTF-16 are told apart by their bytes; commas, tabs and
semicolons by the first line. An XLSX is a zip of XML from anybody: its size is bounded before it is
unpacked, and its XML is read with defusedxml (openpyxl uses it when it is installed).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from contacts.roster.sheet import FileProblem, Line, Sheet
from data.errors import InvalidInput

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 64


def read_sheet(path: Path) -> Sheet:
    """Read ``path``; the first sheet of an XLSX.

    :raises InvalidInput: with a ``FileProblem``.
    """
    content = _content(path)
    if content.startswith(b"PK\x03\x04"):
        rows, ragged = _xlsx(content, path.name), False
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInput(FileProblem.OLD_EXCEL, file=path.name)
    else:
        rows, ragged = _csv(_text(content, path.name), path.name), True
    lines = []
    for number, cells in rows:
        if len(cells) > MAX_COLUMNS:
            raise InvalidInput(FileProblem.TOO_MANY_COLUMNS, file=path.name, most=MAX_COLUMNS)
        stripped = tuple([cell.strip() for cell in cells])
        if any(stripped):
            lines.append(Line(number, stripped))
        if len(lines) > MAX_ROWS + 1:
            raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=path.name, most=MAX_ROWS)
    if not lines:
        raise InvalidInput(FileProblem.EMPTY, file=path.name)
    if len(lines) == 1:
        raise InvalidInput(FileProblem.NO_ROWS, file=path.name)
    header = lines[0].cells
    while header and not header[-1]:
        header = header[:-1]
    digest = hashlib.sha256(content).hexdigest()
    return Sheet(path.name, digest, header, tuple(lines[1:]), ragged)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise InvalidInput(FileProblem.NOT_FOUND, file=str(path)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInput(FileProblem.UNREADABLE, file=str(path), reason=reason) from error
    if len(content) > MAX_FILE_BYTES:
        most = MAX_FILE_BYTES // 1024 // 1024
        raise InvalidInput(FileProblem.TOO_LARGE, file=path.name, most=most)
    return content


def _text(content: bytes, file: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # GB18030 makes characters of nearly anything: a zero byte gives a binary file away.
        if "\0" not in text:
            return text
    raise InvalidInput(FileProblem.NOT_TEXT, file=file)


def _csv(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in ",\t;" if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        # Rows as a spreadsheet counts them: empty ones too, and one for a cell of two lines.
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        raise InvalidInput(FileProblem.BAD_QUOTES, file=file, row=number + 1) from error


def _xlsx(content: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    # Imported here: loading openpyxl takes longer than most commands run.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            bound = beyond(archive, MAX_UNPACKED_BYTES)
        if bound is Bound.ROWS:
            raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=file, most=MAX_ROWS)
        if bound is Bound.UNPACKED:
            raise InvalidInput(FileProblem.BOMB, file=file, most=MAX_UNPACKED_BYTES // 1024 // 1024)
        if bound is not None:
            raise InvalidInput(FileProblem.SUSPICIOUS, file=file)
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=False, keep_links=False
        )
        try:
            sheet = book.worksheets[0]
            # Some programs declare a range that is too small, and rows would be lost.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1)
            for number, values in enumerate(rows, start=1):
                # A row may declare any number: openpyxl makes up all the empty ones before it.
                if number > MAX_XML_ROWS:
                    raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=file, most=MAX_ROWS)
                cells = [_cell(value) for value in values]
                while cells and not cells[-1]:
                    cells.pop()
                yield number, cells
        finally:
            book.close()
    # What a damaged archive raises is not one family; defusedxml's refusals are ValueErrors.
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        SyntaxError,
        KeyError,
        ValueError,
        IndexError,
        AttributeError,
        TypeError,
        EOFError,
        MemoryError,
        NotImplementedError,
        zlib.error,
        OSError,
        RuntimeError,
    ) as error:
        raise InvalidInput(FileProblem.BROKEN_XLSX, file=file) from error


def _cell(value: Any) -> str:
    """A cell as text: a whole number without the fraction, a time in ISO, a formula as it is."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    text = getattr(value, "text", None)  # openpyxl's ArrayFormula, DataTableFormula
    return text if isinstance(text, str) else str(value)


# -- Whether an XLSX can be read in bounded memory -------------------------------------------------

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_TEXTS_BYTES = 64 * 1024 * 1024
MAX_PART_BYTES = 8 * 1024 * 1024
MAX_STRETCH_BYTES = 4 * 1024 * 1024
"""Bytes of a sheet without a new row, or of the texts without a new text: 64 columns of the 32,767
characters that a cell takes are half of it."""
MAX_PARTS = 2000
MAX_XML_ROWS = 1_048_576
"""What a spreadsheet program can hold."""

_PIECE = 1024 * 1024
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_TEXTS = re.compile(r"xl/sharedstrings\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_TEXT = re.compile(rb"<(?:\w+:)?si\b")
_OVERLAP = 64  # bytes: a tag cut in two by the end of a piece is found in the next


class Bound(Enum):
    """What an archive goes beyond."""

    UNPACKED = "unpacked"
    PARTS = "parts"
    PART = "part"
    STRETCH = "stretch"
    HIDDEN = "hidden"  # in a comment, or under another part's name
    ROWS = "rows"


def beyond(archive: zipfile.ZipFile, most: int = MAX_UNPACKED_BYTES) -> Bound | None:
    """The first bound that the archive goes beyond; ``None`` when it can be read.

    :param most: bytes of all parts together. What the zip declares is enough to ask: more than a
        part's declared size is never unpacked.
    """
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        return Bound.PARTS
    if sum(part.file_size for part in parts) > most:
        return Bound.UNPACKED
    for part in parts:
        if part.file_size <= MAX_STRETCH_BYTES:
            continue
        sheet, texts = _SHEET.fullmatch(part.filename), _TEXTS.fullmatch(part.filename)
        largest = most if sheet else MAX_TEXTS_BYTES if texts else MAX_PART_BYTES
        if part.file_size > largest:
            return Bound.PART
        if sheet or texts:
            if _named_otherwise(archive, part.filename, "worksheet" if sheet else "sharedStrings"):
                return Bound.HIDDEN
            found = _stretches(archive, part, _ROW if sheet else _TEXT)
            if found is not None:
                return found
    return None


def _named_otherwise(archive: zipfile.ZipFile, name: str, kind: str) -> bool:
    """Whether the archive calls a large part something else: a style sheet is read whole."""
    from defusedxml import ElementTree

    file = name.rpartition("/")[2].lower()
    for part in archive.infolist():
        types = part.filename == "[Content_Types].xml"
        if part.file_size > MAX_PART_BYTES or not (types or part.filename.endswith(".rels")):
            continue
        for one in ElementTree.fromstring(archive.read(part)):
            target = one.get("PartName" if types else "Target", "")
            said = one.get("ContentType" if types else "Type", "")
            said = said.removesuffix("+xml")
            if target.rpartition("/")[2].lower() == file and not said.endswith(
                (f".{kind}", f"/{kind}")
            ):
                return True
    return False


def _stretches(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, mark: re.Pattern[bytes]
) -> Bound | None:
    """Walk a large part, a piece at a time."""
    last, at, marks, kept = 0, 0, 0, b""
    with archive.open(part) as file:
        while piece := file.read(_PIECE):
            start = at - len(kept)
            window = kept + piece
            if b"<!" in window:
                return Bound.HIDDEN
            for found in mark.finditer(window):
                place = start + found.start()
                if place - last > MAX_STRETCH_BYTES:
                    return Bound.STRETCH
                if place > last:
                    marks += 1
                last = max(last, place)
            at += len(piece)
            if at - last > MAX_STRETCH_BYTES:
                return Bound.STRETCH
            if mark is _ROW and marks > MAX_XML_ROWS:
                return Bound.ROWS
            kept = window[-_OVERLAP:]
    return None
