"""PostgreSQL databases that serve one test after another, each of which finds them as new.

To make one takes a thirtieth of a second of the server, to delete it as long again: so what a test
wrote is taken out, and what it deleted put back. A database whose tables themselves were changed,
or whose divisions were, is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

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
       (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('public', 'history'))::text,
       (SELECT count(*) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%')::text,
       (SELECT count(*) FROM pg_db_role_setting)::text
"""
"""Changes when a table, an index, a trigger, a function or a schema is made, altered or deleted."""

_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class UsedDatabase:
    """One of them, as it was when it was new."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._connection = psycopg.connect(url, autocommit=True, connect_timeout=int(PATIENCE))
        self._execute = self._connection.execute
        # As a replica it obeys no trigger and no foreign key.
        self._execute("SET session_replication_role = replica")
        self._execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        tables = [str(row[0]) for row in self._execute(_TABLES).fetchall()]
        self._rows: dict[str, bytes] = {}
        self._large: dict[str, tuple[int, str]] = {}
        for table in tables:
            [[number]] = self._execute(f"SELECT count(*) FROM {table}")
            if number > MOST_KEPT_ROWS:
                self._large[table] = self._look_at(table)
            elif number:
                self._rows[table] = self._read(table)
        emptying = "; ".join(f"DELETE FROM {table}" for table in tables if table not in self._large)
        self._execute(
            "CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS "
            f"$$ BEGIN {emptying}; END $$"
        )
        counters = [str(row[0]) for row in self._execute(_SEQUENCES).fetchall()]
        self._counters = "SELECT " + ", ".join(
            "setval('{}', {}, {})".format(
                name, *self._execute(f"SELECT last_value, is_called FROM {name}").fetchone() or ()
            )
            for name in counters
        )
        self._shape = self._look()

    def is_as_new_again(self) -> bool:
        """Take out what was written meanwhile; ``False`` when that cannot be done."""
        with suppress(psycopg.Error):
            self._execute(_OTHERS)
            if self._look() != self._shape:
                return False
            with self._connection.transaction():
                if any(self._look_at(table) != found for table, found in self._large.items()):
                    return False
                self._execute("SELECT pg_temp.empty()")
                for table, rows in self._rows.items():
                    with self._connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                        copy.write(rows)
                self._execute(self._counters, prepare=True)
            return True
        return False

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()

    def _look(self) -> Any:
        return self._execute(_SHAPE, prepare=True).fetchone()

    def _look_at(self, table: str) -> tuple[int, str]:
        """How many rows, and which transaction wrote last: reading them takes ten times as long."""
        query = f"SELECT count(*), max(xmin::text::bigint)::text FROM {table}"
        row = self._execute(query, prepare=True).fetchone()
        assert row is not None
        return int(row[0]), str(row[1])

    def _read(self, table: str) -> bytes:
        with self._connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
            return b"".join(bytes(part) for part in copy)


class UsedDatabases:
    """Those of one server that were made alike."""

    def __init__(self, server: Server, make: Callable[[Server], str]) -> None:
        self._server, self._make = server, make
        self._free: list[UsedDatabase] = []

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
        return UsedDatabase(name, self._server.url(name))
