"""What a driver's error means: busy, gone, a refused row, or a mistake of ours."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)

from data.driver_errors import lost_connection, translated
from data.errors import RuleBroken, StoreBusy, StoreUnwritable
from data.unit_groups import told

BUSY = ("55P03", "40P01", "40001", "57014")
STOOD_STILL = "25P03"
GONE = ("25006", "42P01", "53100", "53200", "53300", "08006", "57P01", "58030", STOOD_STILL)


class Refusal(Exception):
    """An error of PostgreSQL, with the state the server gave."""

    def __init__(self, said: str = "", sqlstate: str | None = None, **diag: Any) -> None:
        super().__init__(said)
        self.sqlstate = sqlstate
        if diag:
            self.diag = SimpleNamespace(**diag)


def raised(
    orig: BaseException, kind: type[DBAPIError] = OperationalError, *, invalidated: bool = False
) -> DBAPIError:
    return kind("SELECT 1", {}, orig, connection_invalidated=invalidated)


@pytest.mark.parametrize("state", ["08006", "08P01", "57P01", "57P03", STOOD_STILL])
def test_a_server_that_goes_away_says_so_by_its_state(state: str) -> None:
    assert lost_connection(raised(Refusal("", state)))


@pytest.mark.parametrize("state", ["57014", "55P03", "58030", "53300", "23505"])
def test_a_server_that_answers_is_not_lost(state: str) -> None:
    assert not lost_connection(raised(Refusal("", state)))
    assert lost_connection(raised(Refusal("", state), invalidated=True))  # SQLAlchemy knows better


def test_a_server_that_cannot_be_reached_gives_no_state() -> None:
    assert lost_connection(raised(psycopg.OperationalError("connection refused")))
    assert lost_connection(raised(psycopg.InterfaceError("is closed"), InterfaceError))
    assert not lost_connection(raised(psycopg.ProgrammingError("a bug"), ProgrammingError))
    assert not lost_connection(raised(sqlite3.OperationalError("disk I/O error")))
    assert not lost_connection(ConnectionError("not of a database"))


@pytest.mark.parametrize("state", BUSY)
def test_who_holds_a_lock_is_waited_for(state: str) -> None:
    assert isinstance(translated(raised(Refusal("whatever", state))), StoreBusy)


@pytest.mark.parametrize("said", ["database is locked", "database table is locked", "is busy"])
def test_sqlite_says_in_words_that_it_is_locked(said: str) -> None:
    assert isinstance(translated(raised(sqlite3.OperationalError(said))), StoreBusy)
    # From a server that gives its reason as a state, the same words mean nothing.
    error = raised(Refusal(said, "42601"))
    assert translated(error) is error


@pytest.mark.parametrize("state", GONE)
def test_what_an_operator_can_mend_is_said_with_its_reason(state: str) -> None:
    meant = translated(raised(Refusal("No Space\nDETAIL: a name", state)))
    assert isinstance(meant, StoreUnwritable)
    assert meant.facts == {"reason": "no space"}


@pytest.mark.parametrize(
    "said",
    [
        "attempt to write a readonly database",
        "cannot execute in a read-only transaction",
        "unable to open database file",
        "database or disk is full",
        "disk I/O error",
        "no such table: calls",
        "file is not a database",
        "database disk image is malformed",
        "connection refused",
        "server closed it unexpectedly",
        "the database system is starting up",
        "the database system is shutting down",
    ],
)
def test_without_a_state_the_words_tell(said: str) -> None:
    assert isinstance(translated(raised(sqlite3.OperationalError(said))), StoreUnwritable)
    error = raised(Refusal(said, "42601"))
    assert translated(error) is error


def test_a_server_that_gave_neither_is_gone() -> None:
    meant = translated(raised(psycopg.OperationalError()))
    assert isinstance(meant, StoreUnwritable)
    assert meant.facts == {"reason": "OperationalError"}
    long = translated(raised(psycopg.OperationalError("x" * 500)))
    assert isinstance(long, StoreUnwritable) and long.facts == {"reason": "x" * 200}


def test_what_is_a_mistake_of_ours_stays_what_it_is() -> None:
    for error in (
        raised(sqlite3.OperationalError("no such column: nonsense")),
        raised(Refusal("syntax", "42601")),
        ValueError("the words"),
        StoreBusy("locked"),
    ):
        assert translated(error) is error


def test_what_is_told_names_what_it_was_made_of() -> None:
    locked = raised(sqlite3.OperationalError("database is locked"))
    meant = told(locked)
    assert isinstance(meant, StoreBusy) and meant.__cause__ is locked
    for error in (ValueError("a bug"), StoreBusy("locked")):
        assert told(error) is error
        assert error.__cause__ is None  # nothing is its own cause


@pytest.mark.parametrize(
    ("refusal", "rule"),
    [
        (sqlite3.IntegrityError("UNIQUE constraint failed: calls.alert_id"), "calls.alert_id"),
        (sqlite3.IntegrityError("NOT NULL constraint failed: calls.state"), "calls.state"),
        (sqlite3.IntegrityError("FOREIGN KEY constraint failed"), "FOREIGN KEY constraint failed"),
        (sqlite3.IntegrityError("the trail is append only"), "the trail is append only"),
        (
            Refusal("", "23505", table_name="calls", constraint_name="one", column_name="state"),
            "calls.one",
        ),
        (
            Refusal("", "23502", table_name="calls", constraint_name=None, column_name="state"),
            "calls.state",
        ),
        (Refusal("", "23000", table_name="calls", constraint_name=None, column_name=None), "calls"),
    ],
)
def test_a_refused_row_names_the_rule_and_no_value(refusal: Exception, rule: str) -> None:
    meant = translated(raised(refusal, IntegrityError))
    assert isinstance(meant, RuleBroken)
    assert meant.facts == {"rule": rule}
