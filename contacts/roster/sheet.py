"""A roster file as rows of text: pure. ``contacts.roster.files`` reads one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FileProblem(Enum):
    """Why a file as a whole cannot be read. The facts name ``file`` and what else is known."""

    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    NO_ROWS = "no_rows"  # a header and nothing below it
    NOT_TEXT = "not_text"  # neither UTF-8 nor GBK, nor XLSX
    OLD_EXCEL = "old_excel"  # .xls of before 2007
    BROKEN_XLSX = "broken_xlsx"
    BOMB = "bomb"  # unpacks to more than MAX_UNPACKED_BYTES
    SUSPICIOUS = "suspicious"  # made to be large where no spreadsheet is (``files``)
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    BAD_QUOTES = "bad_quotes"
    MISSING_COLUMN = "missing_column"
    COLUMN_TWICE = "column_twice"


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as the spreadsheet shows it (from 1), its cells without outer spaces."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's header and rows; empty rows are gone. ``ragged``: a row shorter than the header is
    a mistake (CSV) and not just trailing empty cells (XLSX)."""

    file: str
    digest: str
    header: tuple[str, ...]
    lines: tuple[Line, ...]
    ragged: bool
