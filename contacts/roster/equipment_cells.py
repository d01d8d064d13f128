"""What the rows of a list say of satellite telephones and loudspeakers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from contacts.divisions.codes import valid_code
from contacts.divisions.gazetteer import Gazetteer
from contacts.equipment import Equipment, EquipmentKind, Site, replaced, understood
from contacts.phones import MAX_STORED, normalise
from contacts.places import KnownPlaces
from contacts.roster.columns import COLUMNS, RosterKind
from contacts.roster.reading.phone_cells import phones_in
from contacts.roster.rows import Problems, RowReason, rows_of
from contacts.roster.sheet import Sheet
from data.errors import InvalidInput


class EquipmentCell(NamedTuple):
    """One cell of a list, and whose row it stands in. ``place``: its code or name, or empty."""

    row: int
    sheet: str
    division_code: str
    place: str
    kind: EquipmentKind
    text: str


@dataclass(frozen=True, slots=True)
class EquipmentChanges:
    """What an import changes of them."""

    coming: tuple[Equipment, ...] = ()
    going: tuple[Equipment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.coming or self.going)


def equipment_changes(
    cells: Iterable[EquipmentCell],
    known: Iterable[Equipment],
    places: KnownPlaces,
    problems: Problems,
) -> EquipmentChanges:
    """What the cells say, compared with what is known: what they do not name of a site goes.

    A cell at a place that is not known is one of the division: the row itself says so elsewhere.
    """
    listed: list[Equipment] = []
    emptied: list[Site] = []
    for cell in cells:
        at = places.find(cell.place, cell.division_code) if cell.place else []
        here = [place for place in at if place.division_code == cell.division_code]
        place = here[0].code if len(here) == 1 else ""
        try:
            pieces = understood(
                cell.kind, cell.text, partial(_numbers, division=cell.division_code)
            )
        except ValueError:
            reason = RowReason.PHONE_NOT_DIGITS
            text = cell.text[:40]
            problems.add(cell.row, cell.kind.value, reason, sheet=cell.sheet, text=text)
            continue
        if pieces == []:
            emptied.append((cell.division_code, place, cell.kind))
        for number, words in pieces or ():
            listed.append(Equipment(cell.kind, cell.division_code, place, number, words))
    return EquipmentChanges(*map(tuple, replaced(known, listed, emptied)))


def cells_of_places(sheet: Sheet, gazetteer: Gazetteer) -> list[EquipmentCell]:
    """The cells of a file of places. What is wrong with its rows ``place_rows`` tells.

    :raises InvalidInput: MISSING_COLUMN or COLUMN_TWICE of ``FileProblem``.
    """
    quiet = Problems()
    rows, _ = rows_of(sheet, COLUMNS[RosterKind.PLACES], quiet)
    found = []
    for cells in rows:
        given = [kind for kind in EquipmentKind if cells.values.get(kind.value)]
        if not given:
            continue
        division = cells.division(gazetteer, named=True)
        place = cells.values.get("code", "").lstrip("'") or cells.values.get("name", "")
        if valid_code(division):
            found += [
                EquipmentCell(
                    cells.row, cells.sheet, division, place, kind, cells.values[kind.value]
                )
                for kind in given
            ]
    return found


def _numbers(text: str, division: str) -> tuple[str, ...]:
    """The numbers of a cell: those of satellites bear a country code of their own (+870, +8816)."""
    found = []
    for piece in text.replace("，", "、").replace(",", "、").replace("/", "、").split("、"):
        try:
            found.append(normalise(piece))
        except InvalidInput:
            numbers = phones_in(piece, division)
            if not numbers:
                return ()
            found += numbers
    return tuple(dict.fromkeys(number for number in found if len(number) <= MAX_STORED))
