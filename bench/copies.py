"""Fresh copies of one filled database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from bench.scene import filled
from data.database import Database
from tests.postgresql import Server

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


class DatabaseCopies:
    """Makes copies of a database with so many persons.

    :param database_server: ``None`` where there is no PostgreSQL: then SQLite alone is measured.
    """

    def __init__(self, folder: Path, database_server: Server | None, persons: int) -> None:
        self._folder, self._server, self._numbers = folder, database_server, count(1)
        self._file = folder / "template.db"
        filled(self._file, persons).close()
        if database_server is not None:
            database_server.execute("CREATE DATABASE template_filled")
            filled(database_server.url("template_filled"), persons).close()
            # A roster is loaded long before a warning: the planner knows it by then.
            self._vacuum(database_server.url("template_filled"))

    @property
    def kinds(self) -> tuple[str, ...]:
        """What copies can be made of."""
        return (SQLITE,) if self._server is None else (SQLITE, POSTGRESQL)

    def of(self, kind: str) -> Database:
        """One to work on; hand it back by ``gone``."""
        name = f"copy_{next(self._numbers)}"
        if kind == SQLITE:
            shutil.copy(self._file, self._folder / f"{name}.db")
            return Database(f"sqlite:///{self._folder}/{name}.db")
        assert self._server is not None
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE template_filled")
        self._server.execute("CHECKPOINT")  # the copy's own writing is not the work's
        return Database(self._server.url(name))

    def gone(self, database: Database) -> None:
        """Close it and delete it."""
        database.close()
        name = database.url.rpartition("/")[2]
        if database.is_sqlite:
            for file in self._folder.glob(f"{name}*"):
                file.unlink()
        else:
            assert self._server is not None
            self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _vacuum(self, url: str) -> None:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
