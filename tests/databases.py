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
from tests.postgresql import Server
from tests.postgresql import server as postgresql_server
from tests.roster import fill
from tests.used_databases import UsedDatabases

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for all the tests of this process."""
    with postgresql_server() as made:
        if made is None:
            pytest.skip("no PostgreSQL: install postgresql or pgserver")
        yield made


class Template:
    """A database made once and then copied for every test that wants one."""

    def __init__(
        self, folder: Path, prepare: Callable[[Database], None], of: Template | None = None
    ) -> None:
        """``of``: on the server it begins as a copy of this one."""
        self._file = folder / "template.db"
        self._name = f"template_{next(_NUMBERS)}"
        self._prepare, self._of = prepare, of
        self._made: set[str] = set()
        self._used: UsedDatabases | None = None

    def sqlite(self, folder: Path) -> str:
        """The URL of a fresh copy in a file."""
        self._make("sqlite", f"sqlite:///{self._file}")
        shutil.copy(self._file, folder / "test.db")
        return f"sqlite:///{folder}/test.db"

    def postgresql(self, server: Server) -> str:
        """The name of a fresh copy on the server, for whoever changes more than rows of it."""
        self._on(server)
        name = f"test_{next(_NUMBERS)}"
        server.copy(self._name, name)
        return name

    def _on(self, server: Server) -> str:
        if "postgresql" not in self._made:
            server.copy("template1" if self._of is None else self._of._on(server), self._name)
        self._make("postgresql", server.url(self._name))
        return self._name

    def used(self, server: Server) -> UsedDatabases:
        """Copies on the server that go from test to test."""
        if self._used is None:
            self._used = UsedDatabases(server, self.postgresql)
        return self._used

    def close(self) -> None:
        """Let go of the copies."""
        if self._used is not None:
            self._used.close()

    def _make(self, kind: str, url: str) -> None:
        if kind not in self._made:
            database = Database(url)
            try:
                self._prepare(database)
                if kind == "postgresql":  # as its autovacuum would: else it guesses, and reads all
                    database.do(lambda c: c.execute(text("ANALYZE divisions")))
            finally:
                database.close()
            self._made.add(kind)


def _upgrade(database: Database) -> None:
    schema.upgrade(database)


@pytest.fixture(scope="session")
def _upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    with closing(Template(tmp_path_factory.mktemp("upgraded"), _upgrade)) as template:
        yield template


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory, _upgraded: Template) -> Iterator[Template]:
    with closing(Template(tmp_path_factory.mktemp("filled"), fill, _upgraded)) as template:
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
