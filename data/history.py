"""The history: where rows of alerts long over are kept, out of the way of the live tables.

On SQLite it is a file beside the database, ``jiaoying.history.db``, attached where it is needed; on
PostgreSQL the schema ``history`` of the same database, each table partitioned by month. A statement
names ``history.calls`` on both. A month of PostgreSQL's that is no longer wanted at hand is
detached (``ALTER TABLE history.calls DETACH PARTITION history.calls_202611``) and attached again to
be read; SQLite's file is copied like any other while no archiving runs.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from data.driver_errors import translated
from data.errors import NotFound, StoreBusy, StoreUnwritable
from data.tables.history import SCHEMA, metadata

_ATTACHED = "history_file"


class HistoryProblem(Enum):
    """Why the history cannot be read or written."""

    AWAY = "history_away"  # its file, or a month of it, is not where it was
    UNREADABLE = "history_unreadable"  # the file is damaged, or none of ours
    CHANGED = "history_changed"  # what was written there is not what is read back
    TOO_RECENT = "history_too_recent"  # what may still be shown or asked about stays where it is
    BROKEN_TRAIL = "history_broken_trail"  # the trail was tampered with: it is not archived so
    NO_FILE = "history_no_file"  # the database lies in memory: nothing can lie beside it


def history_file(database_file: Path) -> Path:
    """The file in which an SQLite database keeps its history."""
    return database_file.with_name(f"{database_file.stem}.history{database_file.suffix}")


def history_name(connection: Connection) -> str:
    """What to call the place of the history when telling an operator about it."""
    file = _file(connection)
    return f"schema {SCHEMA}" if file is None else file.name


def attach(connection: Connection, *, create: bool = False) -> bool:
    """Make the history readable on this connection; ``False`` when there is none.

    :param create: make an empty file where there is none (SQLite).
    :raises StoreUnwritable: the file cannot be read, or is none of ours (``UNREADABLE``).
    """
    if connection.dialect.name != "sqlite":
        return inspect(connection).has_table("calls", schema=SCHEMA)
    if not _attached(connection):
        file = _file(connection)
        if file is None or not (create or file.exists()):
            return False
        try:
            connection.exec_driver_sql(f"ATTACH DATABASE ? AS {SCHEMA}", (str(file),))
            connection.exec_driver_sql(f"SELECT count(*) FROM {SCHEMA}.sqlite_master")
            connection.info[_ATTACHED] = _identity(file)
        except DatabaseError as error:
            meant = translated(error)
            if isinstance(meant, StoreBusy):
                raise meant from error
            raise StoreUnwritable(HistoryProblem.UNREADABLE, file=file.name) from error
    found = connection.exec_driver_sql(
        f"SELECT count(*) FROM {SCHEMA}.sqlite_master WHERE name = 'calls'"
    ).scalar_one()
    return create or found == 1


def require(connection: Connection) -> None:
    """Make the history readable on this connection.

    :raises NotFound: it is not there (``AWAY``): a file was moved or deleted.
    :raises StoreUnwritable: see ``attach``.
    """
    if not attach(connection):
        raise NotFound(HistoryProblem.AWAY, file=history_name(connection))


def require_in_place(connection: Connection) -> None:
    """That the attached file still bears its name: SQLite would write on into a deleted one.

    :raises NotFound: it was deleted, moved or replaced meanwhile (``AWAY``).
    """
    file = _file(connection)
    if file is not None and _identity(file) != connection.info.get(_ATTACHED):
        raise NotFound(HistoryProblem.AWAY, file=file.name)


def prepare(connection: Connection) -> None:
    """Make the history's tables where there are none, and add columns they do not have yet.

    :raises StoreUnwritable: see ``attach``; or ``NO_FILE``.
    """
    if connection.dialect.name == "sqlite":
        if _file(connection) is None:
            raise StoreUnwritable(HistoryProblem.NO_FILE)
        attach(connection, create=True)
    else:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        for table in metadata.tables.values():
            # Said here, and not with the table: to name PostgreSQL there would load its dialect
            # at every start.
            table.dialect_options["postgresql"]["partition_by"] = "LIST (month)"
    metadata.create_all(connection)
    asked = inspect(connection)
    for table in metadata.tables.values():
        present = {column["name"] for column in asked.get_columns(table.name, schema=SCHEMA)}
        for column in table.columns:
            if column.name not in present:
                kind = column.type.compile(connection.dialect)
                connection.execute(
                    text(f"ALTER TABLE {SCHEMA}.{table.name} ADD COLUMN {column.name} {kind}")
                )


def ensure_month(connection: Connection, month: int) -> None:
    """Make room for rows of a month, as in 202611: its partitions, on PostgreSQL.

    :raises NotFound: the month was detached: attach it again first (``AWAY``).
    """
    if connection.dialect.name == "sqlite":
        return
    for table in metadata.tables.values():
        name = f"{table.name}_{month}"
        connection.execute(
            text(
                f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{name} "
                f"PARTITION OF {SCHEMA}.{table.name} FOR VALUES IN ({month})"
            )
        )
        if not connection.execute(_PARTITION, {"name": f"{SCHEMA}.{name}"}).scalar_one():
            raise NotFound(HistoryProblem.AWAY, file=f"{SCHEMA}.{name}", month=month)


_PARTITION = text("SELECT relispartition FROM pg_class WHERE oid = CAST(:name AS regclass)")


def _file(connection: Connection) -> Path | None:
    """Where an SQLite database's history lies; ``None`` for PostgreSQL, and in memory."""
    if connection.dialect.name != "sqlite":
        return None
    for _, name, file in connection.exec_driver_sql("PRAGMA database_list"):
        if name == "main" and file:
            return history_file(Path(file))
    return None


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file this is; ``None`` when there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _attached(connection: Connection) -> bool:
    return any(row[1] == SCHEMA for row in connection.exec_driver_sql("PRAGMA database_list"))
