"""PostgreSQL databases that serve one test after another, each of which finds them as new.

To make one takes a thirtieth of a second of the server, to delete it as long again: so what a test
wrote is taken out, and what it deleted put back; the connections stay (``tests.kept_connections``).
A database whose tables themselves were changed,
or whose divisions were, is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from tests.kept_connections import KEPT
from tests.postgresql import Server
from tests.waiting import PATIENCE

MOST_KEPT_ROWS = 500
"""A table of more is not put back: if a test changed it, the database is deleted."""

LOCK_SECONDS = 5
"""For what the test's own connections still hold while they end."""

_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n
ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
AND n.nspname IN ('public', 'history') ORDER BY 1
"""
_SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences ORDER BY 1"
_SHAPE = r"""
SELECT (SELECT (count(*), max(c.xmin::text::bigint)) FROM pg_class c JOIN pg_namespace n
        ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'history'))::text,
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_constraint)::text,
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_trigger)::text,
       (SELECT (count(*), max(p.xmin::text::bigint)) FROM pg_proc p JOIN pg_namespace n
        ON n.oid = p.pronamespace
        WHERE n.nspname IN ('public', 'history'))::text,
       (SELECT count(*) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%')::text,
       (SELECT count(*) FROM pg_db_role_setting)::text
"""
"""Changes when a table, an index, a trigger, a function or a schema is made, altered or deleted."""

_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s)
"""


class _AsMade:
    """What is in a database that nobody used yet: the same in all that are copies of one."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        execute = connection.execute
        tables = [str(row[0]) for row in execute(_TABLES).fetchall()]
        self.rows: dict[str, bytes] = {}
        self.large: dict[str, tuple[int, str]] = {}
        for table in tables:
            [[number]] = execute(f"SELECT count(*) FROM {table}")
            if number > MOST_KEPT_ROWS:
                self.large[table] = _look_at(connection, table)
            elif number:
                self.rows[table] = _read(connection, table)
        emptying = "; ".join(f"DELETE FROM {table}" for table in tables if table not in self.large)
        self.emptying = (
            "CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS "
            f"$$ BEGIN {emptying}; END $$"
        )
        counters = [str(row[0]) for row in execute(_SEQUENCES).fetchall()]
        self.counters = "SELECT " + ", ".join(
            "setval('{}', {}, {})".format(
                name, *execute(f"SELECT last_value, is_called FROM {name}").fetchone() or ()
            )
            for name in counters
        )
        self.shape = _shape(connection)


def _read(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def _shape(connection: psycopg.Connection[Any]) -> Any:
    return connection.execute(_SHAPE, prepare=True).fetchone()


def _look_at(connection: psycopg.Connection[Any], table: str) -> tuple[int, str]:
    """How many rows, and which transaction wrote last: reading them takes ten times as long."""
    query = f"SELECT count(*), max(xmin::text::bigint)::text FROM {table}"
    row = connection.execute(query, prepare=True).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


class UsedDatabase:
    """One of them.

    :param made: what is in one that was copied from the same; ``None``: look.
    """

    def __init__(self, name: str, url: str, made: _AsMade | None) -> None:
        self.name, self._url = name, url
        self._connection = psycopg.connect(url, autocommit=True, connect_timeout=int(PATIENCE))
        self._execute = self._connection.execute
        # As a replica it obeys no trigger and no foreign key.
        self._execute("SET session_replication_role = replica")
        self._execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        self.made = made or _AsMade(self._connection)
        self._execute(self.made.emptying)
        KEPT.lend(url)

    def is_as_new_again(self) -> bool:
        """Take out what was written meanwhile; ``False`` when that cannot be done."""
        with suppress(psycopg.Error):
            self._execute(_OTHERS, [KEPT.processes(self._url)])
            if _shape(self._connection) != self.made.shape:
                return False
            with self._connection.transaction():
                for table, found in self.made.large.items():
                    if _look_at(self._connection, table) != found:
                        return False
                self._execute("SELECT pg_temp.empty()")
                for table, rows in self.made.rows.items():
                    with self._connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write(rows)
                self._execute(self.made.counters, prepare=True)
            return True
        return False

    def close(self) -> None:
        """Let go of it."""
        KEPT.forget(self._url)
        self._connection.close()


class UsedDatabases:
    """Those of one server that were made alike."""

    def __init__(self, server: Server, make: Callable[[Server], str]) -> None:
        self._server, self._make = server, make
        self._free: list[UsedDatabase] = []
        self._made: _AsMade | None = None

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of one that nobody else uses meanwhile."""
        used = self._free.pop() if self._free else self._new()
        try:
            yield self._server.url(used.name)
        finally:
            if used.is_as_new_again():
                self._free.append(used)
            else:
                used.close()
                self._server.drop(used.name)

    def close(self) -> None:
        """Let go of them; the server's end deletes them."""
        for used in self._free:
            used.close()

    def _new(self) -> UsedDatabase:
        name = self._make(self._server)
        new = UsedDatabase(name, self._server.url(name), self._made)
        self._made = new.made
        return new
