"""Signals between processes: whom they come from, how much fits, and what ends the listening."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from data import notices
from data.notices import CHANNEL, LONGEST_PAYLOAD, Notices
from tests.fake_postgresql import FakeConnection
from tests.waiting import PATIENCE

URL = "postgresql+psycopg://fire@db/jiaoying"


def made(heard: Callable[[frozenset[str]], None] = lambda _: None) -> Notices:
    return Notices(URL, heard)


def test_a_signal_is_told_with_the_name_of_who_tells_it() -> None:
    us, connection = made(), FakeConnection()
    us.tell(connection.as_it_is, {"queued:7:3", "queued:*:1"})
    [(_, given)] = connection.said
    assert given == {"channel": CHANNEL, "payload": f"{us._name}\nqueued:*:1\nqueued:7:3"}


@pytest.mark.parametrize(("over", "told"), [(0, 1), (1, 0)])
def test_what_does_not_fit_is_not_told(over: int, told: int) -> None:
    """In bytes; whoever looks by itself finds it nevertheless."""
    us, connection = made(), FakeConnection()
    rest = LONGEST_PAYLOAD - len(us._name) - 1 + over
    us.tell(connection.as_it_is, {"言" * (rest // 3) + "x" * (rest % 3)})
    assert len(connection.said) == told


class Heard:
    """A connection over which these payloads come; then the listener is closed."""

    def __init__(self, us: Notices, *payloads: str) -> None:
        self._us, self._payloads = us, payloads
        self.executed: list[str] = []

    def __enter__(self) -> Heard:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, statement: str) -> None:
        self.executed.append(statement)

    def notifies(self, *, timeout: float) -> Iterator[Any]:
        assert timeout == notices.LOOK_SECONDS
        for payload in self._payloads:
            yield SimpleNamespace(payload=payload)
        self._us._stop.set()


def test_what_others_tell_is_heard_and_what_we_told_is_not() -> None:
    heard: list[frozenset[str]] = []
    us = made(heard.append)
    us._hear(Heard(us, "other\na\nb", f"{us._name}\nc", "other", "third\nd"))
    assert heard == [frozenset({"a", "b"}), frozenset({"d"})]


def test_a_lost_connection_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "REST_SECONDS", 0)
    heard: list[frozenset[str]] = []
    us = made(heard.append)
    connection = Heard(us, "other\na")
    tries: list[tuple[str, dict[str, Any]]] = []

    def connect(url: str, **options: Any) -> Heard:
        tries.append((url, options))
        if len(tries) < 3:
            raise psycopg.OperationalError
        return connection

    monkeypatch.setattr(psycopg, "connect", connect)
    us._listen()
    assert (len(tries), heard) == (3, [frozenset({"a"})])
    assert connection.executed[-1] == f"LISTEN {CHANNEL}"
    url, options = tries[0]
    assert url == "postgresql://fire@db/jiaoying"  # as the driver itself writes it
    assert options["autocommit"] is True


def test_listening_begins_once_and_ends_when_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Notices] = []

    def listen(us: Notices) -> None:
        begun.append(us)
        us._stop.wait(PATIENCE)

    monkeypatch.setattr(Notices, "_listen", listen)
    us = made()
    us.close()  # before it listens there is nothing to wait for
    us = made()
    us.listen()
    thread = us._thread
    us.listen()
    assert us._thread is thread and isinstance(thread, threading.Thread)
    assert thread.daemon
    us.close()
    assert not thread.is_alive()
    assert begun == [us]
