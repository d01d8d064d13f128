"""Reading a CSV or XLSX file into rows of text, whatever a spreadsheet program made of it.

The bytes decide what a file is, not its name. UTF-8 with or without BOM, GBK (GB18030) and UTF-16
are told apart; commas, tabs and semicolons by the first line.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from contacts.roster.sheet import MAX_COLUMNS, MAX_ROWS, Sheet, SheetRow
from contacts.roster.xlsx import xlsx_rows
from data.errors import InvalidInput
from data.files import FileProblem, read_file


def read_sheet(path: Path) -> Sheet:
    """Read ``path``; the first sheet of an XLSX.

    :raises InvalidInput: with a ``FileProblem``.
    """
    content = read_file(path)
    if content.startswith(b"PK\x03\x04"):
        written, ragged = xlsx_rows(content, path.name), False
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInput(FileProblem.OLD_EXCEL, file=path.name)
    else:
        written, ragged = _csv_rows(_text(content, path.name), path.name), True
    rows = []
    for number, cells in written:
        if len(cells) > MAX_COLUMNS:
            raise InvalidInput(FileProblem.TOO_MANY_COLUMNS, file=path.name, most=MAX_COLUMNS)
        stripped = tuple([cell.strip() for cell in cells])
        if any(stripped):
            rows.append(SheetRow(number, stripped))
        if len(rows) > MAX_ROWS + 1:
            raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=path.name, most=MAX_ROWS)
    if not rows:
        raise InvalidInput(FileProblem.EMPTY, file=path.name)
    if len(rows) == 1:
        raise InvalidInput(FileProblem.NO_ROWS, file=path.name)
    header = rows[0].cells
    while header and not header[-1]:
        header = header[:-1]
    digest = hashlib.sha256(content).hexdigest()
    return Sheet(path.name, digest, header, tuple(rows[1:]), ragged)


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


def _csv_rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
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
