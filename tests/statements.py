"""The SQL of our statements, written once in each process that runs tests.

Every test has a database of its own, and an engine of its own would put all its statements into
SQL again, and ask the server again what it is: a good part of the time of most tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, create_engine, event, make_url

from data import engines, leases
from tests.kept_connections import KEPT

_MOST_KEPT = 4000
"""Statements; all that the tests execute are fewer."""


class _Engines:
    """Makes engines that share what the first of their kind has learned."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str | None], Engine] = {}

    def create(self, url: str, **options: Any) -> Engine:
        """In the place of ``sqlalchemy.create_engine``."""
        kind = (make_url(url).drivername, options.get("isolation_level"))
        first = self._first.get(kind)
        if first is None or first.dialect.server_version_info is None:  # it never connected
            self._first[kind] = create_engine(url, query_cache_size=_MOST_KEPT, **options)
            KEPT.serve(self._first[kind])
            return self._first[kind]
        engine = create_engine(url, _initialize=False, **options)
        KEPT.serve(engine)  # its own dialect is the one that connects
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        prepare = first.dialect.on_connect_url(engine.url)
        if prepare is not None:
            event.listen(engine.pool, "connect", lambda connection, _record: prepare(connection))
        isolate = first.dialect._builtin_onconnect()  # sets the isolation level
        if isolate is not None:
            event.listen(engine.pool, "connect", isolate)
        return engine


@pytest.fixture(scope="session", autouse=True)
def statements_once() -> Iterator[None]:
    """Whoever opens a database finds its statements written."""
    create = _Engines().create
    with (
        patch.object(engines, "create_engine", create),
        patch.object(leases, "create_engine", create),
    ):
        yield
