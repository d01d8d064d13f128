"""A list that somebody keeps in a spreadsheet, as rows of text. Pure.

``contacts.roster.spreadsheets`` reads one from a file; what its columns mean, ``columns`` says for
files of our own shape and ``reading`` for those that offices keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MAX_ROWS = 200_000
MAX_COLUMNS = 64


class SheetRow(NamedTuple):  # made by the hundred thousand: a third of a dataclass's time
    """One row: its number as the spreadsheet shows it (from 1), its cells without outer spaces."""

    number: int
    cells: tuple[str, ...]
    sheet: str = ""
    """The sheet's name, where the file has several."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's header and rows; empty rows are gone. ``ragged``: a row shorter than the header is
    a mistake (CSV) and not just trailing empty cells (XLSX)."""

    file: str
    digest: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    ragged: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """Cells that are one: rows as the spreadsheet counts, columns from 0, both ends included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One visible sheet of a file; empty and hidden rows are gone.

    ``hidden``: the rows that somebody hid, of those that hold something.
    """

    name: str
    rows: tuple[SheetRow, ...]
    merged: tuple[Merged, ...] = ()
    hidden: tuple[SheetRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Book:
    """A whole file: its visible sheets that hold something, and the names of the hidden ones."""

    file: str
    digest: str
    grids: tuple[Grid, ...]
    hidden_sheets: tuple[str, ...] = ()
    ragged: bool = False
