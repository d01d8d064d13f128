"""The tables inside a sheet: where their headings stand, which rows are theirs. Pure.

Above the headings stand titles; headings may take two rows, the upper one merged over several
columns; below are sub-totals, signatures and notes. What is left out is returned with the reason.
Another list may begin further down, with headings of its own; two halves of a list may stand side
by side under the same headings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from contacts.roster.reading.headings import Field, Heading, heading, plain
from contacts.roster.sheet import Grid, SheetRow

_HEADINGS_WITHIN = 15
"""Rows in which headings are looked for, from the first that holds something (ours)."""

_TOTAL = re.compile(r"[小合总共累]计[:：]?$|^[小合总共累]计")
_SIGNATURE = re.compile(
    r"^(审核|填表|填报|制表|审批|签字|签发|签章|盖章|分管领导|主管领导|单位负责人|负责人|经办|联系人|联系电话"
    r"|注|备注|说明|附注|示例|样例|例|填表日期|日期|监督电话)\w{0,6}\s*[:：]"
)
_LONGEST_HEADING = 20
Explained = Mapping[str, Field]
"""What somebody said that a column holds, by its heading as ``headings.plain`` has it."""

_DIGITS = re.compile(r"\d{5,}")
_HEADS = frozenset({Field.NAME, Field.PHONE, Field.OFFICE_PHONE})
_OF_NO_USE = frozenset({Field.UNKNOWN, Field.NOTHING})
_NUMBERS = frozenset({Field.PHONE, Field.OFFICE_PHONE})
_SURE = frozenset({Field.NAME, Field.PHONE})
_WHERE_OR_WHEN = frozenset(
    {Field.DIVISION, Field.COUNTY, Field.TOWN, Field.VILLAGE, Field.PLACE, Field.DATE}
)
_CELLS_OF = attrgetter("cells")
Fill = Callable[[SheetRow], tuple[str, ...]]
"""Returns a row's cells, those of merged areas filled in."""


class LeftOutReason(Enum):
    """Why a row is not one of the list."""

    HIDDEN = "hidden"
    TOTAL = "total"
    SIGNATURE = "signature"
    HEADINGS = "headings"
    NOTE = "note"
    VACANT = "vacant"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is not read, with the beginning of what stands in it."""

    row: SheetRow
    reason: LeftOutReason

    @property
    def text(self) -> str:
        """What it holds, in short."""
        return " ".join(cell for cell in self.row.cells if cell)[:40]


class Line(NamedTuple):
    """A row of a list, and what stands alone above it: a town's name over its villages."""

    row: SheetRow
    section: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A list: its titles, what each column holds, its rows with merged cells filled down."""

    name: str
    titles: tuple[str, ...]
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]
    plain: bool
    """The headings are the first row, and one row: as in a file of our own shape."""

    def columns(self, *fields: Field) -> list[int]:
        """Where columns of these fields are."""
        return [at for at, column in enumerate(self.headings) if column.field in fields]


def find_tables(grid: Grid, also: Explained = MappingProxyType({})) -> list[Table]:
    """The tables of ``grid``; none when nothing in it looks like the headings of a list.

    :param also: what columns hold that somebody explained, by their plain heading.
    """
    rows = grid.rows
    filled = filled_cells(grid)
    for at in range(min(len(rows), _HEADINGS_WITHIN)):
        headings, length = _headings(grid, filled, at, also)
        if headings:
            break
    else:
        return []
    titles = tuple(dict.fromkeys(cell for title in rows[:at] for cell in title.cells if cell))
    plain_file = at == 0 and length == 1
    left = [LeftOut(hidden, LeftOutReason.HIDDEN) for hidden in grid.hidden]
    found = []
    while headings:
        begin = at + length
        at, further, length = _next_headings(grid, filled, begin, headings, also)
        read, out, section = _read_all(rows[begin:at], filled, headings)
        ordered = tuple(sorted((*left, *out), key=lambda each: each.row.number))
        found.append(Table(grid.name, titles, headings, tuple(read), ordered, plain_file))
        # What stands alone above the next headings is their title.
        titles = tuple(dict.fromkeys((section, *titles) if section else titles))
        headings, left, plain_file = further, [], False
    return found


def _headings(
    grid: Grid, filled: Fill, at: int, also: Explained
) -> tuple[tuple[Heading, ...], int]:
    """The headings that begin in this row, and how many rows they take; none when it has none."""
    rows = grid.rows
    below = rows[at + 1] if at + 1 < len(rows) else None
    upper, lower = filled(rows[at]), filled(below) if below else ()
    if below is not None and _are_two(grid, rows[at], upper, lower, also):
        return _joined(upper, lower, also), 2
    found = _named(upper, also)
    if _is_list(found) and not any(_DIGITS.search(cell) for cell in upper):
        return found, 1
    return (), 0


def _next_headings(
    grid: Grid, filled: Fill, begin: int, headings: tuple[Heading, ...], also: Explained
) -> tuple[int, tuple[Heading, ...], int]:
    """Where another list begins below, with its headings and how many rows they take.

    The same headings again, on the next printed page, begin nothing.
    """
    written = {plain(column.text) for column in headings}
    first = next((at for at, column in enumerate(headings) if column.field in _NUMBERS), 0)
    for at in range(begin, len(grid.rows)):
        cells = grid.rows[at].cells
        width = len(cells)
        # Nearly every row of a list has a number where the first one has.
        if width < 3 or (first < width and cells[first][-3:].isdigit()):
            continue
        if any(len(cell) > 6 and cell[-3:].isdigit() for cell in cells):
            continue
        found, length = _headings(grid, filled, at, also)
        if not found or written.issuperset(plain(column.text) for column in found):
            continue
        fields = [column.field for column in found if column.text]
        if fields.count(Field.UNKNOWN) <= 1 and set(fields) >= _SURE:
            return at, found, length
    return len(grid.rows), (), 0


def _read_all(
    rows: Sequence[SheetRow], filled: Fill, headings: tuple[Heading, ...]
) -> tuple[list[Line], list[LeftOut], str]:
    """The rows of one list; of halves that stand side by side, the left one first."""
    written = {form for column in headings for form in (column.text, plain(column.text))}
    width = _width_of_half(headings)
    if not width:
        return _body(rows, filled, headings, written)
    read: list[Line] = []
    left: list[LeftOut] = []
    for start in range(0, len(headings), width):
        half = [row._replace(cells=filled(row)[start : start + width]) for row in rows]
        lines, out, _ = _body(
            [row for row in half if any(row.cells)],
            lambda row: row.cells,
            headings[:width],
            written,
        )
        read += lines
        left += out
    return read, left, ""


def _width_of_half(headings: Sequence[Heading]) -> int:
    """How many columns one of the lists has that stand side by side; 0 where there is one."""
    columns = [(column.group, plain(column.text)) for column in headings]
    width = next((at for at in range(3, len(columns)) if columns[at] == columns[0]), 0)
    if not width or not columns[0][1]:
        return 0
    half = columns[:width]
    while not half[-1][1]:
        half.pop()
    for start in range(0, len(columns), width):
        other = columns[start : start + width]
        while other and not other[-1][1]:
            other.pop()
        if other and other != half:
            return 0
    fields = {column.field for column in headings[:width]}
    return width if len(half) > 2 and fields & _HEADS and fields & _WHERE_OR_WHEN else 0


def _named(cells: Sequence[str], also: Explained) -> tuple[Heading, ...]:
    return tuple(_heading(cell, "", also) for cell in cells)


def _heading(text: str, group: str, also: Explained) -> Heading:
    found = heading(text, group)
    explained = also.get(plain(text))
    return found if explained is None else replace(found, field=explained)


def _is_list(headings: Sequence[Heading]) -> bool:
    """Whether these are headings of a list of persons."""
    known = {
        column.field
        for column in headings
        if column.field not in _OF_NO_USE and len(column.text) <= _LONGEST_HEADING
    }
    return bool(known & _HEADS) and len(known) >= 2


def _are_two(
    grid: Grid,
    row: SheetRow,
    upper: tuple[str, ...],
    lower: tuple[str, ...],
    also: Explained,
) -> bool:
    """Whether the headings take two rows: below one of the upper row stand 姓名, 电话 and the like.

    Either the upper is merged over several columns, or it leaves cells empty beside it. A title
    above one row of headings is neither: it stands alone, or says something of the whole list.
    """
    above = {cell for cell in upper if cell}
    if len(above) < 2 or any(":" in plain(cell) or len(cell) > _LONGEST_HEADING for cell in above):
        return False
    if any(_DIGITS.search(cell) for cell in (*upper, *lower)):
        return False
    wide = any(
        area.top <= row.number <= area.bottom and area.right > area.left for area in grid.merged
    )
    gaps = any(cell and not "".join(upper[at : at + 1]) for at, cell in enumerate(lower))
    known = any(column.field not in _OF_NO_USE for column in _named(upper, also))
    heads = [column for column in _named(lower, also) if column.field in _HEADS]
    if len(heads) < 2 or not (wide or (gaps and known)):
        return False
    joined = _joined(upper, lower, also)
    return _is_list(joined) and any(column.group for column in joined)


def _joined(upper: tuple[str, ...], lower: tuple[str, ...], also: Explained) -> tuple[Heading, ...]:
    found = []
    group = ""
    for at in range(max(len(upper), len(lower))):
        above = upper[at] if at < len(upper) else ""
        below = lower[at] if at < len(lower) else ""
        group = above or group
        if not below or below == above:
            found.append(_heading(above or below, "", also))
        else:
            found.append(_heading(below, group, also))
    return tuple(found)


def filled_cells(grid: Grid) -> Fill:
    """A function that returns a row's cells, those of merged areas filled in."""
    texts = {row.number: row.cells for row in grid.rows}
    given: dict[int, dict[int, str]] = {}
    for area in grid.merged:
        first = texts.get(area.top, ())
        text = first[area.left] if area.left < len(first) else ""
        if text:
            for number in range(area.top, area.bottom + 1):
                if number in texts:
                    for column in range(area.left, area.right + 1):
                        given.setdefault(number, {})[column] = text

    if not given:
        return _CELLS_OF

    def filled(row: SheetRow) -> tuple[str, ...]:
        more = given.get(row.number)
        if not more:
            return row.cells
        cells = [*row.cells, *[""] * (max(more) + 1 - len(row.cells))]
        for column, text in more.items():
            cells[column] = text
        return tuple(cells)

    return filled


def _body(
    rows: Sequence[SheetRow], filled: Fill, headings: tuple[Heading, ...], written: set[str]
) -> tuple[list[Line], list[LeftOut], str]:
    """The rows, what is left out, and what stands alone in the last of them."""
    read: list[Line] = []
    left: list[LeftOut] = []
    persons = [at for at, column in enumerate(headings) if column.field in _HEADS]
    section = ""
    for row in rows:
        cells = filled(row)
        holding = [cell for cell in cells if cell]
        reason = _why_not(cells, holding, persons, written)
        alone = len(holding) == 1 or cells is not row.cells
        if reason is not None:
            left.append(LeftOut(row, reason))
        elif alone and _is_section(row.cells, cells, persons):
            section = next(cell for cell in row.cells if cell)
        else:
            whole = row if cells is row.cells else row._replace(cells=cells)
            read.append(Line(whole, section))
    last = rows[-1].cells if rows else ()
    return read, left, section if section and section in last else ""


def _is_section(written: Sequence[str], cells: Sequence[str], persons: list[int]) -> bool:
    """Whether a row holds one text alone, which is no person's: a town's name over its villages.

    :param written: the cells without those that are merged with a row above.
    """
    holding = [at for at, cell in enumerate(written) if cell]
    if len(holding) != 1 or (holding[0] in persons and holding[0] != 0):
        return False
    return len({cell for cell in cells if cell}) == 1


def _why_not(
    cells: Sequence[str], holding: list[str], persons: list[int], written: set[str]
) -> LeftOutReason | None:
    for cell in holding[:3]:
        if "计" in cell and _TOTAL.search(cell):
            return LeftOutReason.TOTAL
    if (":" in holding[0] or "：" in holding[0]) and _SIGNATURE.match(holding[0]):
        return LeftOutReason.SIGNATURE
    if len(holding) < 2:
        return None
    for at in persons:
        if at < len(cells) and cells[at]:
            break
    else:
        return LeftOutReason.NOTE
    if holding[0] in written and all(plain(cell) in written for cell in holding):
        return LeftOutReason.HEADINGS
    return None
