"""The write-ahead log of an SQLite file stays short, though somebody reads all the time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

import data.database
from data.database import Connection, Database

MEGABYTE = 1024 * 1024
WRITTEN = 60_000_000  # bytes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log.db"


@pytest.fixture
def short_log(monkeypatch: pytest.MonkeyPatch) -> int:
    """From two megabytes on, looked at after each commit."""
    monkeypatch.setattr(data.database, "LOG_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(data.database, "LONGEST_LOG_BYTES", 2 * MEGABYTE)
    return 2 * MEGABYTE


def log_bytes(file: Path) -> int:
    log = file.with_name(f"{file.name}-wal")
    return log.stat().st_size if log.exists() else 0


def grow(connection: Connection) -> None:
    connection.execute(text("INSERT INTO rows VALUES (zeroblob(500000))"))


def test_readers_that_come_and_go_do_not_keep_the_log_from_being_emptied(
    file: Path,
    short_log: int,  # noqa: ARG001 - set for the database
) -> None:
    """One is always at work: SQLite by itself would never find the moment."""
    database = Database(f"sqlite:///{file}", synchronous="off")
    database.do(lambda c: c.execute(text("CREATE TABLE rows (what BLOB)")))
    over, begun = threading.Event(), [threading.Event(), threading.Event()]

    def read_on(mine: int) -> None:
        """Begin while the other is at work, and end when the other has begun anew."""
        while not over.is_set():
            with database._reader_engine.connect() as connection:
                connection.execute(text("SELECT count(*) FROM rows"))
                begun[mine].set()
                begun[1 - mine].wait(0.02)
                begun[1 - mine].clear()

    readers = [threading.Thread(target=read_on, args=(mine,)) for mine in (0, 1)]
    for reader in readers:
        reader.start()
    longest = 0
    try:
        for _ in range(WRITTEN // 500_000):
            database.do(grow)
            longest = max(longest, log_bytes(file))
    finally:
        over.set()
        for reader in readers:
            reader.join()
    database.close()
    assert longest < WRITTEN / 3, "it grows with what is written"


def test_a_reader_that_stays_keeps_the_log_and_nobody_waits_for_it(
    file: Path, short_log: int
) -> None:
    database = Database(f"sqlite:///{file}", synchronous="off")
    database.do(lambda c: c.execute(text("CREATE TABLE rows (what BLOB)")))
    count = text("SELECT count(*) FROM rows")
    with database._reader_engine.connect() as staying:
        assert staying.execute(count).scalar() == 0
        for _ in range(10):
            database.do(grow)
        assert log_bytes(file) > short_log
        assert staying.execute(count).scalar() == 0  # its moment is kept
    database.do(grow)
    database.do(grow)
    assert log_bytes(file) < short_log
    assert database.read(lambda c: c.execute(count).scalar()) == 12
    database.close()


def test_what_stays_of_an_emptied_log_is_bounded(file: Path) -> None:
    database = Database(f"sqlite:///{file}", synchronous="off")
    limit = database.do(lambda c: c.execute(text("PRAGMA journal_size_limit")).scalar())
    assert limit == data.database.LONGEST_LOG_BYTES // 4
    database.close()
