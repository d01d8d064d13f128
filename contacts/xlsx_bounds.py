"""Whether an XLSX can be read in bounded memory: its zip and XML weighed before a parser sees them.

A zip of 32 MB unpacks to gigabytes, and an XML parser holds a whole row, or a whole style sheet, as
objects many times its size. So: no part but the rows and the texts may be large; no row and no text
may be longer than a spreadsheet makes it; no comment or CDATA may hide one. Entities are not looked
for here: defusedxml refuses them.
"""

from __future__ import annotations

import re
import zipfile
from enum import Enum

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
