"""A unit that fails takes back what it did itself; those that share its transaction run once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from data import audit, unit_groups
from data.audit import Entry
from data.database import Database, DatabaseError, Unit, signal
from data.errors import Conflict
from tests.roster import NOW
from tests.waiting import PATIENCE


@pytest.fixture
def database(upgraded_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(unit_groups, "LONGEST_SECONDS", PATIENCE)  # a group stays one
    made = Database(upgraded_url)
    made.do(lambda c: c.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)")))
    yield made
    made.close()


class Counted:
    """A unit that adds its number, and counts how often it ran."""

    def __init__(self, number: int) -> None:
        self.number, self.runs = number, 0

    def __call__(self, connection: Connection) -> int:
        self.runs += 1
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": self.number})
        audit.append(connection, NOW, [Entry("counted", f"number:{self.number}")])
        signal(connection, f"added {self.number}")
        return self.number


def in_one_group(database: Database, *units: Unit[Any]) -> list[Future[Any]]:
    """Queue the units while the writer is held, so that they are one group."""
    hold, held = threading.Event(), threading.Event()

    def holding(_: Connection) -> None:
        held.set()
        hold.wait(PATIENCE)

    database.write(holding)
    held.wait(PATIENCE)
    futures = [database.write(unit) for unit in units]
    hold.set()
    wait(futures, PATIENCE)
    return futures


def rows(database: Database) -> list[int]:
    return database.read(lambda c: list(c.execute(text("SELECT n FROM t ORDER BY n")).scalars()))


def refuses_at_once(connection: Connection) -> None:
    signal(connection, "refused")
    raise Conflict("answered")


def refuses_after_writing(connection: Connection) -> None:
    Counted(500)(connection)
    signal(connection, "refused")
    raise Conflict("answered")


def has_a_fault(connection: Connection) -> None:
    Counted(500)(connection)
    raise ZeroDivisionError


def breaks_a_rule(connection: Connection) -> None:
    Counted(500)(connection)
    connection.execute(text("INSERT INTO t VALUES (500)"))


FAILING: list[tuple[Callable[[Connection], None], type[Exception]]] = [
    (refuses_at_once, Conflict),
    (refuses_after_writing, Conflict),
    (has_a_fault, ZeroDivisionError),
    (breaks_a_rule, Exception),
]


@pytest.mark.parametrize(("failing", "error"), FAILING, ids=lambda value: value.__name__)
def test_its_neighbours_run_once_and_it_leaves_nothing(
    database: Database, failing: Unit[None], error: type[Exception]
) -> None:
    told: set[str] = set()
    database.watch(told.update)
    counted = [Counted(n) for n in range(4)]
    units = [counted[0], failing, counted[1], failing, failing, counted[2], counted[3], failing]
    futures = in_one_group(database, *units)
    for unit, future in zip(units, futures, strict=True):
        if isinstance(unit, Counted):
            assert future.result() == unit.number
        else:
            with pytest.raises(error):
                future.result()
    assert [unit.runs for unit in counted] == [1, 1, 1, 1]
    assert rows(database) == [0, 1, 2, 3]
    assert told == {f"added {n}" for n in range(4)}
    verdict = database.read(audit.verify)
    assert (verdict.broken, verdict.entries) == (None, 4)


def test_a_question_that_fails_spoils_no_neighbour(database: Database) -> None:
    def asks_wrongly(connection: Connection) -> None:
        connection.execute(text("SELECT nonsense FROM t"))

    futures = in_one_group(database, Counted(1), asks_wrongly, Counted(2))
    assert [future.exception() is None for future in futures] == [True, False, True]
    assert rows(database) == [1, 2]


@pytest.mark.parametrize("alone", [True, False])
def test_an_error_that_a_unit_swallowed_is_not_taken_for_success(
    database: Database, alone: bool
) -> None:
    """PostgreSQL gives up the transaction at the first error, and COMMIT then rolls back."""

    def swallows(connection: Connection) -> None:
        Counted(3)(connection)
        with suppress(DatabaseError):
            connection.execute(text("SELECT nonsense FROM t"))

    units = [swallows] if alone else [Counted(1), swallows, Counted(2)]
    futures = in_one_group(database, *units)
    done = [future.exception() is None for future in futures]
    swallowed = database.is_sqlite  # there, the rest of the transaction stands
    assert done == ([swallowed] if alone else [True, swallowed, True])
    expected = {3} if swallowed else set()
    assert set(rows(database)) == expected | (set() if alone else {1, 2})


def test_those_that_are_done_do_not_wait_for_all_that_follow_a_long_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_groups, "LONGEST_SECONDS", -1)  # every unit is a long one
    futures: list[Future[Any]] = []
    seen: list[list[bool]] = []

    def looks(_: Connection) -> None:
        seen.append([future.done() for future in futures])

    hold = threading.Event()
    database.write(lambda _: hold.wait(PATIENCE))
    futures += [database.write(looks) for _ in range(3)]
    hold.set()
    wait(futures, PATIENCE)
    assert seen == [[False] * 3, [True, False, False], [True, True, False]]


def test_a_group_without_a_failure_needs_one_commit(database: Database) -> None:
    counted = [Counted(n) for n in range(20)]
    begun: list[Any] = []
    really_begin = unit_groups.begin_group

    def begin(*arguments: Any, **options: Any) -> Any:
        begun.append(arguments)
        return really_begin(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.database.begin_group", begin)
        in_one_group(database, *counted, refuses_after_writing)
    assert len(begun) == 2  # of the unit that held the writer, and of the group
    assert rows(database) == list(range(20))


def test_the_next_transaction_knows_nothing_of_the_savepoints_of_the_last(
    database: Database,
) -> None:
    setting = "PRAGMA query_only=OFF" if database.is_sqlite else "SET statement_timeout TO DEFAULT"
    event.listen(database.engine, "begin", lambda c: c.exec_driver_sql(setting))
    for number in (1, 2):
        added, asked = in_one_group(database, Counted(number), lambda _: None)
        assert (added.result(), asked.result()) == (number, None)


def test_a_group_is_no_larger_than_it_may_be(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.database.LARGEST_GROUP", 3)
    sizes: list[int] = []
    really_run = unit_groups.run_units

    def run(connection: Connection, units: Sequence[Unit[Any]], group: Any) -> Any:
        sizes.append(len(units))
        return really_run(connection, units, group)

    monkeypatch.setattr("data.database.run_units", run)
    in_one_group(database, *(Counted(n) for n in range(7)))
    assert sizes == [1, 3, 3, 1]
    assert rows(database) == list(range(7))
