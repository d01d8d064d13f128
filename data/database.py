"""The one way to change anything: a unit of work, one transaction.

Writes are queued to one writer thread, which runs every unit that is waiting in a single
transaction (group commit) and tells their callers only after the commit: a tap that is reported as
recorded is on disk. A unit is a function of a connection; it may run twice (when the transaction
must be begun anew), so it must have no effect outside the database. One that raises takes back only
what it did itself: see ``data.unit_groups``.

Reads use connections of their own and never wait for the writer.

One writer at a time, over all processes and machines: SQLite sees to that itself, and on PostgreSQL
a group begins by taking an advisory lock. So what a unit has read stays true until its commit, and
the audit chain has one end. Only a unit that locks its own rows may be written ``beside`` others.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, DBAPIError

from data.commit_marks import can_mark, mark, was_committed
from data.driver_errors import lost_connection, translated
from data.engines import (
    LONGEST_LOG_BYTES,
    allow_long,
    checkpoint,
    is_sqlite,
    log_file,
    many_joined,
    open_engine,
    sqlite_path,
)
from data.errors import StoreBusy, StoreError, StoreUnwritable
from data.notices import Notices
from data.unit_groups import (
    Outcome,
    Unit,
    begin_group,
    failed,
    forget_group,
    note_writes,
    run_units,
    signal,
    told,
)

__all__ = [
    "Connection",
    "Database",
    "DatabaseError",
    "Unit",
    "allow_long",
    "many_joined",
    "signal",
    "sqlite_path",
]

log = logging.getLogger(__name__)

T = TypeVar("T")

LARGEST_GROUP = 128
BUSY_SECONDS = 5.0
LOOK_UP_SECONDS = 30.0
"""How long it is tried to find out whether a commit was made whose answer was lost."""
_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_LOCK_KEY = 0x6A79  # "jy"; one for all processes on a database
_AGAIN_SECONDS = 0.02
LOG_LOOK_SECONDS = 5.0
"""Between two looks at how long the write-ahead log has grown."""
_RECONNECT_SECONDS = 0.2


class _Queued(NamedTuple):
    unit: Unit[Any]
    future: Future[Any]
    beside: bool


class _Uncertain(Exception):
    """The connection was lost while the commit was under way.

    :ivar number: of the transaction's mark; ``None`` where it left none.
    """

    def __init__(self, number: int | None, outcomes: list[Outcome], signals: set[str]) -> None:
        super().__init__()
        self.number, self.outcomes, self.signals = number, outcomes, signals


class Database:
    """One database, SQLite or PostgreSQL by URL. Close it when done.

    :param url: an SQLAlchemy URL, absolute.
    :param synchronous: SQLite's durability, ``full`` (survives a power cut) or ``normal``.
    :param patience: seconds a write waits for a lock of another process, or for a server that is
        being restarted, before ``StoreBusy`` or ``StoreUnwritable``.
    :param acts_from: whence the changes come that are made through it, for their audit entries
        (``data.audit.acts_from``).
    """

    def __init__(
        self,
        url: str,
        *,
        synchronous: str = "full",
        patience: float = BUSY_SECONDS,
        acts_from: Mapping[str, str] | None = None,
    ) -> None:
        self.url = url
        self.patience = patience
        self.is_sqlite = is_sqlite(url)
        options: dict[str, Any] = {"synchronous": synchronous, "patience": patience}
        self._writer_engine = open_engine(url, writes=True, **options)
        if acts_from:
            self._writer_engine.update_execution_options(acts_from=dict(acts_from))
        note_writes(self._writer_engine)
        self._reader_engine = open_engine(url, writes=False, **options)
        self._queue: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._watchers: list[Callable[[frozenset[str]], None]] = []
        self._connection: Connection | None = None
        self._write_ahead_log = log_file(url)
        self._log_looked_at = time.monotonic()
        self.commits = 0  # that changed anything
        self._observer: Connection | None = None
        self._observer_lock = threading.Lock()
        self._signals: set[str] = set()
        self._name = uuid4().hex
        self._number = 0  # of transactions marked
        self._can_mark = False
        self._notices = None if self.is_sqlite else Notices(url, self._heard)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    @property
    def engine(self) -> Engine:
        """The engine that writes: for migrations."""
        return self._writer_engine

    @property
    def waiting(self) -> int:
        """How many units wait for the writer."""
        return self._queue.qsize()

    def write(self, unit: Unit[T], *, beside: bool = False) -> Future[T]:
        """Queue ``unit``; the future is resolved after its commit, with what it returned.

        :param beside: it may run beside a writer of another process: it locks its own rows (SKIP
            LOCKED), waits for no lock, and writes nothing into the audit trail.
        :raises StoreBusy: (by the future) when the database stayed locked.
        :raises StoreUnwritable: (by the future) when it is read-only, full or gone; with the code
            ``uncertain`` when it went away during the commit and did not come back to be asked, so
            that the unit may be done.
        """
        future: Future[T] = Future()
        self._queue.put(_Queued(unit, future, beside))
        return future

    def do(self, unit: Unit[T]) -> T:
        """Run ``unit`` and wait for its commit."""
        return self.write(unit).result()

    def read(self, query: Unit[T]) -> T:
        """Run ``query`` on a reading connection, in the calling thread.

        :raises StoreBusy: when the database is locked.
        :raises StoreUnwritable: when it cannot be read at all.
        """
        give_up = time.monotonic() + self.patience
        while True:
            try:
                with self._reader_engine.connect() as connection:
                    return query(connection)
            except DBAPIError as error:
                if not lost_connection(error) or time.monotonic() > give_up:
                    raise translated(error) from error
                time.sleep(_RECONNECT_SECONDS)

    def watch(self, committed: Callable[[frozenset[str]], None]) -> None:
        """Have ``committed`` called, from another thread, with the signals of each commit.

        On PostgreSQL, with those of other processes too, as far as they are heard.
        """
        self._watchers = [*self._watchers, committed]
        if self._notices is not None:
            self._notices.listen()

    def unwatch(self, committed: Callable[[frozenset[str]], None]) -> None:
        """Have ``committed`` called no more; a call that is under way may still come."""
        self._watchers = [watcher for watcher in self._watchers if watcher != committed]

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        if self._notices is not None:
            self._notices.close()
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        self._reader_engine.dispose()
        self._writer_engine.dispose()

    def outside_changes(self) -> int:
        """A number that changes when another process commits: SQLite only, cheap to ask.

        PostgreSQL answers 0: there, the processes tell each other. A number from before an error
        says nothing afterwards.

        :raises StoreError: when the file could not be read.
        """
        if not self.is_sqlite:
            return 0
        with self._observer_lock:
            try:
                if self._observer is None:
                    self._observer = self._reader_engine.connect()
                value = self._observer.execute(text("PRAGMA data_version")).scalar_one()
                self._observer.rollback()
            except DBAPIError as error:
                broken, self._observer = self._observer, None
                if broken is not None:
                    with suppress(DBAPIError):
                        broken.close()
                raise translated(error) from error
            return int(value)

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
            self._commit([queued for queued in group if queued is not None])
            if self._write_ahead_log is not None:
                self._keep_log_short(self._write_ahead_log)
        self._forget_connection()

    def _keep_log_short(self, log_file: Path) -> None:
        """Empty the write-ahead log when it has grown: while readers come and go all the time,
        SQLite never finds the moment by itself."""
        now = time.monotonic()
        if now < self._log_looked_at + LOG_LOOK_SECONDS:
            return
        self._log_looked_at = now
        try:
            if log_file.stat().st_size > LONGEST_LOG_BYTES:
                checkpoint(self._connect(), self.patience)
        except (OSError, DBAPIError, sqlite3.Error) as error:
            log.info("the write-ahead log stays as long as it is: %s", type(error).__name__)
            self._forget_connection()

    def _commit(self, group: list[_Queued]) -> None:
        group = [queued for queued in group if queued.future.set_running_or_notify_cancel()]
        while group:
            try:
                outcomes = self._transaction(group)
            except StoreError as error:
                outcomes = [Outcome(error=error) for _ in group]  # it would be the same for each
            except Exception as error:  # noqa: BLE001 - it goes to whoever asked
                # It took the whole group with it, and whose fault it was is found by trying.
                outcomes = (
                    [self._alone(queued) for queued in group]
                    if len(group) > 1
                    else [Outcome(error=error)]
                )
            for queued, outcome in zip(group, outcomes, strict=False):
                if outcome.error is None:
                    queued.future.set_result(outcome.result)
                else:
                    queued.future.set_exception(outcome.error)
            self._tell_watchers()
            group = group[len(outcomes) :]

    def _alone(self, queued: _Queued) -> Outcome:
        try:
            return self._transaction([queued])[0]
        except Exception as error:  # noqa: BLE001
            return Outcome(error=error)

    def _transaction(self, group: Sequence[_Queued]) -> list[Outcome]:
        """The group in one transaction, tried again while another process holds the lock.

        :raises StoreError: what time or an operator can mend; nothing was done, unless its code is
            ``uncertain``.
        """
        give_up = time.monotonic() + self.patience
        first = True
        while True:
            try:
                return self._attempt(group)
            except _Uncertain as error:
                self._forget_connection()
                if self._was_committed(error):
                    self._signals |= error.signals
                    return error.outcomes
            except DBAPIError as error:
                self._forget_connection()
                meant = told(error)
                lost = lost_connection(error)
                again = lost or isinstance(meant, StoreBusy)
                # A connection may have been lost because this process stood still, and the time
                # ran out with it: one more try there is always.
                if not again or (time.monotonic() > give_up and not (lost and first)):
                    raise meant from error
                time.sleep(_RECONNECT_SECONDS if lost else _AGAIN_SECONDS)
            first = False

    def _was_committed(self, lost: _Uncertain) -> bool:
        """Whether the commit was made whose answer was lost.

        :raises StoreUnwritable: with the code ``uncertain``: nobody can say.
        """
        give_up = time.monotonic() + LOOK_UP_SECONDS
        number = lost.number
        while number is not None and time.monotonic() < give_up:
            try:
                with self._connect().begin():
                    return was_committed(self._connect(), self._name, number)
            except DBAPIError as error:
                self._forget_connection()
                log.info("whether the last commit was made is asked again: %s", type(error.orig))
                time.sleep(_RECONNECT_SECONDS)
        raise StoreUnwritable("uncertain") from lost.__cause__

    def _mark(self, connection: Connection) -> int | None:
        """Number the running transaction, so that its commit can be looked up."""
        if self.is_sqlite:
            return None
        if not self._can_mark:
            self._can_mark = can_mark(connection)
        if not self._can_mark:
            return None
        self._number += 1
        mark(connection, self._name, self._number)
        return self._number

    def _attempt(self, queued_units: Sequence[_Queued]) -> list[Outcome]:
        connection = self._connect()
        forget_group(connection)
        with connection.begin() as transaction:
            group = begin_group(connection, shared=len(queued_units) > 1)
            if not self.is_sqlite and not all(queued.beside for queued in queued_units):
                connection.execute(_LOCK, {"key": _LOCK_KEY})
            outcomes = run_units(connection, [queued.unit for queued in queued_units], group)
            if group.signals and self._notices is not None:
                self._notices.tell(connection, group.signals)
            if failed(connection):
                raise RuntimeError("a unit went on after an error of the database")
            number = self._mark(connection) if group.wrote else None
            try:
                transaction.commit()
            except DBAPIError as error:
                if lost_connection(error) and group.wrote:
                    raise _Uncertain(number, outcomes, group.signals) from error
                raise
        self.commits += group.wrote
        self._signals |= group.signals
        return outcomes

    def _tell_watchers(self) -> None:
        if self._signals:
            signals, self._signals = frozenset(self._signals), set()
            self._heard(signals)

    def _heard(self, signals: frozenset[str]) -> None:
        for committed in self._watchers:
            committed(signals)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._writer_engine.connect()
        return self._connection

    def _forget_connection(self) -> None:
        if self._connection is not None:
            with suppress(DBAPIError):
                self._connection.close()
            self._connection = None
