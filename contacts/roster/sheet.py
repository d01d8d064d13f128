"""A list that somebody keeps in a spreadsheet, as rows of text. Pure.

``contacts.roster.spreadsheets`` reads one from a file; what its columns mean, ``columns`` says.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_ROWS = 200_000
MAX_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class SheetRow:
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
    rows: tuple[SheetRow, ...]
    ragged: bool
