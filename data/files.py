"""A file that somebody gave: its bytes, or the reason why it cannot be used."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from data.errors import InvalidInput

MEGABYTE = 1024 * 1024
MAX_FILE_BYTES = 32 * MEGABYTE


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
    SUSPICIOUS = "suspicious"  # made to be large where no spreadsheet is (``contacts.roster.xlsx``)
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    BAD_QUOTES = "bad_quotes"
    DUTY_TABLE = "duty_table"  # given as a list of persons
    NO_HEADINGS = "no_headings"  # the first row is a person already
    MISSING_COLUMN = "missing_column"
    COLUMN_TWICE = "column_twice"


def read_file(path: Path) -> bytes:
    """The bytes of ``path``; nothing is read beyond ``MAX_FILE_BYTES``.

    :raises InvalidInput: NOT_FOUND, UNREADABLE or TOO_LARGE of ``FileProblem``.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise InvalidInput(FileProblem.NOT_FOUND, file=str(path)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInput(FileProblem.UNREADABLE, file=str(path), reason=reason) from error
    if len(content) > MAX_FILE_BYTES:
        most = MAX_FILE_BYTES // MEGABYTE
        raise InvalidInput(FileProblem.TOO_LARGE, file=path.name, most=most)
    return content
