"""The tables of SQLite, made by the migrations once in each run of the tests.

Eighty migrations take more than a second, and each new database of a test would run them again. It
gets what they made instead: the same tables, indexes, triggers and rows, as SQLite itself keeps
their words. ``by_migrations`` runs them all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import orjson
import pytest
from sqlalchemy import Connection, text

from data import schema
from data.database import Database
from tests.memory import in_memory
from tests.shared import made_once

_REALLY = schema._alembic_upgrade


def statements_file() -> Path:
    """The statements that make what the migrations make, as JSON."""
    return made_once("tables.json", _write_statements)


def _write_statements(file: Path) -> None:
    with (
        TemporaryDirectory(dir=in_memory()) as folder,
        patch.object(schema, "_alembic_upgrade", _REALLY),
        closing(Database(f"sqlite:///{folder}/tables.db", synchronous="off")) as database,
    ):
        schema.upgrade(database)
        file.write_bytes(orjson.dumps(database.read(statements)))


def statements(connection: Connection) -> list[str]:
    """What makes a database as the one of ``connection``: its tables and the rows in them."""
    # In the order in which they were made, for SQLite chooses between indexes by it; what begins so
    # is SQLite's own.
    made = connection.execute(
        text(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            r" AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid"
        )
    ).all()
    found = []
    for kind, name, sql in made:
        found.append(sql)
        if kind == "table":
            columns = [row[1] for row in connection.execute(text(f"PRAGMA table_info({name})"))]
            values = " || ', ' || ".join(f'quote("{column}")' for column in columns)
            rows = connection.execute(text(f'SELECT {values} FROM "{name}"')).scalars()
            found += [f'INSERT INTO "{name}" VALUES ({row})' for row in rows]
    return found


@cache
def _read(file: Path) -> list[str]:
    found: list[str] = orjson.loads(file.read_bytes())
    return found


def upgrade_from(file: Path, connection: Connection) -> None:
    """In the place of ``schema._alembic_upgrade``; ``file`` is ``statements_file``."""
    empty = connection.dialect.name == "sqlite" and schema.revision(connection) is None
    if not empty or connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar():
        _REALLY(connection)
        return
    for statement in _read(file):
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="session", autouse=True)
def schema_once() -> Iterator[None]:
    """Whoever upgrades an empty file gets what the migrations made of one before."""

    def upgrade(connection: Connection) -> None:
        upgrade_from(statements_file(), connection)

    with patch.object(schema, "_alembic_upgrade", upgrade):
        yield


@pytest.fixture
def by_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the migrations themselves."""
    monkeypatch.setattr(schema, "_alembic_upgrade", _REALLY)
