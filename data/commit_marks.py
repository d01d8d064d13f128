"""Whether a commit was made whose answer was lost (PostgreSQL).

Each process that writes has a row; its transactions put their number there. When the connection is
lost during a commit, the number in the row says whether that commit was made. (The server's own
``pg_xact_status`` cannot: after a crash it may use a transaction's id again.)
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, text

from data.tables.running import commit_marks

KEPT_DAYS = 30
"""After so long without a commit the process of a row is long gone."""

_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
_NEW = (
    f"INSERT INTO commit_marks (writer, number, at) VALUES (:by, :count, {_NOW})"
    " ON CONFLICT (writer) DO UPDATE SET"
)
_MARK = text(f"{_NEW} number = excluded.number, at = excluded.at")
# Changes nothing, and so waits for a transaction that is still about to change the row.
_LOOK = text(f"{_NEW} writer = excluded.writer RETURNING commit_marks.number")
_OLD = delete(commit_marks).where(
    commit_marks.c.at < text(f"{_NOW} - {KEPT_DAYS * 24 * 3600 * 1000}")
)


def can_mark(connection: Connection) -> bool:
    """Whether the database has the rows: not before its first upgrade."""
    return connection.execute(select(func.to_regclass(commit_marks.name))).scalar() is not None


def mark(connection: Connection, writer: str, number: int) -> None:
    """The running transaction is the ``number``-th of this writer, counted from 1."""
    connection.execute(_MARK, {"by": writer, "count": number})
    if number == 1:
        connection.execute(_OLD)


def was_committed(connection: Connection, writer: str, number: int) -> bool:
    """Whether that transaction was committed; waits while the server is still about it."""
    found = connection.execute(_LOOK, {"by": writer, "count": 0}).scalar_one()
    return bool(found == number)
