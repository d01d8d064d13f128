"""Rows to gauges and rain stations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from alerts.model import Hazard
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.station import Line, LineKind, Station
from contacts.divisions.codes import code_range
from data.tables.water import stations as table


def station(connection: Connection, code: str) -> Station | None:
    """The station of this code."""
    row = connection.execute(select(table).where(table.c.code == code)).first()
    return None if row is None else _station(row)


def stations(connection: Connection) -> list[Station]:
    """Every station, by code; those taken out of use too."""
    return [_station(row) for row in connection.execute(select(table).order_by(table.c.code))]


def in_use(connection: Connection) -> list[Station]:
    """Every station in use, by code."""
    query = select(table).where(table.c.active).order_by(table.c.code)
    return [_station(row) for row in connection.execute(query)]


def within(connection: Connection, division_code: str) -> list[Station]:
    """The stations in use that stand in a division."""
    query = select(table).where(
        table.c.active, table.c.division_code.between(*code_range(division_code))
    )
    return [_station(row) for row in connection.execute(query.order_by(table.c.code))]


def any_station(connection: Connection) -> bool:
    """Whether there is a station in use."""
    query = select(table.c.code).where(table.c.active).limit(1)
    return connection.execute(query).first() is not None


def count(connection: Connection) -> int:
    """How many stations are in use."""
    query = select(func.count()).select_from(table).where(table.c.active)
    return connection.execute(query).scalar_one()


def add(connection: Connection, added: Iterable[Station]) -> None:
    """Store new stations."""
    rows = [_values(one) for one in added]
    if rows:
        connection.execute(insert(table), rows)


def change(connection: Connection, changed: Station) -> None:
    """Store a station anew."""
    values = _values(changed)
    code = values.pop("code")
    connection.execute(update(table).where(table.c.code == code).values(**values))


def _values(one: Station) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "river": one.river,
        "division_code": one.division_code,
        "lon": one.lon,
        "lat": one.lat,
        "hazard": one.hazard.value,
        "lines": [
            [line.quantity.value, line.kind.value, line.value, line.minutes] for line in one.lines
        ],
        "warns": list(one.warns),
        "places": list(one.places),
        "stretch": one.stretch,
        "active": one.active,
    }


def _station(row: Row[Any]) -> Station:
    return Station(
        row.code,
        row.name,
        row.division_code,
        row.river,
        row.lon,
        row.lat,
        Hazard(row.hazard),
        tuple(
            Line(Quantity(quantity), LineKind(kind), value, minutes)
            for quantity, kind, value, minutes in row.lines
        ),
        tuple(row.warns),
        tuple(row.places),
        row.stretch,
        row.active,
    )
