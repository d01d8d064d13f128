"""A PostgreSQL database that a test wrote to is given to the next one as if it were new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from contacts.people import Role
from data import audit
from data.database import Database
from data.tables import metadata
from data.tables.contacts import people
from tests.databases import Template
from tests.postgresql import Server
from tests.roster import BOT_ID, NOW, VILLAGERS, VILLAGES, person
from tests.used_databases import UsedDatabases


@pytest.fixture
def databases(postgresql: Server, _filled: Template) -> Iterator[UsedDatabases]:
    with closing(UsedDatabases(postgresql, _filled.postgresql)) as made:
        yield made


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""

    def look(c: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: [tuple(row) for row in c.execute(select(table))]
            for table in metadata.sorted_tables
        }

    return database.read(look)


def next_number(connection: Connection) -> int:
    """What the next warning would be numbered."""
    query = "SELECT nextval(pg_get_serial_sequence('alerts', 'id'))"
    return int(connection.execute(text(query)).scalar_one())


def night(connection: Connection) -> None:
    newcomer = person(99, "新来的", VILLAGES[0], Role.VILLAGE_RESPONSIBLE)
    connection.execute(insert(people), {**newcomer, "bot_id": BOT_ID})
    connection.execute(update(people).where(people.c.id == VILLAGERS[0]["id"]).values(name="别人"))
    connection.execute(delete(people).where(people.c.id == VILLAGERS[1]["id"]))
    audit.append(connection, NOW, [audit.Entry("test.done", "night")])


def test_what_was_written_is_gone_and_what_was_deleted_is_back(databases: UsedDatabases) -> None:
    with databases.lent() as url, closing(Database(url)) as database:
        before = everything(database)
        database.do(night)
        first = url
        assert everything(database) != before
    with databases.lent() as url, closing(Database(url)) as database:
        assert url == first, "a database was thrown away that could be used again"
        assert everything(database) == before


def test_rows_get_the_numbers_they_would_get_in_a_new_one(databases: UsedDatabases) -> None:
    numbers = []
    for _ in range(2):
        with databases.lent() as url, closing(Database(url)) as database:
            numbers.append(database.do(next_number))
    assert numbers == [1, 1]


def executes(statement: str) -> Callable[[Connection], Any]:
    return lambda c: c.execute(text(statement))


@pytest.mark.parametrize(
    "change",
    [
        executes("CREATE TABLE more (id int)"),
        executes("ALTER TABLE people ADD COLUMN more int"),
        executes("DROP INDEX people_division_role"),
        executes("CREATE SCHEMA history"),
        executes("ALTER TABLE calls DISABLE TRIGGER ALL"),
        executes("UPDATE divisions SET name = 'X' WHERE code = '220000000000'"),
        executes("DELETE FROM divisions WHERE code = '222403101202'"),
    ],
)
def test_one_whose_tables_or_divisions_were_changed_is_thrown_away(
    databases: UsedDatabases, change: Callable[[Connection], Any]
) -> None:
    with databases.lent() as first, closing(Database(first)) as database:
        database.do(change)
    with databases.lent() as second:
        assert second != first
    with databases.lent() as third:
        assert third == second, "what was made in its place was not known to be new"


def test_connections_that_were_left_are_cut(databases: UsedDatabases) -> None:
    with databases.lent() as first:
        left = Database(first)
        connection = left.engine.connect()
        connection.execute(text("LOCK TABLE people"))
    with databases.lent() as second:
        assert second == first
    connection.invalidate()
    left.close()


def backend(connection: Connection) -> int:
    """The server's process behind the connection."""
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_connection_that_serves_the_next_test_is_as_it_began(databases: UsedDatabases) -> None:
    def spoil(c: Connection) -> int:
        for statement in (
            "SET search_path = public, history",
            "SET lock_timeout = 1",
            "SELECT pg_advisory_lock(4711)",
            "LISTEN jiaoying",
            "CREATE TEMPORARY TABLE people (id int)",
            "PREPARE kept AS SELECT 1",
            "DECLARE kept CURSOR WITH HOLD FOR SELECT 1",
        ):
            c.execute(text(statement))
        return backend(c)

    def look(c: Connection) -> list[Any]:
        return [
            c.execute(text(question)).scalar_one()
            for question in (
                "SHOW search_path",
                "SHOW lock_timeout",
                "SHOW timezone",
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711",
                "SELECT count(*) FROM pg_listening_channels()",
                "SELECT count(*) FROM pg_prepared_statements",
                "SELECT count(*) FROM pg_cursors WHERE name = 'kept'",
                "SELECT count(*) > 0 FROM people",
            )
        ]

    with databases.lent() as url, closing(Database(url)) as database:
        new = database.do(look)
        spoiled = database.do(spoil)
    with databases.lent() as url, closing(Database(url)) as database:
        assert database.do(backend) == spoiled, "a connection was thrown away that could serve"
        assert database.do(look) == new


def test_a_connection_that_was_cut_serves_nobody(databases: UsedDatabases) -> None:
    with databases.lent() as url, closing(Database(url)) as database:
        cut = database.do(backend)
    with databases.lent() as url:
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 10000)", [cut])
        with closing(Database(url)) as database:
            assert database.do(backend) != cut


def test_a_connection_with_a_transaction_of_somebody_is_not_kept(databases: UsedDatabases) -> None:
    with databases.lent() as url:
        left = Database(url)
        connection = left.engine.connect()
        connection.execute(text("LOCK TABLE people"))
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.close()
        assert raw.closed
        connection.invalidate()
        left.close()
