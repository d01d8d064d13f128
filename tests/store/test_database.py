"""A unit of work is one transaction; many commit together, and a failing one harms no other."""

import sqlite3
import threading
from concurrent.futures import wait
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from data.database import Database, signal
from data.engines import READERS
from data.errors import StoreBusy, StoreUnwritable
from tests.waiting import PATIENCE


@pytest.fixture
def database(tmp_path: Path):
    made = Database(f"sqlite:///{tmp_path}/test.db", patience=0.3)
    made.do(lambda c: c.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))
    yield made
    made.close()


def add(n: int):
    def unit(connection: Connection) -> int:
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": n})
        return n

    return unit


def rows(database: Database) -> list[int]:
    return database.read(lambda c: list(c.execute(text("SELECT n FROM t ORDER BY n")).scalars()))


def test_a_failing_unit_changes_nothing_and_spoils_no_neighbour(database: Database) -> None:
    def half_done(connection: Connection) -> None:
        add(500)(connection)
        raise ValueError("half done")

    hold = threading.Event()
    database.write(lambda _: hold.wait(PATIENCE))  # so that the rest is queued into one group
    before, failing, after = (database.write(unit) for unit in (add(1), half_done, add(2)))
    hold.set()
    wait([before, failing, after])
    assert (before.result(), after.result()) == (1, 2)
    with pytest.raises(ValueError, match="half done"):
        failing.result()
    assert rows(database) == [1, 2]


def test_a_result_is_told_only_when_another_connection_can_see_it(database: Database) -> None:
    file = database.engine.url.database
    for n in range(50):
        database.write(add(n)).result()
        with sqlite3.connect(str(file)) as other:
            assert other.execute("SELECT max(n) FROM t").fetchone() == (n,)


def test_signals_come_after_the_commit_and_only_then(database: Database) -> None:
    heard: list[tuple[frozenset[str], list[int]]] = []
    database.watch(lambda words: heard.append((words, rows(database))))

    def telling(connection: Connection) -> None:
        add(7)(connection)
        signal(connection, "seven")

    def failing(connection: Connection) -> None:
        signal(connection, "never")
        raise ValueError

    database.do(telling)
    database.do(add(8))
    with pytest.raises(ValueError):
        database.do(failing)
    assert heard == [(frozenset({"seven"}), [7])]


def test_whoever_stops_watching_hears_no_more(database: Database) -> None:
    """A dispatcher that ended must not be told for ever, nor be kept in memory by it."""
    heard: list[tuple[str, frozenset[str]]] = []

    def first(words: frozenset[str]) -> None:
        heard.append(("first", words))

    def second(words: frozenset[str]) -> None:
        heard.append(("second", words))

    database.watch(first)
    database.watch(second)
    database.unwatch(first)
    database.do(lambda c: signal(c, "word"))
    assert heard == [("second", frozenset({"word"}))]
    database.unwatch(first)  # once more changes nothing
    database.unwatch(second)
    database.do(lambda c: signal(c, "word"))
    assert len(heard) == 1


def test_a_locked_database_is_waited_for_then_said(database: Database) -> None:
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        database.do(add(1))
    other.execute("ROLLBACK")
    other.close()
    assert database.do(add(1)) == 1


def test_a_database_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/missing/folder/test.db", patience=0.1)
    with pytest.raises(StoreUnwritable):
        database.do(add(1))
    database.close()


def test_another_process_s_commit_is_noticed(database: Database) -> None:
    before = database.outside_changes()
    with sqlite3.connect(str(database.engine.url.database)) as other:
        other.execute("INSERT INTO t VALUES (9)")
    other.close()
    assert database.outside_changes() != before


def test_all_connections_together_keep_little_of_the_file(database: Database) -> None:
    def kept_kilobytes(connection: Connection) -> int:
        return -int(connection.execute(text("PRAGMA cache_size")).scalar_one())

    pages = database.do(kept_kilobytes) + READERS * database.read(kept_kilobytes)
    assert pages <= 32 * 1024
