"""Where the history lies, and what is said when it is not there, damaged, or another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from data import history
from data.errors import NotFound, StoreUnwritable
from data.history import HistoryProblem
from data.tables.history import metadata
from tests.fake_postgresql import FakeConnection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def opened(folder: Path) -> Engine:
    return create_engine(f"sqlite:///{folder}/jiaoying.db")


@pytest.fixture
def c(folder: Path) -> Iterator[Connection]:
    engine = opened(folder)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM sqlite_master")).all()
        yield connection
    engine.dispose()


@pytest.fixture
def file(folder: Path) -> Path:
    return folder / "jiaoying.history.db"


def test_it_lies_beside_the_database_under_its_name(folder: Path, file: Path) -> None:
    assert history.history_file(folder / "jiaoying.db") == file


def test_there_is_none_until_one_is_made(c: Connection, file: Path) -> None:
    assert not history.attach(c)
    assert not file.exists()
    with pytest.raises(NotFound) as refused:
        history.require(c)
    assert refused.value.code is HistoryProblem.AWAY
    assert refused.value.facts == {"file": "jiaoying.history.db"} == {"file": file.name}
    assert history.attach(c, create=True)
    assert not history.attach(c)  # there, and nothing in it
    history.prepare(c)
    assert history.attach(c)
    history.require(c)
    history.require_in_place(c)
    assert history.history_name(c) == file.name


def test_one_that_is_there_is_found_by_the_next_connection(c: Connection, folder: Path) -> None:
    history.prepare(c)
    c.commit()
    other = opened(folder)
    with other.connect() as connection:
        assert history.attach(connection)
        assert history.attach(connection)  # twice is once
        history.require_in_place(connection)
    other.dispose()


@pytest.mark.parametrize("replaced", [True, False])
def test_one_that_was_taken_away_meanwhile_is_missed(
    c: Connection, file: Path, replaced: bool
) -> None:
    history.prepare(c)
    c.commit()
    file.rename(file.with_name("elsewhere.db"))
    if replaced:
        file.touch()
    with pytest.raises(NotFound) as refused:
        history.require_in_place(c)
    assert refused.value.facts == {"file": file.name}


def test_what_is_no_history_is_said(c: Connection, file: Path) -> None:
    file.write_bytes(b"somebody's letter, " * 100)
    with pytest.raises(StoreUnwritable) as refused:
        history.attach(c)
    assert refused.value.code is HistoryProblem.UNREADABLE
    assert refused.value.facts == {"file": file.name}


def test_a_database_in_memory_has_no_place_for_one() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        assert not history.attach(connection)
        assert not history.attach(connection, create=True)
        history.require_in_place(connection)  # nothing that could be replaced
        with pytest.raises(StoreUnwritable) as refused:
            history.prepare(connection)
        assert refused.value.code is HistoryProblem.NO_FILE
    engine.dispose()


def test_columns_that_came_later_are_added(c: Connection) -> None:
    history.prepare(c)
    c.execute(text("ALTER TABLE history.calls DROP COLUMN persons"))
    c.execute(text("ALTER TABLE history.deliveries DROP COLUMN error"))
    c.commit()
    history.prepare(c)
    found = inspect(c)
    for table in metadata.tables.values():
        there = {column["name"] for column in found.get_columns(table.name, schema="history")}
        assert there == set(table.columns.keys()), table.name


def test_a_month_has_its_part_of_each_table_on_a_server() -> None:
    tables = [table.name for table in metadata.tables.values()]
    connection = FakeConnection(answers=[None, True] * len(tables))
    history.ensure_month(connection.as_it_is, 202611)
    made = [said for said, _ in connection.said if said.startswith("CREATE TABLE IF NOT EXISTS")]
    assert [statement.split()[5] for statement in made] == [
        f"history.{name}_202611" for name in tables
    ]
    assert all(statement.endswith("FOR VALUES IN (202611)") for statement in made)
    on_file = FakeConnection("sqlite")
    history.ensure_month(on_file.as_it_is, 202611)
    assert on_file.said == []


def test_a_month_that_was_detached_is_named() -> None:
    first = next(iter(metadata.tables.values())).name
    connection = FakeConnection(answers=[None, False])
    with pytest.raises(NotFound) as refused:
        history.ensure_month(connection.as_it_is, 202611)
    assert refused.value.code is HistoryProblem.AWAY
    assert refused.value.facts == {"file": f"history.{first}_202611", "month": 202611}
