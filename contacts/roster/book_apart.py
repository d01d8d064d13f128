"""A long workbook is read in a process of its own, while this one makes ready to compare it.

Reading 46,000 rows takes a second, and so does loading what compares and writes them: on two cores
the file costs no time (measured: a fifth of the whole import). Whatever goes wrong there, the file
is read here instead, and what is wrong with it is said as ever.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from contacts.roster.sheet import Book, Grid, Merged, SheetRow
from contacts.roster.spreadsheets import read_book
from data.errors import InvalidInput

LONG_BYTES = 300_000
"""From this size on a workbook takes longer to read than a process to start (ours)."""

_WORKBOOKS = (".xlsx", ".xlsm")


@contextmanager
def being_read(path: Path) -> Iterator[Callable[[], Book] | None]:
    """The file is read meanwhile; the function waits for it and returns it.

    It raises what ``read_book`` raises. ``None`` for a file that is read in no time: nobody has
    begun.
    """
    if not _is_long(path):
        yield None
        return
    command = [sys.executable, "-m", __name__, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        try:
            yield lambda: _finished(reader) or read_book(path)
        finally:
            reader.kill()


def _is_long(path: Path) -> bool:
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError:  # which reading it will say
        return False
    return path.suffix.lower() in _WORKBOOKS and size >= LONG_BYTES


def _finished(reader: subprocess.Popen[bytes]) -> Book | None:
    told, _ = reader.communicate()
    return from_json(told) if reader.returncode == 0 else None


def to_json(book: Book) -> bytes:
    """A book as the reading process passes it on."""
    return orjson.dumps(book, default=_number_and_cells)


def _number_and_cells(row: SheetRow) -> tuple[int, tuple[str, ...]]:
    return row[:2]


def from_json(told: bytes) -> Book:
    """The book that the reading process passed on."""
    book = orjson.loads(told)
    grids = tuple(_grid(grid) for grid in book["grids"])
    return Book(book["file"], book["digest"], grids, tuple(book["hidden_sheets"]), book["ragged"])


def _grid(told: dict[str, Any]) -> Grid:
    name: str = told["name"]
    rows, hidden = (
        tuple([SheetRow(number, tuple(cells), name) for number, cells in told[which]])
        for which in ("rows", "hidden")
    )
    return Grid(name, rows, tuple(Merged(**area) for area in told["merged"]), hidden)


def main() -> int:
    """Read the workbook that the command line names, and write it to standard output."""
    gc.disable()  # it would only look through the rows, again and again
    try:
        book = read_book(Path(sys.argv[1]))
    except InvalidInput:
        return 1  # who asked reads it again, and says what is wrong
    sys.stdout.buffer.write(to_json(book))
    return 0


if __name__ == "__main__":
    sys.exit(main())
