"""The divisions and boundaries of Jilin, made ready once in each process that runs tests.

Reading and indexing 13,014 divisions takes a third of a second, drawing the boundaries another:
most stories ask for both. What a test imported itself is read as it always is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, Text, case, cast, func, select

from contacts.divisions import boundary_file, store
from contacts.divisions.gazetteer import Division, Gazetteer
from data.geo.boundaries import Boundaries
from data.reference import JILIN_COUNTIES
from data.tables.contacts import divisions as table

_LON, _LAT = (func.coalesce(cast(column, Text), "") for column in (table.c.lon, table.c.lat))
_EVERYTHING = select(
    *(
        func.aggregate_strings(column, "\n")
        for column in (
            *(table.c.code, table.c.name, table.c.level, func.coalesce(table.c.parent_code, "")),
            # Nearly none has a place.
            case((func.length(_LON + _LAT) > 0, table.c.code + "|" + _LON + "|" + _LAT)),
        )
    )
)
"""All that a gazetteer is made of, a text for each column: a sixth of the time of reading rows."""

_MOST_KEPT = 8


@cache
def jilin() -> Boundaries:
    """The boundaries that ship, drawn once in each process that runs tests."""
    return Boundaries.from_geojson(JILIN_COUNTIES.read_bytes())


class _Kept:
    """Gazetteers by what they were made of, and the boundaries that ship."""

    def __init__(self) -> None:
        self._divisions: dict[tuple[Any, ...], list[Division]] = {}
        self._gazetteers: dict[int, Gazetteer] = {}  # by the id of a list that is kept
        self._read = store.divisions
        self._shipped = JILIN_COUNTIES.read_bytes()

    def divisions(self, connection: Connection) -> list[Division]:
        everything = tuple(connection.execute(_EVERYTHING).one())
        if everything not in self._divisions:
            if len(self._divisions) >= _MOST_KEPT:
                self._gazetteers.clear()
                self._divisions.clear()
            self._divisions[everything] = self._read(connection)
        return self._divisions[everything]

    def gazetteer(self, divisions: Iterable[Division]) -> Gazetteer:
        if not any(divisions is kept for kept in self._divisions.values()):
            return Gazetteer(divisions)
        if id(divisions) not in self._gazetteers:
            self._gazetteers[id(divisions)] = Gazetteer(divisions)
        return self._gazetteers[id(divisions)]

    def from_geojson(self, geojson: bytes) -> Boundaries:
        return jilin() if geojson == self._shipped else Boundaries.from_geojson(geojson)


@pytest.fixture(scope="session", autouse=True)
def geography_once() -> Iterator[None]:
    """Whoever loads the divisions or the boundaries gets what was made of the same before."""
    kept: Any = _Kept()
    with (
        patch.object(store, "divisions", kept.divisions),
        patch.object(store, "Gazetteer", kept.gazetteer),
        patch.object(boundary_file, "Boundaries", kept),
    ):
        yield
