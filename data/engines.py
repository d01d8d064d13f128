"""How each kind of database is opened: SQLite in a file of this machine, PostgreSQL by URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

CONNECT_SECONDS = 5
READERS = 8


def is_sqlite(url: str) -> bool:
    """Whether the database is a file of this machine."""
    return make_url(url).get_backend_name() == "sqlite"


def well_formed(url: str) -> bool:
    """Whether ``url`` can be taken apart: an error later would come with a traceback."""
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        return False
    return True


def sqlite_path(url: str) -> Path | None:
    """The file behind an SQLite ``url``; ``None`` for other databases and in-memory ones."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def open_engine(url: str, *, writes: bool, synchronous: str, patience: float) -> Engine:
    """An engine for the writer thread or for the readers.

    :param synchronous: SQLite's durability, ``full`` or ``normal``.
    :param patience: seconds a lock is waited for.
    """
    if is_sqlite(url):
        return _sqlite(url, writes=writes, synchronous=synchronous, patience=patience)
    return _postgresql(url, writes=writes, patience=patience)


def psycopg_url(url: str) -> str:
    """``url`` with the driver we ship for it, unless it names one."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _postgresql(url: str, *, writes: bool, patience: float) -> Engine:
    waits = int(patience * 1000)
    return create_engine(
        psycopg_url(url),
        hide_parameters=True,  # errors are logged: no number, position or code in them
        pool_size=1 if writes else READERS,
        # A reader that meets a dead connection after a restart of the server takes a new one.
        pool_pre_ping=not writes,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "jiaoying",
            # What is in force lies in memory: to fetch a row by its index costs little more than to
            # come upon it in a scan.
            "options": f"-c lock_timeout={waits} -c timezone=UTC -c random_page_cost=1.1",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        },
    )


def _sqlite(url: str, *, writes: bool, synchronous: str, patience: float) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=16,
        connect_args={"check_same_thread": False, "timeout": patience},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: "BEGIN" below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
