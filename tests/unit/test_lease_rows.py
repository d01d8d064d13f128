"""Leases among several processes, row by row, by a clock that is moved: as on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from data import leases
from data.errors import StoreUnwritable
from data.leases import FORGOTTEN_AFTER, LONGEST_LOOK, PATIENCE_SECONDS, LeaseTable, Process
from data.tables.columns import from_milliseconds, metadata, to_milliseconds
from data.tables.running import leases as lease_table
from data.tables.running import processes as process_table
from tests.unit.test_engines import opened_with, session_settings

BEGUN = datetime(2026, 7, 1, 12, tzinfo=UTC)
NAMES = [f"dispatch:{number}" for number in range(10)]


class Clock:
    """The database's, in milliseconds."""

    def __init__(self) -> None:
        self.now = to_milliseconds(BEGUN)

    def __call__(self, _connection: Connection) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(leases, "_now", made)
    return made


@pytest.fixture
def c(
    clock: Clock,  # noqa: ARG001 - it is asked instead of the database
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Connection]:
    """Rows in memory, where others may be at work."""
    monkeypatch.setattr(leases, "_alone", lambda _connection: False)
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[lease_table, process_table])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def renew(c: Connection, holder: str, *names: str, seconds: float = 15) -> leases.Renewed:
    return leases.renew(c, holder, "dispatch", names or NAMES, seconds)


def test_what_there_is_is_shared_evenly_as_processes_come(c: Connection) -> None:
    alone = renew(c, "a")
    assert alone == leases.Renewed(frozenset(NAMES), frozenset(NAMES))
    assert renew(c, "a") == leases.Renewed(frozenset(NAMES))
    assert renew(c, "b") == leases.Renewed(frozenset())  # nothing is free
    fewer = renew(c, "a")  # a second has come: its half is to be let go, and kept until then
    assert fewer == leases.Renewed(frozenset(NAMES), frozenset(), frozenset(NAMES[5:]))
    leases.let_go(c, "a", fewer.surplus)
    assert renew(c, "b") == leases.Renewed(frozenset(NAMES[5:]), frozenset(NAMES[5:]))
    assert renew(c, "c").held == frozenset()
    for holder in ("a", "b"):  # of ten, nobody has more than four
        mine = renew(c, holder)
        assert len(mine.surplus) == 1 and mine.surplus < mine.held
        leases.let_go(c, holder, mine.surplus)
    assert renew(c, "c").gained == {NAMES[4], NAMES[9]}
    assert renew(c, "a") == leases.Renewed(frozenset(NAMES[:4]))


def test_of_what_is_free_nobody_takes_more_than_a_share(c: Connection) -> None:
    renew(c, "b", NAMES[0])  # the second process, with one of its own
    gained = renew(c, "a")
    assert gained.held == gained.gained == frozenset(NAMES[1:6])
    assert renew(c, "b").gained == frozenset(NAMES[6:])


def test_a_lease_is_anothers_until_the_moment_after_it_ran_out(c: Connection, clock: Clock) -> None:
    renew(c, "a", NAMES[0], seconds=15)
    clock.now += 15_000
    assert leases.holders(c) == {NAMES[0]: "a", "dispatch/a": "a"}
    assert renew(c, "b", NAMES[0]).held == frozenset()
    clock.now += 1
    assert leases.holders(c) == {"dispatch/b": "b"}
    assert renew(c, "b", NAMES[0]) == leases.Renewed(frozenset(NAMES[:1]), frozenset(NAMES[:1]))
    assert renew(c, "a", NAMES[0]).held == frozenset()
    leases.let_go(c, "a", NAMES)  # it is not its own to free
    assert leases.holders(c)[NAMES[0]] == "b"


def test_whoever_was_late_keeps_what_nobody_took(c: Connection, clock: Clock) -> None:
    renew(c, "a", *NAMES[:2], seconds=15)
    clock.now += 60_000
    assert renew(c, "a", *NAMES[:2]) == leases.Renewed(frozenset(NAMES[:2]))


def test_who_has_died_counts_for_nothing(c: Connection, clock: Clock) -> None:
    renew(c, "a", seconds=15)
    renew(c, "b", seconds=30)
    clock.now += 30_000
    renew(c, "b")  # "a" is dead: all is its
    assert len(renew(c, "b").held) == 10
    renew(c, "c", seconds=20)
    clock.now += 15_001  # "b" is dead, and in its last moment nobody had anything of it
    assert len(renew(c, "c").held) == 10


def test_a_renewal_touches_no_lease_of_another_name_or_holder(c: Connection, clock: Clock) -> None:
    renew(c, "a", *NAMES[:2])
    renew(c, "b", NAMES[2])
    clock.now += 1000
    renew(c, "a", NAMES[0])
    query = select(lease_table.c.name, lease_table.c.until)
    until = {name: to_milliseconds(at) - clock.now for name, at in c.execute(query)}
    assert {name: until[name] for name in NAMES[:3]} == {
        NAMES[0]: 15_000,
        NAMES[1]: 14_000,
        NAMES[2]: 14_000,
    }


def test_topics_do_not_share_with_each_other(c: Connection) -> None:
    """A % or _ in a topic means itself."""
    for topic in ("intake", "dispatchx", "x/dispatch", "d%spatch"):
        leases.renew(c, "other", topic, [], 15)
    assert len(renew(c, "a").held) == 10
    leases.renew(c, "other", "axb", [], 15)
    assert len(leases.renew(c, "a", "a_b", ["a:1", "a:2"], 15).held) == 2


def test_who_leaves_frees_what_was_its_own(c: Connection) -> None:
    renew(c, "a", NAMES[0])
    renew(c, "b", NAMES[1])
    for name in ("a", "b"):
        leases.report(c, name, {}, 0, 15)
    leases.let_go_all(c, "a")
    assert leases.holders(c) == {NAMES[1]: "b", "dispatch/b": "b"}
    assert [process.name for process in leases.processes(c)] == ["b"]


def test_a_process_is_at_work_until_the_moment_it_said(c: Connection, clock: Clock) -> None:
    leases.report(c, "a", {"policy": "1"}, 7, 15)
    clock.now += 15_000
    assert leases.processes(c) == [Process("a", {"policy": "1"}, 7)]
    clock.now += 1
    assert leases.processes(c) == []


def test_what_is_long_gone_is_forgotten_and_nothing_else(c: Connection, clock: Clock) -> None:
    renew(c, "a", NAMES[0], seconds=0)
    leases.report(c, "a", {}, 0, 0)
    known = select(lease_table.c.name).order_by(lease_table.c.name)
    clock.now += int(FORGOTTEN_AFTER / timedelta(milliseconds=1))
    leases.report(c, "b", {}, 0, 15)
    assert set(c.execute(select(process_table.c.name)).scalars()) == {"a", "b"}
    assert list(c.execute(known).scalars()) == ["dispatch/a", NAMES[0]]
    clock.now += 1
    leases.report(c, "b", {}, 0, 15)
    assert set(c.execute(select(process_table.c.name)).scalars()) == {"b"}
    assert list(c.execute(known).scalars()) == [NAMES[0]]  # somebody may go on with it


@pytest.mark.parametrize(
    ("took", "ahead"),
    [
        (timedelta(0), 5_000),
        (timedelta(milliseconds=400), 5_200),  # it was asked half-way
        (LONGEST_LOOK, 5_000 + LONGEST_LOOK // timedelta(milliseconds=2)),
        (LONGEST_LOOK + timedelta(milliseconds=1), None),
        (timedelta(milliseconds=-1), None),  # the clock was set back meanwhile
    ],
)
def test_how_far_a_clock_is_ahead(
    c: Connection, clock: Clock, took: timedelta, ahead: int | None
) -> None:
    begun = from_milliseconds(clock.now) + timedelta(seconds=5)
    moments = iter([begun, begun + took])
    assert leases._ahead(c, lambda: next(moments)) == ahead


# -- over a connection of their own ----------------------------------------------------------------

LOST = OperationalError("SELECT", {}, psycopg.OperationalError("server closed"))
FAULT = ProgrammingError("SELECT", {}, psycopg.ProgrammingError("a bug"))


class FakeEngine:
    """Gives connections, after so many errors."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked = 0

    @contextmanager
    def connect(self) -> Iterator[Any]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        yield "a connection"


@pytest.mark.parametrize(
    ("errors", "raised", "asked"),
    [
        ((), None, 1),
        ((LOST,), None, 2),
        ((LOST, LOST), StoreUnwritable, 2),
        ((FAULT,), ProgrammingError, 1),
        ((LOST, FAULT), ProgrammingError, 2),
    ],
)
def test_after_a_restart_of_the_server_it_is_asked_once_more(
    errors: tuple[Exception, ...], raised: type[Exception] | None, asked: int
) -> None:
    table, engine = LeaseTable("postgresql://fire@db/jiaoying"), FakeEngine(*errors)
    table._engine = engine  # type: ignore[assignment]
    if raised is None:
        assert table._ask(lambda connection: f"over {connection}") == "over a connection"
    else:
        with pytest.raises(raised):
            table._ask(lambda _: "never")
    assert engine.asked == asked


def test_a_renewal_that_takes_longer_than_it_is_of_use_is_given_up() -> None:
    engine = LeaseTable("postgresql://fire@db/jiaoying")._engine
    assert engine.pool.size() == 1 and engine.pool._max_overflow == 0  # type: ignore[attr-defined]
    assert engine.hide_parameters
    options = opened_with(engine)
    asked = session_settings(options)
    bound = str(PATIENCE_SECONDS * 1000)
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        assert asked[name] == bound
    assert options["connect_timeout"] == PATIENCE_SECONDS
    assert options["tcp_user_timeout"] == PATIENCE_SECONDS * 1000
