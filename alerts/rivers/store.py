"""Stretches of rivers as rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from alerts.rivers.model import Stretch
from data.tables.land import river_stretches as table


def stretches(connection: Connection, *, all_of_them: bool = False) -> list[Stretch]:
    """The stretches in use, by river and order from the source.

    :param all_of_them: those out of use, too.
    """
    query = select(table).order_by(table.c.river, table.c.number)
    if not all_of_them:
        query = query.where(table.c.active)
    return [_stretch(row) for row in connection.execute(query)]


def any_stretch(connection: Connection) -> bool:
    """Whether there is a river to choose by."""
    return connection.execute(select(table.c.id).where(table.c.active).limit(1)).first() is not None


def stretch(connection: Connection, stretch_id: int) -> Stretch | None:
    """One stretch in use."""
    query = select(table).where(table.c.id == stretch_id, table.c.active)
    row = connection.execute(query).first()
    return None if row is None else _stretch(row)


def add(connection: Connection, rows: Iterable[Stretch]) -> None:
    """Store new stretches; their ids are given here."""
    values = [_values(row) for row in rows]
    if values:
        connection.execute(insert(table), values)


def change(connection: Connection, row: Stretch) -> None:
    """Store a stretch as it is now."""
    connection.execute(update(table).where(table.c.id == row.id).values(**_values(row)))


def _values(row: Stretch) -> dict[str, Any]:
    return {
        "river": row.river,
        "number": row.number,
        "name": row.name,
        "lines": row.lines,
        "buffer_m": row.buffer_m,
        "villages": list(row.villages),
        "active": row.active,
    }


def _stretch(row: Row[Any]) -> Stretch:
    lines = tuple(tuple((lon, lat) for lon, lat in line) for line in row.lines)
    villages = tuple(row.villages)
    return Stretch(
        row.id, row.river, row.number, row.name, lines, row.buffer_m, villages, row.active
    )
