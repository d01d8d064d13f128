"""Connections to PostgreSQL databases that go from test to test, and themselves go with them.

A connection begins with a process of the server that knows no table, trigger or plan: to learn them
takes it longer than all that most tests ask. One that a test lets go of is put back to how it
began, as the pools of operators do, and serves the next test on that database.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

_BEGIN_ANEW = (
    "RESET SESSION AUTHORIZATION; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all();"
    " CLOSE ALL; DISCARD TEMP; DISCARD SEQUENCES; DEALLOCATE ALL"
)
"""DISCARD ALL but for the plans of triggers and foreign keys, which are every test's."""

_ALIKE = {"context"}  # SQLAlchemy's own, of each engine

Opened = tuple[str, ...]


class KeptConnection(psycopg.Connection[Any]):
    """Closed, it may be free for another test."""

    opened: Opened = ()

    def close(self) -> None:
        """Let go of it."""
        if not KEPT.take_back(self):
            super().close()

    def really_close(self) -> None:
        """The server's process ends, too."""
        super().close()


class KeptConnections:
    """Those of this process that are free, by the database and how they were opened."""

    def __init__(self) -> None:
        self._free: dict[str, list[KeptConnection]] = {}  # of the databases that are lent

    def lend(self, url: str) -> None:
        """Connections to this database are kept from now on."""
        self._free.setdefault(_name(conninfo_to_dict(url)), [])

    def processes(self, url: str) -> list[int]:
        """The server's processes behind the free ones."""
        free = self._free[_name(conninfo_to_dict(url))]
        return [connection.info.backend_pid for connection in free]

    def forget(self, url: str) -> None:
        """The database is about to be deleted."""
        for connection in self._free.pop(_name(conninfo_to_dict(url)), ()):
            connection.really_close()

    def take_back(self, connection: KeptConnection) -> bool:
        """Whether it is kept; it is as it began."""
        free = self._free.get(_name(connection.info.get_parameters()))
        if free is None or connection.info.transaction_status != TransactionStatus.IDLE:
            return False
        with suppress(psycopg.Error):
            connection.isolation_level = connection.read_only = connection.deferrable = None
            connection.autocommit = True
            connection.execute(_BEGIN_ANEW)
            connection.autocommit = False
            free.append(connection)
            return True
        return False

    def serve(self, engine: Engine) -> None:
        """``engine`` takes what is free, if it is one of PostgreSQL."""
        if engine.dialect.name == "postgresql":
            event.listen(engine, "do_connect", self._connect)

    def _connect(
        self, _dialect: object, _record: object, arguments: Any, named: dict[str, Any]
    ) -> KeptConnection:
        opened = tuple(sorted(f"{name}={named[name]}" for name in named.keys() - _ALIKE))
        free = self._free.get(_name(named), [])
        for connection in list(free):
            if connection.opened == opened:
                free.remove(connection)
                with suppress(psycopg.Error):
                    connection.execute("")  # is it still there?
                    connection.rollback()
                    return connection
                connection.really_close()
        connection = KeptConnection.connect(*arguments, **named)
        connection.opened = opened
        return connection


KEPT = KeptConnections()


def _name(parameters: dict[str, Any]) -> str:
    return f"{parameters.get('port')}/{parameters.get('dbname')}"
