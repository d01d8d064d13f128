"""INSERT ... ON CONFLICT, which SQLAlchemy has once for each kind of database.

PostgreSQL's is imported where that is the database: it takes 2 MB and 50 ms of every start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert


def insert_into(connection: Connection, table: Table) -> Insert:
    """An insert that can say what happens to a row that is there already."""
    return insert_by(connection.dialect.name, table)


def insert_by(dialect: str, table: Table) -> Insert:
    """The same for a kind of database: ``sqlite`` or ``postgresql``."""
    if dialect == "sqlite":
        return cast("Insert", sqlite.insert(table))  # both say it in the same words
    from sqlalchemy.dialects import postgresql  # only where it is the database

    return postgresql.insert(table)
