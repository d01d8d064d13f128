"""Land that floods or slides, as rows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from data.geo.shapes import Box, Shape, shape_of_geojson
from data.tables.evacuation import flood_zones as table


def zones(connection: Connection) -> dict[str, Shape]:
    """All of it, by name."""
    return {
        row.name: shape_of_geojson(row.shape)
        for row in connection.execute(select(table).order_by(table.c.name))
    }


def zones_in(connection: Connection, box: Box) -> dict[str, Shape]:
    """What may lie in a box (west, south, east, north in degrees), by name."""
    west, south, east, north = box
    meet = (
        table.c.west <= east,
        table.c.east >= west,
        table.c.south <= north,
        table.c.north >= south,
    )
    rows = connection.execute(select(table).where(*meet).order_by(table.c.name))
    return {row.name: shape_of_geojson(row.shape) for row in rows}


def keep_zones(connection: Connection, drawn: Mapping[str, Shape]) -> None:
    """Enter these, each in the place of one of the same name."""
    if not drawn:
        return
    connection.execute(delete(table).where(table.c.name.in_(list(drawn))))
    rows = []
    for name, shape in drawn.items():
        west, south, east, north = shape.box
        sides = {"west": west, "south": south, "east": east, "north": north}
        rows.append({"name": name, "shape": shape.geojson(), **sides})
    connection.execute(insert(table), rows)
