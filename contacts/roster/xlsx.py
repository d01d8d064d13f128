"""The sheets of an XLSX as rows of text, read in bounded memory.

An XLSX is a zip of XML from anybody. The sizes of its parts are weighed before one is unpacked, and
its large parts are walked through before they are parsed (``workbook_xml``).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum
from xml.parsers.expat import ExpatError

from contacts.roster.sheet import MAX_ROWS
from contacts.roster.sheet_xml import MAX_WRITTEN_ROWS, WrittenSheet
from contacts.roster.workbook_xml import sheets_of
from data.errors import InvalidInput
from data.files import FileProblem

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_TEXTS_BYTES = 64 * 1024 * 1024
MAX_PART_BYTES = 8 * 1024 * 1024
MAX_STRETCH_BYTES = 4 * 1024 * 1024
"""Bytes of a sheet without a new row, or of the texts without a new text: 64 columns of the 32,767
characters that a cell takes are half of it."""
MAX_PARTS = 2000
_PIECE = 1024 * 1024
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_TEXTS = re.compile(r"xl/sharedstrings\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_TEXT = re.compile(rb"<(?:\w+:)?si\b")
_OVERLAP = 64  # bytes: a tag cut in two by the end of a piece is found in the next


def xlsx_sheets(content: bytes, file: str) -> Iterator[WrittenSheet]:
    """The sheets in their order, each with its rows; a hidden one without.

    :param file: the file's name, for the refusals.
    :raises InvalidInput: BROKEN_XLSX, BOMB, SUSPICIOUS, TOO_MANY_ROWS or TOO_MANY_COLUMNS of
        ``FileProblem``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _weigh(archive, file)
            yield from sheets_of(archive, file)
    # What a damaged archive raises is not one family.
    except (
        zipfile.BadZipFile,
        ExpatError,
        SyntaxError,
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        EOFError,
        MemoryError,
        NotImplementedError,
        OverflowError,
        zlib.error,
        OSError,
        RuntimeError,
    ) as error:
        raise InvalidInput(FileProblem.BROKEN_XLSX, file=file) from error


def _weigh(archive: zipfile.ZipFile, file: str) -> None:
    bound = exceeded_bound(archive, MAX_UNPACKED_BYTES)
    if bound is Bound.ROWS:
        raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=file, most=MAX_ROWS)
    if bound is Bound.UNPACKED:
        raise InvalidInput(FileProblem.BOMB, file=file, most=MAX_UNPACKED_BYTES // 1024 // 1024)
    if bound is not None:
        raise InvalidInput(FileProblem.SUSPICIOUS, file=file)


class Bound(Enum):
    """What an archive goes beyond."""

    UNPACKED = "unpacked"
    PARTS = "parts"
    PART = "part"
    STRETCH = "stretch"
    HIDDEN = "hidden"  # in a comment, or under another part's name
    ROWS = "rows"


def exceeded_bound(archive: zipfile.ZipFile, most: int = MAX_UNPACKED_BYTES) -> Bound | None:
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
        for element in ElementTree.fromstring(archive.read(part)):
            target = element.get("PartName" if types else "Target", "")
            said = element.get("ContentType" if types else "Type", "")
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
            places = [start + found.start() for found in mark.finditer(window)]
            places = places[bisect_right(places, last) :]  # what overlaps was seen before
            if places:
                if places[0] - last > MAX_STRETCH_BYTES:  # a piece is shorter than a stretch
                    return Bound.STRETCH
                marks += len(places)
                last = places[-1]
            at += len(piece)
            if at - last > MAX_STRETCH_BYTES:
                return Bound.STRETCH
            if mark is _ROW and marks > MAX_WRITTEN_ROWS:
                return Bound.ROWS
            kept = window[-_OVERLAP:]
    return None
