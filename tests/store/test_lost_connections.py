"""PostgreSQL: what stands still frees its locks; a commit whose answer is lost is looked up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from data import commit_marks, database, engines
from data.database import Database, allow_long
from data.errors import StoreUnwritable
from tests.postgresql import Server
from tests.tcp_proxy import Cut, Proxy, proxy
from tests.waiting import PATIENCE

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


@pytest.fixture
def store_kind() -> str:
    """SQLite has no connection to lose."""
    return "postgresql"


@pytest.fixture
def direct(upgraded_url: str) -> Iterator[Database]:
    made = Database(upgraded_url)
    made.do(lambda c: c.execute(text("CREATE TABLE t (n INTEGER)")))
    yield made
    made.close()


@pytest.fixture
def between(postgresql: Server) -> Iterator[Proxy]:
    with proxy(postgresql.port) as made:
        yield made


@pytest.fixture
def through(direct: Database, between: Proxy, postgresql: Server) -> Iterator[Database]:
    made = Database(direct.url.replace(f":{postgresql.port}/", f":{between.port}/"))
    yield made
    made.close()


class Adding:
    """A unit that adds a row, and counts how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, connection: Connection) -> str:
        self.runs += 1
        connection.execute(text("INSERT INTO t VALUES (1)"))
        return "added"


def count(database: Database) -> int:
    return database.read(lambda c: int(c.execute(text("SELECT count(*) FROM t")).scalar_one()))


@pytest.mark.parametrize("first", [True, False], ids=["first commit", "later commit"])
@pytest.mark.parametrize(("cut", "runs"), [(Cut.BEFORE, 2), (Cut.AFTER, 1)])
def test_a_commit_whose_answer_was_lost_is_made_exactly_once(
    direct: Database, through: Database, between: Proxy, cut: Cut, runs: int, first: bool
) -> None:
    before = 0
    if not first:
        through.do(Adding())
        before = 1
    adding = Adding()
    through.do(lambda c: c.execute(text("SELECT 1")))  # connected
    between.cut_at(COMMIT, cut)
    assert through.do(adding) == "added"
    assert between.cuts == 1
    assert adding.runs == runs
    assert count(direct) == before + 1


def test_signals_of_a_commit_that_was_looked_up_are_told(through: Database, between: Proxy) -> None:
    heard: set[str] = set()
    through.watch(heard.update)

    def unit(connection: Connection) -> None:
        Adding()(connection)
        database.signal(connection, "added")

    through.do(lambda c: c.execute(text("SELECT 1")))
    between.cut_at(COMMIT, Cut.AFTER)
    through.do(unit)
    assert "added" in heard


def test_what_nobody_can_say_is_called_uncertain(
    through: Database, between: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOOK_UP_SECONDS", 0.0)
    through.do(lambda c: c.execute(text("SELECT 1")))
    between.cut_at(COMMIT, Cut.AFTER)
    with pytest.raises(StoreUnwritable, match="uncertain"):
        through.do(Adding())


def test_a_commit_without_a_change_leaves_no_mark(direct: Database) -> None:
    def marks() -> int:
        query = text("SELECT sum(number) FROM commit_marks")
        return direct.read(lambda c: int(c.execute(query).scalar_one()))

    before = marks()
    direct.do(lambda c: c.execute(text("SELECT 1")))
    assert marks() == before
    direct.do(Adding())
    assert marks() == before + 1


def test_the_marks_of_processes_long_gone_are_deleted(direct: Database) -> None:
    direct.do(lambda c: commit_marks.mark(c, "gone", 7))
    direct.do(lambda c: c.execute(text("UPDATE commit_marks SET at = 0 WHERE writer = 'gone'")))
    direct.do(lambda c: commit_marks.mark(c, "new", 1))
    query = text("SELECT count(*) FROM commit_marks WHERE writer = 'gone'")
    assert direct.read(lambda c: c.execute(query).scalar_one()) == 0


STOPPING = """
import os, signal, sys
from sqlalchemy import text
from data.database import Database

def unit(connection):
    connection.execute(text("INSERT INTO t VALUES (2)"))
    if not os.environ.pop("STOPPED", None):
        os.environ["STOPPED"] = "yes"
        os.kill(os.getpid(), signal.SIGSTOP)

database = Database(sys.argv[1], patience=1.0)
database.do(unit)
database.close()
"""


def test_a_stopped_process_frees_its_locks_and_does_its_work_when_it_goes_on(
    direct: Database,
) -> None:
    process = subprocess.Popen([sys.executable, "-c", STOPPING, direct.url])
    try:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)  # in the middle of its transaction
        assert direct.do(Adding()) == "added"
        assert count(direct) == 1
        process.send_signal(signal.SIGCONT)
        assert process.wait(PATIENCE) == 0
        assert count(direct) == 2
    finally:
        process.kill()


def test_whoever_stands_still_is_ended_before_the_others_stop_waiting(direct: Database) -> None:
    def milliseconds(connection: Connection, name: str) -> int:
        query = text("SELECT setting FROM pg_settings WHERE name = :name")
        return int(connection.execute(query, {"name": name}).scalar_one())

    def unit(connection: Connection) -> tuple[int, int, int]:
        names = ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")
        idle, lock, statement = (milliseconds(connection, name) for name in names)
        return idle, lock, statement

    idle, lock, statement = direct.do(unit)
    assert 0 < idle < lock == direct.patience * 1000
    assert 0 < statement <= engines.LONGEST_STATEMENT_SECONDS * 1000

    def long(connection: Connection) -> tuple[int, int, int]:
        allow_long(connection)
        return unit(connection)

    assert direct.do(long)[0] == engines.LONG_SECONDS * 1000
    assert direct.do(unit)[0] == idle  # only while that unit ran


@pytest.mark.parametrize(
    "name", ["tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count"]
)
def test_both_sides_notice_that_the_other_is_gone(direct: Database, name: str) -> None:
    shown = direct.do(lambda c: int(c.execute(text(f"SHOW {name}")).scalar_one()))
    assert 0 < shown <= 5
    options = engines.postgresql_options(lock=1, idle=1, statement=1)
    assert options[name.removeprefix("tcp_")] == shown


def test_whatever_the_server_prefers_a_unit_sees_what_was_committed_while_it_waited(
    direct: Database,
) -> None:
    name = direct.url.rpartition("/")[2]
    strict = "ALTER DATABASE {} SET default_transaction_isolation = 'serializable'"
    direct.do(lambda c: c.execute(text(strict.format(name))))
    other = Database(direct.url)
    try:
        for level in (other.do, other.read):
            shown = level(lambda c: c.execute(text("SHOW transaction_isolation")).scalar_one())
            assert shown == "read committed"
    finally:
        other.close()
