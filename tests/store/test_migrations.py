"""A database of any earlier release is upgraded with all its rows, even during a warning."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from alerts.acknowledge import by_button
from alerts.calls import CallOutcome
from alerts.chase import sweep
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.release import release
from alerts.rules import Rules
from alerts.sending import claim, record
from contacts import bot_store, people_store
from contacts.bots import Bot
from data import audit, schema
from data.database import Database
from data.tables import metadata
from data.tables.alerts import calls
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    NOW,
    PROVINCE,
    TOWNSHIP_HEAD,
    VILLAGERS,
    fill,
)

ROWS = 3
RULES = Rules()
Rows = dict[str, list[dict[str, Any]]]
Shape = dict[str, list[str]]


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    made = Database(empty_url)
    yield made
    made.close()


def bring_to(database: Database, revision: str) -> None:
    """As the release of that revision left it."""

    def unit(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "data:migrations")
        config.attributes["connection"] = connection
        with patch.object(ScriptDirectory, "from_config", return_value=_scripts()):
            command.upgrade(config, revision)

    database.do(unit)


@cache
def _scripts() -> ScriptDirectory:
    """Read once: an upgrade by one revision takes most of its time to read all of them."""
    return ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))


def tables_of(connection: Connection, names: Collection[str] | None = None) -> list[Table]:
    """Those it has now (of these names), each after the ones it refers to."""
    found = MetaData()
    found.reflect(connection, only=names, resolve_fks=False)
    here = [table for table in found.tables.values() if table.name != "alembic_version"]
    return in_order(here)


def in_order(tables: Iterable[Table]) -> list[Table]:
    """Not every reference is a foreign key on PostgreSQL: in the order of today's tables."""
    order = [table.name for table in metadata.sorted_tables]
    return sorted(tables, key=lambda table: _place(table.name, order))


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


NOT_ALIKE: dict[str, Callable[[int], Any]] = {
    "sky_pictures.body": lambda number: f"值{number}".encode(),
    "confirmed_by": lambda number: number % ROWS + 1,  # not the sender
    "ends_at": lambda number: number + 1,  # not the start
    "way": lambda number: ("bot", "board")[number % 2],  # all that the first release knew
    "channel_deliveries.kind": lambda number: ("call", "remind")[number % 2],
    "withdrawn_answers.kind": lambda number: ("taken_back", "doubted")[number % 2],
    "duty_asks.kind": lambda number: ("swap", "stand_in", "fill")[number % 3],
    "template_versions.kind": lambda number: ("warning", "card", "list")[number % 3],
    # The first message of each warning is there already.
    "alert_messages.number": lambda number: number + 1,
    "alert_messages.msg_type": lambda _number: "Update",
    "alert_messages.confirmed_by": lambda _number: 1,
    "tasks.ended_by": lambda number: number % ROWS + 1,  # not who did it
    "daily_remarks.from_code": lambda number: f"上{number}",  # not the division itself
    "pending_changes.decided_by": lambda number: number % ROWS + 1,  # not who proposed it
}
"""Columns that may not hold what another of their row holds, or not all words of today's."""


def value_of(column: Column[Any], number: int) -> Any:
    """Something the column may hold, mostly another for every number."""
    name = f"{column.table.name}.{column.name}"
    if (chosen := NOT_ALIKE.get(name, NOT_ALIKE.get(column.name))) is not None:
        return chosen(number)
    if words := known_words(column):
        return words[_few(number) % len(words)]
    if column.foreign_keys:
        return number  # the row of that number in the other table
    kind = column.type
    if isinstance(kind, JSON):
        return {"第": number}
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Date):
        return date(2026, 7, 1) + timedelta(days=number)
    if isinstance(kind, Float):
        return number + 0.5
    if isinstance(kind, Integer):
        keyed = column.primary_key or isinstance(kind, BigInteger)
        return number if keyed else _few(number)
    if isinstance(kind, LargeBinary | String):
        word = f"值{number}"
        return word.encode() if isinstance(kind, LargeBinary) else word[: kind.length or 99]
    raise AssertionError(f"{column}: no value for {kind!r}")


def _few(number: int) -> int:
    """1 to ``ROWS``: a level or a lane may be no more, and the oldest know no later word."""
    return 1 + (number - 1) % ROWS


def known_words(column: Column[Any]) -> list[str]:
    """The words that the column may hold by a rule of today's; empty where any will do."""
    table = metadata.tables.get(column.table.name)
    for rule in () if table is None else table.constraints:
        if isinstance(rule, CheckConstraint) and rule.name == f"{column.name}_known":
            return re.findall(r"'(\w+)'", str(rule.sqltext))
    return []


def fill_every_table(connection: Connection) -> None:
    fill_tables(connection, tables_of(connection))


def fill_tables(connection: Connection, tables: Iterable[Table]) -> None:
    for table in tables:
        present = _rows_in(connection, table.name)
        # A migration may have written the first rows itself.
        for number in range(present + 1, present + ROWS + 1):
            row = {column.name: value_of(column, number) for column in table.columns}
            for column in table.columns:
                for key in column.foreign_keys:
                    to = key.target_fullname.split(".")[0]
                    if to != table.name and number > ROWS:  # that one may have fewer rows
                        row[column.name] = min(row[column.name], _rows_in(connection, to))
            connection.execute(insert(table).values(row))


def _rows_in(connection: Connection, name: str) -> int:
    return int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())


def shape_of(connection: Connection) -> Shape:
    """The columns of every table; reflecting their keys and types takes a hundred times as long."""
    found = inspect(connection).get_multi_columns()
    return {
        str(name): [column["name"] for column in columns]
        for (_, name), columns in found.items()
        if name != "alembic_version"
    }


def rows_of(connection: Connection, tables: Sequence[Table] | None = None) -> Rows:
    """As the driver gives them: ten thousand statements are not put into SQL first."""
    return {
        table.name: [dict(row) for row in connection.exec_driver_sql(_all_of(table)).mappings()]
        for table in (tables_of(connection) if tables is None else tables)
    }


def _all_of(table: Table) -> str:
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
    return f'SELECT * FROM "{table.name}"' + (f" ORDER BY {keys}" if keys else "")


def test_no_row_of_an_earlier_release_is_lost_or_changed(database: Database) -> None:
    """Each release writes rows into the tables that it made or changed; all later ones find them
    as they were."""
    tables: dict[str, Table] = {}
    shape: Shape = {}
    before: Rows = {}
    for revision in schema.KNOWN:
        bring_to(database, revision)
        known = list(tables.values())
        now = database.read(partial(rows_of, tables=known))
        assert_kept(before, now, revision)
        found = database.read(shape_of)
        changed = [name for name, columns in found.items() if columns != shape.get(name)]
        if changed:
            new = database.read(partial(tables_of, names=changed))
            database.do(partial(fill_tables, tables=new))
            tables |= {table.name: table for table in new}
            now = database.read(partial(rows_of, tables=list(tables.values())))
        shape, before = found, now
        assert all(before.values()), revision
        before.pop("commit_marks", None)  # this process's own: each commit changes it
    assert set(tables) == set(metadata.tables)
    assert database.read(schema.state) is schema.SchemaState.CURRENT


def assert_kept(before: Rows, after: Rows, revision: str) -> None:
    for name, rows in before.items():
        kept = [
            {column: row[column] for column in old if column in row}
            for old, row in zip(rows, after[name], strict=True)
        ]
        assert kept == rows, f"{name}, by {revision}"


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(database: Database) -> None:
    bring_to(database, "0001")
    database.do(fill_every_table)
    # In the way of a table that a later release makes.
    database.do(lambda c: c.execute(text("CREATE TABLE known_files (id INTEGER)")))
    before = database.read(rows_of)
    with pytest.raises(Exception, match="known_files"):
        schema.upgrade(database)
    assert database.read(schema.revision) == "0001"
    assert database.read(rows_of) == before
    database.do(lambda c: c.execute(text("DROP TABLE known_files")))
    schema.upgrade(database)
    assert database.read(schema.state) is schema.SchemaState.CURRENT


@pytest.fixture(scope="module")
def warning_under_way(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of today in which a red warning was sent and one person has answered."""
    file = tmp_path_factory.mktemp("world") / "world.db"
    database = Database(f"sqlite:///{file}")
    fill(database)
    draft = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")

    def sent(connection: Connection) -> None:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        release(connection, draft, by, RULES, NOW)
        taken = claim(connection, "test", NOW, dict.fromkeys(Lane, 1000), BOT_ID)
        attempts = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
        record(connection, attempts, RULES, NOW)

    database.do(sent)
    database.do(lambda c: answered(c, VILLAGERS[0], 1))
    database.close()
    return file


def answered(connection: Connection, row: dict[str, Any], minutes: float) -> CallOutcome:
    call = connection.execute(select(calls.c.id).where(calls.c.person_id == row["id"])).scalar_one()
    at = NOW + timedelta(minutes=minutes)
    return by_button(connection, call, row["telegram_id"], RULES, at).outcome


def test_a_warning_sent_under_the_first_release_is_answered_and_chased_under_this_one(
    database: Database, warning_under_way: Path, tmp_path: Path
) -> None:
    bring_to(database, "0001")
    copied = tmp_path / "world.db"
    shutil.copy(warning_under_way, copied)
    world = Database(f"sqlite:///{copied}")
    known = world.read(rows_of)
    world.close()

    def as_the_first_release_wrote_it(connection: Connection) -> None:
        for table in tables_of(connection):
            names = {column.name for column in table.columns}
            rows = [
                {name: value for name, value in row.items() if name in names}
                for row in known[table.name]
            ]
            if rows:
                connection.execute(insert(table), rows)

    database.do(as_the_first_release_wrote_it)
    if not database.is_sqlite:
        database.do(follow_the_ids)
    schema.upgrade(database)
    verdict = database.read(audit.verify)
    assert (verdict.broken, verdict.entries) == (None, len(known["audit"]))

    database.do(lambda c: bot_store.configure(c, [Bot(BOT_ID, PROVINCE)], NOW))
    assert database.do(lambda c: answered(c, VILLAGERS[0], 3)) is CallOutcome.ALREADY
    assert database.do(lambda c: answered(c, VILLAGERS[1], 3)) is CallOutcome.RECORDED
    at = NOW + timedelta(minutes=4)
    while database.do(lambda c: sweep(c, RULES, at)):
        continue
    taken = database.do(lambda c: claim(c, "test", at, dict.fromkeys(Lane, 1000), BOT_ID))
    reminded = {delivery.chat_id for delivery in taken if delivery.kind.value == "remind"}
    assert reminded == {VILLAGERS[2]["telegram_id"], TOWNSHIP_HEAD["telegram_id"]}
    assert database.read(audit.verify).broken is None


def follow_the_ids(connection: Connection) -> None:
    """Rows that came with their ids leave PostgreSQL's counters behind."""
    for table in tables_of(connection):
        if "id" not in table.columns:
            continue
        counter = select(func.pg_get_serial_sequence(table.name, "id"))
        sequence = connection.execute(counter).scalar()
        if sequence is not None:
            highest = connection.execute(select(func.max(table.c.id))).scalar() or 1
            connection.execute(select(func.setval(sequence, highest)))
