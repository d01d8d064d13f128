"""Fixtures for tests that use a database: each test runs once on SQLite and once on PostgreSQL.

Tests of rules (``one_database``) run on SQLite only: see ``tests.conftest``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from data import schema
from data.database import Database
from tests.postgresql import Server, binaries
from tests.postgresql import server as postgresql_server
from tests.roster import fill
from tests.shared import made_once
from tests.used_databases import UsedDatabases

_NUMBERS = count(1)


class Template:
    """A database made once in each run, and copied for every test that wants one."""

    def __init__(self, name: str, prepare: Callable[[Database], object]) -> None:
        self.name = f"template_{name}"
        self._prepare = prepare
        self._used: UsedDatabases | None = None

    def sqlite(self, folder: Path) -> str:
        """The URL of a fresh copy in a file."""
        made = made_once(f"{self.name}.db", lambda file: self.make(f"sqlite:///{file}"))
        shutil.copy(made, folder / "test.db")
        return f"sqlite:///{folder}/test.db"

    def postgresql(self, server: Server) -> str:
        """The name of a fresh copy on the server, for whoever changes more than rows of it."""
        name = f"test_{next(_NUMBERS)}"
        server.copy(self.name, name)
        return name

    def used(self, server: Server) -> UsedDatabases:
        """Copies on the server that go from test to test."""
        if self._used is None:
            self._used = UsedDatabases(server, self.postgresql)
        return self._used

    def close(self) -> None:
        """Let go of the copies."""
        if self._used is not None:
            self._used.close()
            self._used = None

    def make(self, url: str) -> None:
        """Make it of an empty database."""
        with closing(Database(url)) as database:
            self._prepare(database)
            if not url.startswith("sqlite"):  # as its autovacuum would: else it guesses, reads all
                database.do(lambda c: c.execute(text("ANALYZE divisions")))


UPGRADED = Template("upgraded", schema.upgrade)
FILLED = Template("filled", fill)


def _pack_server(file: Path) -> None:
    """A server that holds the templates: to make one takes five seconds."""
    with postgresql_server() as made:
        assert made is not None
        source = "template1"
        for template in (UPGRADED, FILLED):  # the second begins with the tables of the first
            made.copy(source, template.name)
            template.make(made.url(template.name))
            source = template.name
        made.pack(file)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for all the tests of this process."""
    if binaries() is None:
        pytest.skip("no PostgreSQL: install postgresql or pgserver")
    with postgresql_server(packed=made_once("postgresql.tar", _pack_server)) as made:
        assert made is not None
        yield made


@pytest.fixture(scope="session")
def _upgraded() -> Iterator[Template]:
    with closing(UPGRADED) as template:
        yield template


@pytest.fixture(scope="session")
def _filled() -> Iterator[Template]:
    with closing(FILLED) as template:
        yield template


@pytest.fixture(params=["sqlite", "postgresql"])
def store_kind(request: pytest.FixtureRequest) -> str:
    """Which of the two."""
    kind: str = request.param
    return kind


@contextmanager
def _copy(
    kind: str, template: Template, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    if kind == "sqlite":
        yield template.sqlite(tmp_path)
        return
    server: Server = request.getfixturevalue("postgresql")
    with template.used(server).lent() as url:
        yield url


@pytest.fixture
def empty_url(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without tables."""
    if store_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/test.db"
        return
    server: Server = request.getfixturevalue("postgresql")
    name = f"test_{next(_NUMBERS)}"
    server.copy("template1", name)
    yield server.url(name)
    server.drop(name)  # before the system writes it to the disk


@pytest.fixture
def upgraded_url(
    store_kind: str, tmp_path: Path, request: pytest.FixtureRequest, _upgraded: Template
) -> Iterator[str]:
    """A database with the tables, and nothing in them."""
    with _copy(store_kind, _upgraded, tmp_path, request) as url:
        yield url


@pytest.fixture
def filled_url(
    store_kind: str, tmp_path: Path, request: pytest.FixtureRequest, _filled: Template
) -> Iterator[str]:
    """A database with the roster of ``tests.roster``."""
    with _copy(store_kind, _filled, tmp_path, request) as url:
        yield url


@pytest.fixture
def database(filled_url: str) -> Iterator[Database]:
    made = Database(filled_url)
    yield made
    made.close()
