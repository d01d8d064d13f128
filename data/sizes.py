"""How large the database is: rows and bytes of each table, and how old its oldest row is."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import OperationalError

from data import history
from data.tables import history as history_tables
from data.tables import metadata
from data.tables.columns import UtcDateTime

_AGES = ("created_at", "called_at", "at", "received_at", "taken_at", "made_at", "raised_at")
"""Columns that say since when a row is there, the first that a table has."""


class TableSize(NamedTuple):
    """One table, its indexes included; ``bytes`` is ``None`` where the database cannot tell."""

    name: str
    rows: int
    bytes: int | None
    oldest: datetime | None


def table_sizes(connection: Connection) -> list[TableSize]:
    """Every table, those of the history too if it is here, the largest first."""
    tables = list(metadata.tables.values())
    if history.attach(connection):
        tables += history_tables.metadata.tables.values()
    sizes = [
        TableSize(
            table.fullname,
            int(connection.execute(select(func.count()).select_from(table)).scalar_one()),
            _bytes(connection, table),
            _oldest(connection, table),
        )
        for table in tables
    ]
    return sorted(sizes, key=lambda size: (size.bytes or 0, size.rows), reverse=True)


def _oldest(connection: Connection, table: Table) -> datetime | None:
    times = {column.name for column in table.c if isinstance(column.type, UtcDateTime)}
    name = next((name for name in _AGES if name in times), None)
    if name is None:
        return None
    found: datetime | None = connection.execute(select(func.min(table.c[name]))).scalar()
    return found


def _bytes(connection: Connection, table: Table) -> int | None:
    if connection.dialect.name != "sqlite":
        # Of a partitioned table, the sum over its partitions; of another, itself.
        query = text(
            "SELECT sum(pg_total_relation_size(relid)) "
            "FROM pg_partition_tree(CAST(:name AS regclass))"
        )
        found = connection.execute(query, {"name": table.fullname}).scalar()
        if found is None:
            query = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
            found = connection.execute(query, {"name": table.fullname}).scalar_one()
        return int(found)
    schema = table.schema or "main"
    query = text(
        "SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND schema = :schema AND name IN "
        f"(SELECT name FROM {schema}.sqlite_master WHERE tbl_name = :table)"
    )
    try:
        found = connection.execute(query, {"schema": schema, "table": table.name}).scalar()
    except OperationalError:
        return None  # an SQLite without this view of itself
    return None if found is None else int(found)
