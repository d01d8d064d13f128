"""Divisions in the database."""

from __future__ import annotations

from sqlalchemy import Connection, func, inspect, select

from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division, Gazetteer
from data.tables import metadata
from data.tables.contacts import divisions as table


def divisions(connection: Connection) -> list[Division]:
    """Every division, by code."""
    query = select(
        table.c.code, table.c.name, table.c.level, table.c.parent_code, table.c.lon, table.c.lat
    ).order_by(table.c.code)
    return [
        Division(code, name, Tier(level), parent_code, lon, lat)
        for code, name, level, parent_code, lon, lat in connection.execute(query)
    ]


def load_gazetteer(connection: Connection) -> Gazetteer:
    """All divisions, ready to be searched; some 13,000 for a province, so keep it."""
    return Gazetteer(divisions(connection))


def division_count(connection: Connection) -> int:
    """How many divisions are stored."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def missing_tables(connection: Connection) -> list[str]:
    """Tables of the schema that the database does not have; empty when it is up to date."""
    present = set(inspect(connection).get_table_names())
    return sorted(set(metadata.tables) - present)
