"""The rows of offices' lists of evacuation cards and of households, found and understood. Pure.

A file may hold both, in several sheets, below titles, with merged cells and two rows of headings;
or one list with a row for each household that says the route and the shelter, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from alerts.loop.evacuation.card_headings import (
    CardColumn,
    CardField,
    columns_of,
    is_of_cards,
    is_of_households,
    plain,
)
from contacts.divisions.gazetteer import Gazetteer
from contacts.roster.reading.headings import Field, Heading
from contacts.roster.reading.places import Located, Locator, division_in
from contacts.roster.reading.table import Fill, Line, Table, filled_cells
from contacts.roster.sheet import Book, Grid, SheetRow

HEADINGS_WITHIN = 15
_TOTAL = re.compile(r"^[小合总共累]计")
_SIGNED = re.compile(r"^(填表|填报|制表|审核|负责人|联系人|日期|注|备注|说明|单位)\w{0,6}[:：]")

_PLACES = {
    CardField.CODE: Field.DIVISION,
    CardField.CITY: Field.CITY,
    CardField.COUNTY: Field.COUNTY,
    CardField.TOWN: Field.TOWN,
    CardField.VILLAGE: Field.VILLAGE,
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: where it belongs, and what stands in it by field; empty cells are left out."""

    number: int
    sheet: str
    where: Located
    cells: Mapping[CardField, str] = field(default_factory=lambda: MappingProxyType({}))

    def text(self, of: CardField) -> str:
        """What stands in the column; empty for nothing."""
        return self.cells.get(of, "")


@dataclass(frozen=True, slots=True)
class CardList:
    """One list of a file: what its columns hold, its rows."""

    sheet: str
    columns: tuple[CardColumn, ...]
    rows: tuple[ListRow, ...]

    @property
    def of_households(self) -> bool:
        """Whether each row is a household."""
        return is_of_households(self.columns)

    @property
    def of_cards(self) -> bool:
        """Whether its rows say what stands on cards."""
        return is_of_cards(self.columns)

    @property
    def unused(self) -> tuple[str, ...]:
        """The headings that say nothing here."""
        return tuple(
            column.text
            for column in self.columns
            if column.text and column.field is CardField.UNKNOWN
        )


def lists_of(book: Book, gazetteer: Gazetteer, area: str = "") -> list[CardList]:
    """The lists of cards and households of a file; none where none is found.

    :param area: the code of the division that the file is of, if somebody says so.
    """
    found = []
    for grid in book.grids:
        filled = filled_cells(grid)
        for at, row in enumerate(grid.rows[:HEADINGS_WITHIN]):
            columns, length = _headings(grid, filled, at)
            if columns:
                titles = tuple(
                    dict.fromkeys(cell for title in grid.rows[:at] for cell in title.cells if cell)
                )
                # A sheet may be named after the county or township that it is of.
                context = area or division_in(gazetteer, (*titles, grid.name, book.file))
                begin = at + length
                found.append(_list(grid, filled, begin, columns, gazetteer, area, context))
                break
            del row
    return found


def _headings(grid: Grid, filled: Fill, at: int) -> tuple[tuple[CardColumn, ...], int]:
    upper = filled(grid.rows[at])
    if at + 1 < len(grid.rows):
        below = grid.rows[at + 1]
        lower = filled(below)
        # The lower row names columns, and holds nothing of a list's first row.
        words = [cell for cell in below.cells if cell]
        named = sum(1 for cell in words if not re.search(r"\d{3,}", cell) and len(cell) <= 12)
        two = columns_of(_spread(upper, lower), lower)
        one = columns_of(upper)
        gaps = any(not cell for cell in grid.rows[at].cells[: len(lower)])
        gaps = gaps and len({cell for cell in upper if cell}) > 1  # else it is a title
        more = gaps and named == len(words) > 0 and _known(two) > _known(one)
        if more and (is_of_cards(two) or is_of_households(two)):
            return two, 2
    columns = columns_of(upper)
    if is_of_cards(columns) or is_of_households(columns):
        return columns, 1
    return (), 0


def _spread(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """The upper headings; over a cell of the lower row that has none of its own, the one before."""
    found: list[str] = []
    for at in range(max(len(upper), len(lower))):
        above = upper[at] if at < len(upper) else ""
        below = lower[at] if at < len(lower) else ""
        found.append(above or (found[-1] if below and found else ""))
    return found


def _known(columns: Sequence[CardColumn]) -> int:
    unknown = (CardField.UNKNOWN, CardField.NOTHING)
    return len({column.field for column in columns if column.field not in unknown})


def _list(
    grid: Grid,
    filled: Fill,
    begin: int,
    columns: tuple[CardColumn, ...],
    gazetteer: Gazetteer,
    area: str,
    context: str,
) -> CardList:
    at_field: dict[CardField, int] = {}
    for at, column in enumerate(columns):
        at_field.setdefault(column.field, at)
    headings = tuple(
        Heading(column.text, _PLACES.get(column.field, Field.UNKNOWN)) for column in columns
    )
    lines = tuple(_lines(grid.rows[begin:], filled, columns))
    table = Table(grid.name, (), headings, lines, (), plain=False)
    locator = Locator(gazetteer, table, area, context)
    rows = []
    village = ""
    at_village = at_field.get(CardField.VILLAGE)
    for line in lines:
        cells = line.row.cells
        # A village stands once above its groups, where the cells are not merged.
        if at_village is not None and at_village < len(cells):
            if cells[at_village]:
                village = cells[at_village]
            elif village and _still_below(cells, at_field):
                row = line.row._replace(
                    cells=(*cells[:at_village], village, *cells[at_village + 1 :])
                )
                line = Line(row, line.section)
                cells = row.cells
        known = {
            of: cells[at] for of, at in at_field.items() if at < len(cells) and cells[at].strip()
        }
        where = locator.locate(line)
        rows.append(ListRow(line.row.number, grid.name, where, known))
    return CardList(grid.name, columns, tuple(rows))


def _still_below(cells: Sequence[str], at_field: Mapping[CardField, int]) -> bool:
    """Whether a row without a village is one more of the village above: it names no other town."""
    towns = (CardField.TOWN, CardField.COUNTY, CardField.CODE)
    return not any(
        at_field.get(of, len(cells)) < len(cells) and cells[at_field[of]] for of in towns
    )


def _lines(rows: Sequence[SheetRow], filled: Fill, columns: Sequence[CardColumn]) -> Iterator[Line]:
    """The rows of a list: no totals, no signatures, no headings of a next page.

    What stands alone in a row is a title of those below: a township over its villages.
    """
    written = {plain(word) for column in columns for word in (column.text, *column.text.split())}
    section = ""
    for row in rows:
        cells = filled(row)
        holding = [cell for cell in row.cells if cell]
        if any(_TOTAL.match("".join(cell.split())) for cell in holding[:3]):
            continue
        if not holding or _SIGNED.match(holding[0]):
            continue
        if len(holding) == 1 and len({cell for cell in cells if cell}) == 1:
            section = holding[0]
            continue
        if all(plain(cell) in written for cell in holding):
            continue
        yield Line(row if cells is row.cells else row._replace(cells=cells), section)
