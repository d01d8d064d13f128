"""How each kind of database is opened: SQLite in a file of this machine, PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from data.private_files import make_private

CONNECT_SECONDS = 5
READERS = 8
MORE_READERS = 16
"""Beyond those, while so many ask at once."""

WRITER_CACHE_KB = 8192
READER_CACHE_KB = 2048
"""What each connection to an SQLite file may keep of it (ours). There are a dozen, and what they do
not keep the system does, once for all of them: 64 MB each made a busy process 40 MB larger, and
nothing was faster for it (docs/benchmarks.md, m)."""

WAL_KEPT_BYTES = 16 * 1024 * 1024
"""How much of the write-ahead log's file stays on the disk once it was emptied (ours)."""
LONGEST_LOG_BYTES = 4 * WAL_KEPT_BYTES
"""From this length on the log is emptied by force: see ``checkpoint``."""
CHECKPOINT_PATIENCE_SECONDS = 0.5
"""How long a forced checkpoint waits for readers; the writer stands still meanwhile."""

IDLE_SHARE = 0.8
"""How long a transaction that may change something stands still before the server ends it, as a
share of the seconds others wait for a lock. See ``allow_long``."""
LONGEST_STATEMENT_SECONDS = 60.0
"""No statement of every day takes so long; a migration's may, and says so."""
LONG_SECONDS = 600
"""For a reader, and a unit that says that it is long: standing still, or one statement."""
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 5, 2, 3
"""Seconds of silence until the other side is asked whether it is there; between two such questions;
and how many stay without an answer before it is given up: eleven seconds in all."""
UNACKNOWLEDGED_SECONDS = 10.0
"""How long what was sent may stay unacknowledged before the connection is given up."""


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


def has_password(url: str) -> bool:
    """Whether whoever reads ``url`` can open the database with it."""
    return bool(make_url(url).password)


def sqlite_path(url: str) -> Path | None:
    """The file behind an SQLite ``url``; ``None`` for other databases and in-memory ones."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def log_file(url: str) -> Path | None:
    """The write-ahead log of an SQLite ``url``; ``None`` where there is none."""
    file = sqlite_path(url)
    return None if file is None else file.with_name(f"{file.name}-wal")


def checkpoint(connection: Connection, patience: float) -> bool:
    """Bring the whole write-ahead log into the file and empty it; whether that could be done.

    SQLite does it by itself only when it finds no reader at work; this waits for those there are,
    while new ones may begin.

    :param connection: the writer's, without a transaction.
    :param patience: seconds for locks, as it is to be again afterwards.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    try:
        driver.execute(f"PRAGMA busy_timeout={_milliseconds(CHECKPOINT_PATIENCE_SECONDS)}")
        [(busy, _, _)] = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        driver.execute(f"PRAGMA busy_timeout={_milliseconds(patience)}")
    return not busy


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


def postgresql_options(*, lock: float, idle: float, statement: float) -> dict[str, Any]:
    """How every connection to PostgreSQL is opened, whoever holds it.

    A process that was stopped, or a machine that vanished, keeps its locks only until the server
    ends its transaction: sooner than the others stop waiting for them.

    :param lock: seconds a lock is waited for.
    :param idle: seconds a transaction may stand still.
    :param statement: seconds one statement may take.
    """
    settings = {
        "timezone": "UTC",
        # What is in force lies in memory: to fetch a row by its index costs little more than to
        # come upon it in a scan.
        "random_page_cost": "1.1",
        # To compile a statement takes longer (up to 0.3 s) than any of ours gains by it.
        "jit": "off",
        # A release's 60,000 calls are joined, and looked at by triggers, without going to the disk.
        "work_mem": "16MB",
        # Whatever the server's or the database's own default: a unit that waited for the lock must
        # see what was committed meanwhile.
        "default_transaction_isolation": "read committed",
        "lock_timeout": _milliseconds(lock),
        "statement_timeout": _milliseconds(statement),
        "idle_in_transaction_session_timeout": _milliseconds(idle),
        # The server's side of the connection: a client that is gone is noticed.
        "tcp_keepalives_idle": str(KEEPALIVE_IDLE),
        "tcp_keepalives_interval": str(KEEPALIVE_INTERVAL),
        "tcp_keepalives_count": str(KEEPALIVE_COUNT),
        "tcp_user_timeout": _milliseconds(UNACKNOWLEDGED_SECONDS),
    }
    return {
        "connect_timeout": CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={_escaped(value)}" for name, value in settings.items()),
        # Our side: a server that is gone is noticed.
        "keepalives_idle": KEEPALIVE_IDLE,
        "keepalives_interval": KEEPALIVE_INTERVAL,
        "keepalives_count": KEEPALIVE_COUNT,
        "tcp_user_timeout": int(UNACKNOWLEDGED_SECONDS * 1000),
    }


def allow_long(connection: Connection) -> None:
    """The running unit computes for seconds between two statements, or one takes a minute."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ALLOW_LONG, {"milliseconds": _milliseconds(LONG_SECONDS)})


_ALLOW_LONG = text(
    "SELECT set_config('idle_in_transaction_session_timeout', :milliseconds, true),"
    " set_config('statement_timeout', :milliseconds, true)"
)


@contextmanager
def many_joined(connection: Connection) -> Iterator[None]:
    """The statements within join many rows, whatever the database has counted of them so far.

    PostgreSQL has counted none of the calls that were just made, and would fetch the person of each
    by itself: half as long again.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.execute(_ONE_BY_ONE, {"allowed": "off"})
    yield
    connection.execute(_ONE_BY_ONE, {"allowed": "on"})


_ONE_BY_ONE = text("SELECT set_config('enable_nestloop', :allowed, true)")


def _escaped(value: str) -> str:
    return value.replace(" ", "\\ ")


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))


def _postgresql(url: str, *, writes: bool, patience: float) -> Engine:
    return create_engine(
        psycopg_url(url),
        hide_parameters=True,  # errors are logged: no number, position or code in them
        pool_size=1 if writes else READERS,
        # A reader that meets a dead connection after a restart of the server takes a new one.
        pool_pre_ping=not writes,
        connect_args={
            "application_name": "jiaoying",
            **postgresql_options(
                lock=patience,
                idle=patience * IDLE_SHARE if writes else LONG_SECONDS,
                statement=LONGEST_STATEMENT_SECONDS if writes else LONG_SECONDS,
            ),
        },
    )


def _sqlite(url: str, *, writes: bool, synchronous: str, patience: float) -> Engine:
    if (file := sqlite_path(url)) is not None:
        make_private(file)  # the log and the shared memory beside it take its mode
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=MORE_READERS,
        connect_args={"check_same_thread": False, "timeout": patience},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: "BEGIN" below does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA journal_size_limit={WAL_KEPT_BYTES}")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KB if writes else READER_CACHE_KB}")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
