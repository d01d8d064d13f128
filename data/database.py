"""The engine and the one way to change anything: a unit of work, one transaction.

Writes are queued to one writer thread, which runs every unit that is waiting in a single
transaction (group commit) and tells their callers only after the commit: a tap that is reported as
recorded is on disk. A unit is a function of a connection; it may run twice (when a neighbour in its
group fails, the group is rolled back and its units run one by one), so it must have no effect
outside the database.

Reads use connections of their own and never wait for the writer (SQLite in WAL mode).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from data.errors import StoreBusy, StoreUnwritable

__all__ = ["Connection", "Database", "DatabaseError", "Unit", "signal", "sqlite_path"]

T = TypeVar("T")
Unit = Callable[[Connection], T]

LARGEST_GROUP = 128
BUSY_SECONDS = 5.0
_SIGNALS = "signals"

_GONE = (
    "readonly",
    "read-only",
    "unable to open",
    "disk is full",
    "disk i/o",
    "no such table",
    "not a database",
    "malformed",
)


def signal(connection: Connection, word: str) -> None:
    """Tell the watchers of this process ``word`` once the running unit has been committed."""
    connection.info.setdefault(_SIGNALS, set()).add(word)


class Database:
    """One database, SQLite or PostgreSQL by URL. Close it when done.

    :param url: an SQLAlchemy URL, absolute.
    :param synchronous: SQLite's durability, ``full`` (survives a power cut) or ``normal``.
    :param patience: seconds a write waits for a lock held by another process before ``StoreBusy``.
    :raises StoreUnwritable: when the database cannot be opened for writing.
    """

    def __init__(
        self, url: str, *, synchronous: str = "full", patience: float = BUSY_SECONDS
    ) -> None:
        self.url = url
        self.patience = patience
        self._synchronous = synchronous
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._writer_engine = self._engine(writes=True)
        self._reader_engine = self._engine(writes=False)
        self._queue: queue.SimpleQueue[tuple[Unit[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._watchers: list[Callable[[frozenset[str]], None]] = []
        self._connection: Connection | None = None
        self._signals: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a file of this machine."""
        return self._sqlite

    @property
    def engine(self) -> Engine:
        """The engine that writes: for migrations."""
        return self._writer_engine

    def write(self, unit: Unit[T]) -> Future[T]:
        """Queue ``unit``; the future is resolved after its commit, with what it returned.

        :raises StoreBusy: (by the future) when the database stayed locked.
        :raises StoreUnwritable: (by the future) when it is read-only, full or gone.
        """
        future: Future[T] = Future()
        self._queue.put((unit, future))
        return future

    def do(self, unit: Unit[T]) -> T:
        """Run ``unit`` and wait for its commit."""
        return self.write(unit).result()

    def read(self, query: Unit[T]) -> T:
        """Run ``query`` on a reading connection, in the calling thread.

        :raises StoreBusy: when the database is locked.
        :raises StoreUnwritable: when it cannot be read at all.
        """
        try:
            with self._reader_engine.connect() as connection:
                return query(connection)
        except DBAPIError as error:
            raise _translated(error) from error

    def watch(self, committed: Callable[[frozenset[str]], None]) -> None:
        """Have ``committed`` called, from the writer thread, with the signals of each commit."""
        self._watchers.append(committed)

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        self._reader_engine.dispose()
        self._writer_engine.dispose()

    # -- the writer thread ----------------------------------------------------------------------

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group = [self._queue.get()]
            while len(group) < LARGEST_GROUP:
                try:
                    group.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            stopping = None in group
            self._commit([entry for entry in group if entry is not None])
        self._forget_connection()

    def _commit(self, group: list[tuple[Unit[Any], Future[Any]]]) -> None:
        group = [entry for entry in group if entry[1].set_running_or_notify_cancel()]
        if not group:
            return
        try:
            results = self._transaction([unit for unit, _ in group])
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked
            if len(group) == 1:
                group[0][1].set_exception(
                    _translated(error) if isinstance(error, DBAPIError) else error
                )
                return
            # One unit failed and took its neighbours' work back with it: each alone, then.
            for unit, future in group:
                try:
                    results = self._transaction([unit])
                except Exception as own:  # noqa: BLE001
                    future.set_exception(_translated(own) if isinstance(own, DBAPIError) else own)
                else:
                    future.set_result(results[0])
        else:
            for (_, future), result in zip(group, results, strict=True):
                future.set_result(result)
        if self._signals:
            signals, self._signals = frozenset(self._signals), set()
            for committed in self._watchers:
                committed(signals)

    def _transaction(self, units: Iterable[Unit[Any]]) -> list[Any]:
        """All ``units`` in one transaction, tried again while another process holds the lock."""
        give_up = time.monotonic() + self.patience
        units = list(units)
        while True:
            try:
                connection = self._connect()
                connection.info.pop("audit_head", None)
                connection.info[_SIGNALS] = set()
                with connection.begin():
                    results = [unit(connection) for unit in units]
                self._signals |= connection.info[_SIGNALS]
                return results
            except DBAPIError as error:
                self._forget_connection()
                translated = _translated(error)
                if not isinstance(translated, StoreBusy) or time.monotonic() > give_up:
                    raise
                time.sleep(0.02)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._writer_engine.connect()
        return self._connection

    def _forget_connection(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None

    # -- engines --------------------------------------------------------------------------------

    def _engine(self, *, writes: bool) -> Engine:
        if not self._sqlite:
            return create_engine(self.url, pool_pre_ping=True, pool_size=8)
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=16,
            connect_args={"check_same_thread": False, "timeout": self.patience},
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: Any) -> None:
            # The driver must not open transactions by itself: "BEGIN" below does.
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute(f"PRAGMA synchronous={self._synchronous}")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA cache_size=-65536")
            cursor.execute("PRAGMA temp_store=MEMORY")
            cursor.close()

        begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def outside_changes(self) -> int:
        """A number that changes when another process commits: SQLite only, cheap to ask.

        PostgreSQL answers 0: there, the caller polls.
        """
        if not self._sqlite:
            return 0
        if not hasattr(self, "_observer"):
            self._observer = self._reader_engine.connect()
            self._observer_lock = threading.Lock()
        with self._observer_lock:
            value = self._observer.execute(text("PRAGMA data_version")).scalar_one()
            self._observer.rollback()
            return int(value)


def sqlite_path(url: str) -> Path | None:
    """The file behind an SQLite ``url``; ``None`` for other databases and in-memory ones."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def _translated(error: BaseException) -> BaseException:
    said = str(getattr(error, "orig", error)).lower()
    if "locked" in said or "busy" in said or "deadlock" in said:
        return StoreBusy("locked")
    if any(word in said for word in _GONE) or (
        isinstance(error, OperationalError) and getattr(error, "connection_invalidated", False)
    ):
        return StoreUnwritable("unwritable", reason=said.splitlines()[0][:200])
    return error
