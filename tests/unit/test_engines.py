"""How a database is opened and spoken to; what PostgreSQL is told is shown without a server."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from data import engines
from data.engines import (
    LONG_SECONDS,
    LONGEST_STATEMENT_SECONDS,
    READERS,
    allow_long,
    checkpoint,
    is_sqlite,
    log_file,
    many_joined,
    open_engine,
    postgresql_options,
    psycopg_url,
    sqlite_path,
    well_formed,
)
from tests.fake_postgresql import FakeConnection

SERVER = "postgresql://bot:a@127.0.0.1/jiaoying"


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        ("postgresql://bot:a@db/jiaoying", "postgresql+psycopg://bot:a@db/jiaoying"),
        ("postgresql+psycopg://bot:a@db/jiaoying", "postgresql+psycopg://bot:a@db/jiaoying"),
        ("postgresql+pg8000://bot:a@db/jiaoying", "postgresql+pg8000://bot:a@db/jiaoying"),
    ],
)
def test_our_driver_is_taken_unless_another_is_named(given: str, opened: str) -> None:
    assert psycopg_url(given) == opened


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////var/lib/jiaoying.db", Path("/var/lib/jiaoying.db")),
        ("sqlite:///jiaoying.db", Path("jiaoying.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        (SERVER, None),
    ],
)
def test_where_the_file_and_its_log_lie(url: str, file: Path | None) -> None:
    assert sqlite_path(url) == file
    assert log_file(url) == (file and file.with_name(f"{file.name}-wal"))
    assert is_sqlite(url) is (url != SERVER)
    assert well_formed(url)


@pytest.mark.parametrize("url", ["", "jiaoying.db", "sqlite", "postgresql://db:port/jiaoying"])
def test_what_is_no_url_is_told_before_it_is_opened(url: str) -> None:
    assert not well_formed(url)


def session_settings(options: dict[str, Any]) -> dict[str, str]:
    """What a connection asks of the server, by name."""
    asked = options["options"].removeprefix("-c ").split(" -c ")
    return dict(setting.split("=", 1) for setting in asked)


def test_locks_statements_and_standing_still_have_their_own_bounds() -> None:
    options = postgresql_options(lock=1.5, idle=2, statement=30)
    asked = session_settings(options)
    assert asked["lock_timeout"] == "1500"
    assert asked["idle_in_transaction_session_timeout"] == "2000"
    assert asked["statement_timeout"] == "30000"
    assert asked["default_transaction_isolation"] == "read\\ committed"
    assert int(asked["tcp_user_timeout"]) == options["tcp_user_timeout"] == 10_000
    idle, interval, count = (
        int(asked[f"tcp_keepalives_{name}"]) for name in ("idle", "interval", "count")
    )
    assert idle + interval * count == 11  # seconds, until the other side is given up
    ours = [options[f"keepalives_{name}"] for name in ("idle", "interval", "count")]
    assert ours == [idle, interval, count]


class Opened(Exception):
    """In place of a connection."""


def opened_with(engine: Engine) -> dict[str, Any]:
    """What the driver is given: asked in the driver's place, since tests share a dialect."""
    connect = Mock(side_effect=Opened)
    with (
        patch.object(psycopg, "connect", connect),
        patch.object(psycopg.Connection, "connect", connect),  # of the connections that tests keep
        pytest.raises(Opened),
    ):
        engine.connect()
    return dict(connect.call_args.kwargs)


@pytest.mark.parametrize("writes", [True, False])
def test_a_writer_is_ended_sooner_than_a_reader(
    writes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "create_engine", create_engine)  # as it is outside of tests
    engine = open_engine(SERVER, writes=writes, synchronous="full", patience=5)
    asked = session_settings(opened_with(engine))
    assert asked["lock_timeout"] == "5000"
    if writes:  # before the others, who wait for its locks, give up
        assert asked["idle_in_transaction_session_timeout"] == "4000"
        assert asked["statement_timeout"] == str(int(LONGEST_STATEMENT_SECONDS * 1000))
    else:
        assert asked["idle_in_transaction_session_timeout"] == str(LONG_SECONDS * 1000)
        assert asked["statement_timeout"] == str(LONG_SECONDS * 1000)
    assert engine.pool.size() == (1 if writes else READERS)  # type: ignore[attr-defined]
    assert engine.pool._pre_ping is not writes  # a reader looks whether its connection is alive
    assert engine.hide_parameters


def test_no_number_or_code_is_in_an_error_of_sqlite_either(tmp_path: Path) -> None:
    engine = open_engine(
        f"sqlite:///{tmp_path}/a.db", writes=False, synchronous="full", patience=0.1
    )
    assert engine.hide_parameters


@pytest.mark.parametrize("writes", [True, False])
def test_how_a_file_is_opened(tmp_path: Path, writes: bool) -> None:
    engine = open_engine(
        f"sqlite:///{tmp_path}/a.db", writes=writes, synchronous="normal", patience=0.1
    )
    with (
        closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None, timeout=0)) as other,
        engine.connect() as connection,
        connection.begin(),
    ):

        def shown(name: str) -> Any:
            return connection.execute(text(f"PRAGMA {name}")).scalar_one()

        assert shown("journal_mode") == "wal"
        assert shown("foreign_keys") == 1
        assert shown("synchronous") == 1
        assert shown("temp_store") == 2
        kept = engines.WRITER_CACHE_KB if writes else engines.READER_CACHE_KB
        assert shown("cache_size") == -kept
        if writes:  # it holds the lock from its beginning
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        else:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    engine.dispose()


def test_a_log_is_emptied_unless_somebody_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHECKPOINT_PATIENCE_SECONDS", 0.001)
    file = tmp_path / "a.db"
    engine = open_engine(f"sqlite:///{file}", writes=True, synchronous="off", patience=7)
    with closing(sqlite3.connect(file, isolation_level=None)) as reader, engine.connect() as writer:
        driver = writer.connection.driver_connection
        assert driver is not None
        driver.execute("CREATE TABLE t (n)")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchall()
        driver.execute("INSERT INTO t VALUES (1)")
        for emptied in (False, True):
            assert checkpoint(writer, 7) is emptied
            assert driver.execute("PRAGMA busy_timeout").fetchone() == (7000,)
            assert (file.with_name("a.db-wal").stat().st_size == 0) is emptied
            reader.execute("COMMIT" if reader.in_transaction else "SELECT 1")
    engine.dispose()


def test_long_work_is_allowed_and_joins_are_chosen_on_a_server_only() -> None:
    server, file = FakeConnection("postgresql"), FakeConnection("sqlite")
    for connection in (server, file):
        allow_long(connection.as_it_is)
        with many_joined(connection.as_it_is):
            connection.said.append(("inside", {}))
    assert [values for _, values in server.said] == [
        {"milliseconds": str(LONG_SECONDS * 1000)},
        {"allowed": "off"},
        {},
        {"allowed": "on"},
    ]
    assert "idle_in_transaction_session_timeout" in server.said[0][0]
    assert file.said == [("inside", {})]


def test_the_pool_of_a_file_is_as_large_as_it_has_readers(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a.db", writes=False, synchronous="full", patience=1)
    assert engine.pool.size() == READERS  # type: ignore[attr-defined]
