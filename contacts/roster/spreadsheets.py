"""Reading a CSV, XLSX, XLS or ET file into rows of text, whatever a program made of it.

The bytes decide what a file is, not its name. UTF-8 with or without BOM, GBK (GB18030) and UTF-16
are told apart; commas, tabs and semicolons by the first line.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from contacts.roster.sheet import MAX_COLUMNS, MAX_ROWS, Book, Grid, Sheet, SheetRow
from contacts.roster.sheet_xml import WrittenSheet
from contacts.roster.xls import SIGNATURE, xls_sheets
from contacts.roster.xlsx import xlsx_sheets
from data.errors import InvalidInput
from data.files import FileProblem, read_file


def read_book(path: Path) -> Book:
    """Read ``path`` whole: every visible sheet that holds something.

    :raises InvalidInput: with a ``FileProblem``; EMPTY when there is no such sheet.
    """
    return book_of(read_file(path), path.name)


def book_of(content: bytes, file: str, most_rows: int = MAX_ROWS) -> Book:
    """The same of a file's bytes.

    :param file: its name.
    :raises InvalidInput: as ``read_book``.
    """
    ragged = False
    if content.startswith(b"PK\x03\x04"):
        sheets = xlsx_sheets(content, file)
    elif content.startswith(SIGNATURE):
        sheets = xls_sheets(content, file)
    else:
        sheets, ragged = _csv_sheet(_text(content, file), file), True
    grids: list[Grid] = []
    hidden: list[str] = []
    total = 0
    for sheet in sheets:
        if not sheet.visible:
            hidden.append(sheet.name)
        total += len(sheet.rows)
        if total > most_rows + 1:
            raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=file, most=most_rows)
        if sheet.rows:
            merged, unseen = tuple(sheet.merged), tuple(sheet.hidden)
            grids.append(Grid(sheet.name, tuple(sheet.rows), merged, unseen))
    if not grids:
        raise InvalidInput(FileProblem.EMPTY, file=file)
    digest = hashlib.sha256(content).hexdigest()
    return Book(file, digest, tuple(grids), tuple(hidden), ragged)


def read_sheet(path: Path) -> Sheet:
    """Read a file of our own shape: its first visible sheet, whose first row is the header.

    :raises InvalidInput: with a ``FileProblem``.
    """
    return first_sheet(read_book(path))


def first_sheet(book: Book) -> Sheet:
    """The first visible sheet of a file of our own shape.

    :raises InvalidInput: NO_ROWS of ``FileProblem``.
    """
    first, *rows = book.grids[0].rows
    if not rows:
        raise InvalidInput(FileProblem.NO_ROWS, file=book.file)
    header = first.cells
    while header and not header[-1]:
        header = header[:-1]
    return Sheet(book.file, book.digest, header, tuple(rows), book.ragged)


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


def _csv_sheet(text: str, file: str) -> Iterator[WrittenSheet]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in ",\t;" if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    sheet = WrittenSheet("", visible=True)
    number = 0
    try:
        # Rows as a spreadsheet counts them: empty ones too, and one for a cell of two lines.
        for number, cells in enumerate(reader, start=1):
            if len(cells) > MAX_COLUMNS:
                raise InvalidInput(FileProblem.TOO_MANY_COLUMNS, file=file, most=MAX_COLUMNS)
            stripped = tuple([cell.strip() for cell in cells])
            if any(stripped):
                sheet.rows.append(SheetRow(number, stripped))
            if len(sheet.rows) > MAX_ROWS + 1:
                raise InvalidInput(FileProblem.TOO_MANY_ROWS, file=file, most=MAX_ROWS)
    except csv.Error as error:
        raise InvalidInput(FileProblem.BAD_QUOTES, file=file, row=number + 1) from error
    yield sheet
