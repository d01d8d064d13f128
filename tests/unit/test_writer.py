"""The one writer: how long it tries again, and what it does about a commit whose answer is lost.

PostgreSQL's part is shown on a file that is taken for a server: what is asked of one is recorded.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

import data.database
from data import unit_groups
from data.database import Database, signal
from data.errors import StoreBusy, StoreUnwritable
from tests.store.test_refused_units import in_one_group
from tests.waiting import PATIENCE

PATIENCE_SECONDS = 5.0


class Clock:
    """Time passes where somebody sleeps, or a test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(data.database, "time", made)
    return made


@pytest.fixture
def database(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,  # noqa: ARG001 - set before it
) -> Iterator[Database]:
    monkeypatch.setattr(unit_groups, "LONGEST_SECONDS", PATIENCE)  # a group stays one
    made = Database(f"sqlite:///{tmp_path}/test.db", patience=PATIENCE_SECONDS)
    made.do(lambda c: c.execute(text("CREATE TABLE t (n INTEGER)")))
    made.commits = 0
    yield made
    made.close()


LOCKED = OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))
LOST = OperationalError("INSERT", {}, psycopg.OperationalError("server closed"))


class Failing:
    """A unit that fails so often, each time after some seconds, and then adds a row."""

    def __init__(
        self, error: Exception, times: int, clock: Clock | None = None, seconds: float = 0.0
    ) -> None:
        self.error, self.times, self.clock, self.seconds = error, times, clock, seconds
        self.runs = 0

    def __call__(self, connection: Connection) -> int:
        self.runs += 1
        if self.runs <= self.times:
            if self.clock is not None:
                self.clock.now += self.seconds
            raise self.error
        connection.execute(text("INSERT INTO t VALUES (1)"))
        return self.runs


def count(database: Database) -> int:
    return database.read(lambda c: int(c.execute(text("SELECT count(*) FROM t")).scalar_one()))


@pytest.mark.parametrize("error", [LOCKED, LOST])
def test_it_is_tried_again_as_long_as_was_said(
    database: Database, clock: Clock, error: Exception
) -> None:
    began = clock.now
    unit = Failing(error, 10_000)
    with pytest.raises(StoreBusy if error is LOCKED else StoreUnwritable):
        database.do(unit)
    assert unit.runs > 2
    assert PATIENCE_SECONDS < clock.now - began <= PATIENCE_SECONDS + max(clock.sleeps)
    assert min(clock.sleeps) > 0
    again = Failing(error, 1)
    assert database.do(again) == 2
    assert count(database) == 1


def test_a_lock_is_asked_for_more_often_than_a_server(database: Database, clock: Clock) -> None:
    database.do(Failing(LOCKED, 1))
    database.do(Failing(LOST, 1))
    locked, lost = clock.sleeps
    assert 0 < locked < lost < 1


def test_who_lost_the_connection_standing_still_tries_once_more(
    database: Database, clock: Clock
) -> None:
    late = PATIENCE_SECONDS + 1
    assert database.do(Failing(LOST, 1, clock, late)) == 2
    unit = Failing(LOST, 2, clock, late)
    with pytest.raises(StoreUnwritable):
        database.do(unit)
    assert unit.runs == 2
    unit = Failing(LOCKED, 1, clock, late)  # who waited for a lock has had the time
    with pytest.raises(StoreBusy):
        database.do(unit)
    assert unit.runs == 1


def test_what_nobody_can_mend_is_not_tried_again(database: Database, clock: Clock) -> None:
    full = OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
    unit = Failing(full, 1)
    with pytest.raises(StoreUnwritable):
        database.do(unit)
    assert (unit.runs, clock.sleeps) == (1, [])


def test_a_reader_asks_again_while_the_server_is_away(database: Database, clock: Clock) -> None:
    tries = 0

    def asks(times: int, error: Exception = LOST) -> Any:
        def query(connection: Connection) -> int:
            nonlocal tries
            tries += 1
            if tries <= times:
                raise error
            return int(connection.execute(text("SELECT 7")).scalar_one())

        return query

    assert database.read(asks(3)) == 7
    began, tries = clock.now, 0
    with pytest.raises(StoreUnwritable):
        database.read(asks(10_000))
    assert tries > 2
    assert PATIENCE_SECONDS < clock.now - began < PATIENCE_SECONDS + 1
    tries = 0
    with pytest.raises(StoreBusy):
        database.read(asks(10_000, LOCKED))
    assert tries == 1


def test_what_was_taken_back_while_it_waited_is_not_done(database: Database) -> None:
    hold, held = threading.Event(), threading.Event()

    def holding(_: Connection) -> None:
        held.set()
        hold.wait(PATIENCE)

    unwanted, wanted = Failing(LOCKED, 0), Failing(LOCKED, 0)
    database.write(holding)
    assert held.wait(PATIENCE)
    waiting, done = database.write(unwanted), database.write(wanted)
    assert database.waiting == 2
    assert waiting.cancel()
    hold.set()
    assert done.result() == 1
    assert (unwanted.runs, count(database)) == (0, 1)


def test_a_fault_of_the_whole_group_is_told_to_whoever_made_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here the units are run together, and something else fails: each is tried by itself."""
    really_run, sizes = data.database.run_units, []

    def run(connection: Connection, units: list[Any], group: Any) -> Any:
        sizes.append(len(units))
        if bad in units:
            raise ZeroDivisionError
        return really_run(connection, units, group)

    bad, good = Failing(LOCKED, 0), Failing(LOCKED, 0)
    monkeypatch.setattr(data.database, "run_units", run)
    futures = in_one_group(database, good, bad)
    assert futures[0].result() == 1
    assert isinstance(futures[1].exception(), ZeroDivisionError)
    assert sizes == [1, 2, 1, 1]
    assert isinstance(database.write(bad).exception(), ZeroDivisionError)
    assert sizes[4:] == [1]  # alone already


def test_a_lock_met_in_the_middle_is_waited_for_by_the_whole_group(database: Database) -> None:
    """No savepoint helps: nobody is told that it failed while time can mend it."""
    runs: list[int] = []

    def meets_a_lock(connection: Connection) -> str:
        runs.append(1)
        connection.execute(text("INSERT INTO t VALUES (2)"))
        if len(runs) == 1:
            raise LOCKED
        return "done"

    neighbour = Failing(LOCKED, 0)
    first, second = in_one_group(database, neighbour, meets_a_lock)
    assert (first.result(), second.result()) == (2, "done")
    assert (neighbour.runs, len(runs), count(database)) == (2, 2, 2)


def test_commits_count_what_was_changed(database: Database) -> None:
    database.do(lambda c: c.execute(text("SELECT 1")).scalar_one())
    assert database.commits == 0
    database.do(Failing(LOCKED, 0))
    in_one_group(database, Failing(LOCKED, 0), Failing(LOCKED, 0))
    assert database.commits == 2


def test_the_log_is_looked_at_now_and_then(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied: list[float] = []
    monkeypatch.setattr(data.database, "LONGEST_LOG_BYTES", 10)
    monkeypatch.setattr(data.database, "LOG_LOOK_SECONDS", 5.0)
    monkeypatch.setattr(
        data.database, "checkpoint", lambda _connection, patience: emptied.append(patience)
    )

    def looks() -> int:
        database.do(Failing(LOCKED, 0))
        database.do(lambda _: None)  # the look comes after the answer: this one waits for it
        return len(emptied)

    begun = looks()
    clock.now += 4
    assert looks() == begun
    clock.now += 1
    assert looks() == begun + 1
    assert looks() == begun + 1
    assert emptied[-1] == PATIENCE_SECONDS


def test_a_log_that_cannot_be_emptied_stops_nobody(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: Any) -> None:
        raise sqlite3.OperationalError("locked")

    monkeypatch.setattr(data.database, "LONGEST_LOG_BYTES", 10)
    monkeypatch.setattr(data.database, "checkpoint", refuses)
    for _ in range(3):
        clock.now += 60
        database.do(Failing(LOCKED, 0))
    assert count(database) == 3


def test_a_look_for_outside_changes_that_failed_begins_anew(database: Database) -> None:
    closed: list[bool] = []

    def fails(_: Any) -> None:
        raise OperationalError("PRAGMA", {}, sqlite3.OperationalError("disk I/O error"))

    broken = SimpleNamespace(execute=fails, close=lambda: closed.append(True))
    before = database.outside_changes()
    with sqlite3.connect(str(database.engine.url.database)) as other:
        other.execute("INSERT INTO t VALUES (9)")
    other.close()
    assert database.outside_changes() != before
    kept, database._observer = database._observer, broken  # type: ignore[assignment]
    with pytest.raises(StoreUnwritable):
        database.outside_changes()
    assert closed == [True] and database._observer is None
    database.outside_changes()
    assert database._observer is not None
    assert kept is not None
    kept.close()


def test_what_is_queued_is_finished_when_it_is_closed(database: Database) -> None:
    assert database._thread.daemon  # a process that ends without closing it is not held up
    queued = [database.write(Failing(LOCKED, 0)) for _ in range(3)]
    database.close()
    assert all(future.done() for future in queued)
    assert not database._thread.is_alive()
    assert count(database) == 3
    database.close()  # once more is no harm


# -- a file that is taken for a server -------------------------------------------------------------


class Server:
    """What the writer asks of a server: the lock, marks, notices; and answers it can lose."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.locks: list[int] = []
        self.marks: list[int] = []
        self.told: list[set[str]] = []
        self.ready = True  # it has the rows for marks
        self.asked_whether_ready = 0
        self.losing = 0  # answers to commits
        self.made: list[bool | Exception] = []  # whether the commit was made, when it is asked
        self.lookups: list[int] = []
        database.is_sqlite = False
        database._notices = SimpleNamespace(  # type: ignore[assignment]
            tell=lambda _, signals: self.told.append(set(signals)),
            listen=lambda: None,
            close=lambda: None,
        )
        patched = {
            "_LOCK": text("SELECT :key"),
            "can_mark": self.can_mark,
            "mark": lambda _connection, _writer, number: self.marks.append(number),
            "was_committed": self.was_committed,
        }
        for name, value in patched.items():
            monkeypatch.setattr(data.database, name, value)
        event.listen(database.engine, "commit", self.commit)
        event.listen(database.engine, "before_cursor_execute", self.executes)

    def can_mark(self, _connection: Connection) -> bool:
        self.asked_whether_ready += 1
        return self.ready

    def was_committed(self, _connection: Connection, _writer: str, number: int) -> bool:
        self.lookups.append(number)
        answer = self.made.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def commit(self, connection: Connection) -> None:
        if self.losing:
            self.losing -= 1
            file: Any = connection.connection.driver_connection
            file.rollback()
            raise LOST

    def executes(self, _connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement == "SELECT ?":
            self.locks.append(given[0])


@pytest.fixture
def server(database: Database, monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(database, monkeypatch)


def adds(connection: Connection) -> str:
    connection.execute(text("INSERT INTO t VALUES (1)"))
    signal(connection, "added")
    return "done"


def test_whoever_writes_holds_the_lock_of_all_processes(database: Database, server: Server) -> None:
    database.do(adds)
    assert len(server.locks) == 1
    database.write(adds, beside=True).result()
    assert len(server.locks) == 1  # it locks its own rows
    database.do(adds)
    assert len(set(server.locks)) == 1  # everybody's is the same


def test_transactions_that_change_something_are_numbered(
    database: Database, server: Server
) -> None:
    server.ready = False
    database.do(adds)
    assert (server.marks, server.asked_whether_ready) == ([], 1)
    server.ready = True
    database.do(adds)
    database.do(lambda c: c.execute(text("SELECT 1")).scalar_one())
    database.do(adds)
    assert server.marks == [1, 2]
    assert server.asked_whether_ready == 2  # once there, the rows stay
    assert server.told == [{"added"}] * 3  # and nothing for who signalled nothing


@pytest.mark.parametrize(("made", "runs"), [(True, 1), (False, 2)])
def test_a_lost_answer_is_looked_up(
    database: Database, server: Server, clock: Clock, made: bool, runs: int
) -> None:
    heard: list[frozenset[str]] = []
    database.watch(heard.append)
    server.losing, server.made = 1, [LOST, LOST, made]
    ran: list[int] = []

    def unit(connection: Connection) -> str:
        ran.append(1)
        return adds(connection)

    assert database.do(unit) == "done"
    database.do(lambda _: None)  # those who watch are told after whoever asked
    assert len(ran) == runs
    assert server.lookups == [1, 1, 1]
    assert server.marks == list(range(1, runs + 1))
    assert heard == [frozenset({"added"})]
    assert len(clock.sleeps) >= 2  # it waits between two questions


def test_what_cannot_be_looked_up_is_uncertain(
    database: Database, server: Server, clock: Clock
) -> None:
    began = clock.now
    server.losing, server.made = 1, [LOST] * 10_000
    with pytest.raises(StoreUnwritable, match="uncertain"):
        database.do(adds)
    assert 30 <= clock.now - began < 31
    server.losing, server.ready = 1, False
    database._can_mark = False
    server.lookups.clear()
    with pytest.raises(StoreUnwritable, match="uncertain"):  # it left no mark
        database.do(adds)
    assert server.lookups == []


def test_a_lost_answer_about_nothing_is_asked_again(database: Database, server: Server) -> None:
    """What only read has nothing that could be done twice."""
    server.losing = 1
    assert database.do(lambda c: c.execute(text("SELECT 5")).scalar_one()) == 5
    assert server.lookups == []


def test_other_processes_tell_each_other_of_changes_on_a_server(
    database: Database,
    server: Server,  # noqa: ARG001 - it is taken for one
) -> None:
    assert database.outside_changes() == 0
    database.do(adds)
    assert database.outside_changes() == 0
