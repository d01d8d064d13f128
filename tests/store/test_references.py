"""What a call refers to is there, whoever writes it: by foreign keys, on PostgreSQL by triggers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, delete, insert, select, update

from data.database import Database
from data.errors import RuleBroken
from data.tables.alerts import alerts, calls
from data.tables.contacts import people
from tests.postgresql import Server
from tests.store.test_rules import ANOTHER, GOOD, WHO, put
from tests.waiting import PATIENCE, wait_until

NOBODY = 987_654
"""A number nothing has."""
SOMEBODY = 99_999
"""A person whom nothing but calls refers to."""
REFERENCES = ("alert_id", "person_id", "stand_in_for", "proxy_by", "discharged_by")
NEW_CALL = {**dict.fromkeys(REFERENCES), **GOOD["calls"], "person_id": SOMEBODY}


@pytest.fixture
def called(database: Database) -> Database:
    """Two calls of alert 900; the second, 902, stands in for the first, 901."""

    def unit(connection: Connection) -> None:
        put(connection, "people", id=SOMEBODY)
        put(connection, "calls", id=901)
        put(connection, "calls", id=902, person_id=ANOTHER, stand_in_for=901)

    database.do(unit)
    return database


def refused(database: Database, change: Any, column: str) -> None:
    with pytest.raises(RuleBroken) as error:
        database.do(lambda c: c.execute(change))
    if not database.is_sqlite:  # SQLite does not say which
        assert error.value.facts["rule"] == f"calls.calls_{column}_fkey"


@pytest.mark.parametrize("column", REFERENCES)
def test_no_new_call_refers_to_what_is_not_there(called: Database, column: str) -> None:
    refused(called, insert(calls).values({**NEW_CALL, column: NOBODY}), column)


@pytest.mark.parametrize("column", REFERENCES)
def test_one_call_of_many_that_does_is_enough(called: Database, column: str) -> None:
    good = {**NEW_CALL, "proxy_by": WHO, "discharged_by": WHO, "stand_in_for": 901}
    bad = {**good, "person_id": 3, column: NOBODY}
    refused(called, insert(calls).values([good, bad]), column)
    assert called.read(lambda c: len(c.execute(select(calls.c.id)).all())) == 2
    called.do(lambda c: c.execute(insert(calls).values([good])))


@pytest.mark.parametrize("column", REFERENCES)
def test_no_call_is_changed_to_refer_to_what_is_not_there(called: Database, column: str) -> None:
    change = update(calls).where(calls.c.id == 902)
    refused(called, change.values({column: NOBODY}), column)
    if calls.c[column].nullable:
        known = 901 if column == "stand_in_for" else SOMEBODY
        called.do(lambda c: c.execute(change.values({column: known})))
        called.do(lambda c: c.execute(change.values({column: None})))


def test_a_call_may_stand_in_for_one_of_the_same_statement(called: Database) -> None:
    rows = [{**NEW_CALL, "id": 911}, {**NEW_CALL, "id": 912, "person_id": 3, "stand_in_for": 911}]
    called.do(lambda c: c.execute(insert(calls).values(rows)))


@pytest.mark.parametrize("column", ["person_id", "proxy_by", "discharged_by"])
def test_a_person_whom_calls_refer_to_is_not_deleted(called: Database, column: str) -> None:
    gone = delete(people).where(people.c.id == SOMEBODY)
    change = update(calls).where(calls.c.id == 902)
    called.do(lambda c: c.execute(change.values({column: SOMEBODY})))
    refused(called, gone, column)
    renumbered = update(people).where(people.c.id == SOMEBODY).values(id=NOBODY)
    refused(called, renumbered, column)
    called.do(lambda c: c.execute(delete(calls)))
    called.do(lambda c: c.execute(gone))


def test_an_alert_that_has_calls_is_not_deleted(called: Database) -> None:
    gone = delete(alerts).where(alerts.c.id == 900)
    refused(called, gone, "alert_id")
    refused(called, update(alerts).where(alerts.c.id == 900).values(id=NOBODY), "alert_id")
    called.do(lambda c: c.execute(delete(calls)))
    called.do(lambda c: c.execute(gone))


def test_a_call_somebody_stands_in_for_is_not_deleted_before(called: Database) -> None:
    refused(called, delete(calls).where(calls.c.id == 901), "stand_in_for")
    refused(called, update(calls).where(calls.c.id == 901).values(id=NOBODY), "stand_in_for")
    called.do(lambda c: c.execute(delete(calls)))  # both at once


@pytest.fixture
def on_postgresql(postgresql: Server, _filled: Any) -> Iterator[Database]:
    opened = Database(postgresql.url(_filled.postgresql(postgresql)))
    yield opened
    opened.close()


def test_a_person_is_not_deleted_while_a_call_to_them_is_being_written(
    on_postgresql: Database,
) -> None:
    """A trigger, unlike a foreign key, does not see by itself what is not committed yet."""
    database = on_postgresql
    errors: list[BaseException] = []

    def remove() -> None:
        with psycopg.connect(database.url) as connection:
            try:
                connection.execute("DELETE FROM people WHERE id = %s", [SOMEBODY])
            except psycopg.Error as error:
                errors.append(error)

    def unit(connection: Connection) -> None:
        put(connection, "people", id=SOMEBODY)
        put(connection, "alerts", id=900)

    database.do(unit)
    with psycopg.connect(database.url) as writer, psycopg.connect(database.url) as watch:
        watch.autocommit = True
        writer.execute(
            "INSERT INTO calls (alert_id, person_id, division_code, role, state, reach, called_at)"
            " VALUES (900, %s, '22', 'ranger', 'waiting', 'queued', 0)",
            [SOMEBODY],
        )
        removing = threading.Thread(target=remove, daemon=True)
        removing.start()
        waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'calls'::regclass"
        wait_until(lambda: watch.execute(waits).fetchone() is not None, "nobody waits")
        writer.commit()
        removing.join(PATIENCE)
    assert [getattr(error, "sqlstate", None) for error in errors] == ["23503"]
