"""For every test: no connection may leave this machine, and a slow machine fails no test."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.databases import (
    _filled,
    _upgraded,
    database,
    empty_url,
    filled_url,
    postgresql,
    store_kind,
    upgraded_url,
)
from tests.faults.counting import counted
from tests.geography import geography_once
from tests.memory import in_memory
from tests.schema_once import by_migrations, schema_once
from tests.shared import folder_of_run
from tests.statements import statements_once
from tests.waiting import pass_time, still_time, wait_until

__all__ = [
    "_filled",
    "_upgraded",
    "by_migrations",
    "counted",
    "database",
    "empty_url",
    "filled_url",
    "geography_once",
    "only_loopback",
    "pass_time",
    "postgresql",
    "schema_once",
    "statements_once",
    "still_time",
    "store_kind",
    "upgraded_url",
]

# A disk takes two milliseconds to make sure of a commit, and a test makes ten.
if (folder := in_memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))

# A busy machine is no failure. Each run tries other examples: few at a time are many in a month.
hypothesis_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40
)
hypothesis_settings.register_profile(
    "thorough", hypothesis_settings.get_profile("patient"), max_examples=1000
)
hypothesis_settings.load_profile("patient")


FIRST = ("machines", "crash", "browser", "faults")
"""The folders of the longest tests: begun last, one of them would be waited for alone. One worker
has most of them, and waits for processes and servers while the others use the machine."""

EVERY_DATABASE = bool(os.environ.get("JIAOYING_EVERY_DATABASE"))
"""Everything on SQLite and on PostgreSQL: twice what is needed to find what differs."""


def one_is_enough(item: pytest.Item) -> bool:
    """Whether this is the run on PostgreSQL of a test of rules.

    Each statement that the product sends is sent to PostgreSQL by tests all the same: a file marked
    ``one_database`` has some marked ``both_databases``, the only ones that send one of theirs.
    """
    call = getattr(item, "callspec", None)
    return (
        call is not None
        and call.params.get("store_kind") == "postgresql"
        and item.get_closest_marker("one_database") is not None
        and item.get_closest_marker("both_databases") is None
    )


def _first_has_collected(controller: int) -> Path:
    """A file that is there once the first of several workers has collected the tests."""
    return Path(gettempdir(), f"jiaoying-tests-{controller}-collected")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """The first of several workers collects the tests before the others.

    pytest compiles each file of tests with asserts that explain themselves, and keeps it: half a
    minute the first time, and each worker would do the same side by side.
    """
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        with suppress(AssertionError):  # if it never happens, each compiles them itself
            wait_until(_first_has_collected(os.getppid()).exists)
    gc.disable()  # what is loaded stays, and would be walked again and again
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished() -> None:
    """The controller hears of each worker that has collected; the first time is the first's."""
    _first_has_collected(os.getpid()).touch()


def pytest_configure() -> None:
    """What a run that was killed left behind under the number of this process is not used."""
    _clear_up()


def pytest_unconfigure() -> None:
    """The controller clears up."""
    _clear_up()


def _clear_up() -> None:
    _first_has_collected(os.getpid()).unlink(missing_ok=True)
    shutil.rmtree(folder_of_run(os.getpid()), ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The long tests first; of those that one database is enough for, no second run."""
    items.sort(key=lambda item: item.path.parent.name not in FIRST)
    if EVERY_DATABASE:
        return
    spared = [item for item in items if one_is_enough(item)]
    items[:] = [item for item in items if not one_is_enough(item)]
    config.hook.pytest_deselected(items=spared)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not walk it during the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish() -> None:
    """What is no longer used is found now, for the last time: pytest, and Python at its end,
    would walk all that stays again."""
    gc.collect()
    gc.freeze()


def _is_local(family: int, address: Any) -> bool:
    if family == getattr(socket, "AF_UNIX", None):
        return True
    host = str(address[0]).split("%")[0] if isinstance(address, tuple) else str(address)
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Any connection or look-up that would leave this machine fails the test at once."""
    connect, connect_ex, getaddrinfo = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )
    refused: list[str] = []

    def check(family: int, address: Any) -> None:
        if not _is_local(family, address):
            refused.append(str(address))
            raise OSError(f"tests talk to loopback only, not to {address}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None:
            check(socket.AF_INET, (name, 0))
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    assert not refused, f"the test tried to reach {', '.join(refused)}"
