"""Places as rows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, select

from contacts.divisions.codes import code_range
from contacts.divisions.store import lies_in
from contacts.places import KnownPlaces, Place, PlaceKind
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.contacts import places as table

_COLUMNS = (
    table.c.code,
    table.c.kind,
    table.c.name,
    table.c.division_code,
    table.c.lon,
    table.c.lat,
    table.c.households,
    table.c.persons,
    table.c.below,
)
_NO_OFFICE = table.c.kind != PlaceKind.DEPARTMENT.value
_NAMES = select(table.c.code, table.c.name).where(table.c.code.in_(GIVEN_WORDS))


def all_places(connection: Connection) -> list[Place]:
    """Every place in use, by code."""
    query = select(*_COLUMNS).where(table.c.active).order_by(table.c.code)
    return [as_place(row) for row in connection.execute(query)]


def places_within(connection: Connection, areas: Iterable[str]) -> KnownPlaces:
    """The places in use in these divisions and below them; departments are none of those."""
    query = select(*_COLUMNS).where(table.c.active, _NO_OFFICE, _lies_in(areas))
    rows = connection.execute(query.order_by(table.c.division_code, table.c.code))
    return KnownPlaces(as_place(row) for row in rows)


def places_in_box(connection: Connection, box: tuple[float, float, float, float]) -> list[Place]:
    """The places in use whose position lies in a box: west, south, east, north in degrees."""
    west, south, east, north = box
    inside = (table.c.lon.between(west, east), table.c.lat.between(south, north))
    query = select(*_COLUMNS).where(table.c.active, *inside).order_by(table.c.code)
    return [as_place(row) for row in connection.execute(query)]


def any_within(connection: Connection, areas: Iterable[str]) -> bool:
    """Whether there are places in use in these divisions or below them."""
    query = select(table.c.code).where(table.c.active, _NO_OFFICE, _lies_in(areas)).limit(1)
    return connection.execute(query).first() is not None


def _lies_in(areas: Iterable[str]) -> ColumnElement[bool]:
    return lies_in(table.c.division_code, map(code_range, areas))


def known_places(connection: Connection) -> KnownPlaces:
    """Every place in use but the departments, to be found by code or name."""
    places = all_places(connection)
    return KnownPlaces(place for place in places if place.kind is not PlaceKind.DEPARTMENT)


def names(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The names of these places, by code."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    rows = connection.execute(_NAMES, {"words": as_json(wanted)})
    return {row.code: row.name for row in rows}


def divisions_of(connection: Connection, codes: Iterable[str]) -> set[str]:
    """The codes of the divisions that these places belong to."""
    query = select(table.c.division_code).where(table.c.code.in_(GIVEN_WORDS)).distinct()
    return set(connection.execute(query, {"words": as_json(set(codes))}).scalars())


def as_place(row: tuple[object, ...]) -> Place:
    """The place of a row of ``_COLUMNS``."""
    code, kind, *rest, below = row
    return Place(code, PlaceKind(kind), *rest, tuple(below or ()))  # type: ignore
