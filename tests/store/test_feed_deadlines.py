"""A feed that trickles is cut off, whatever it trickles, and holds up neither the others nor the
end of the process; a redirect stays where it was asked; rows that nobody can read are a fault."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.oversight.auditing import look
from alerts.oversight.findings import FindingKind, OversightRules, Source, silent
from alerts.sources import feeds
from alerts.sources.feed_store import feed_states
from alerts.sources.feeds import FeedRequest, fetch, redirected
from alerts.sources.hotspots import FeedFault
from bench.firms_feed import VIIRS_HEADER
from bot.runtime import polling
from bot.runtime.hotspot_polls import HotspotPolls
from bot.runtime.polling import beside
from data.database import Database
from tests.store.test_hotspot_polls import (  # noqa: F401 - fixtures
    IN_DUNHUA,
    START,
    FeedClock,
    FeedServer,
    clock,
    polls,
    server,
)

pytestmark = pytest.mark.one_database


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n"


class Trickler:
    """A server that sends what the test says and then a byte whenever it is asked to go on."""

    def __init__(self, first: bytes, then: bytes) -> None:
        self._first, self._then = first, then
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/feed.csv"
        self.asked, self.cut, self._stop = threading.Event(), threading.Event(), threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                asking, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(asking,), daemon=True).start()

    def _answer(self, asking: socket.socket) -> None:
        with asking:
            try:
                asking.recv(4096)
                self.asked.set()
                asking.sendall(self._first)
                while not self._stop.wait(0.01):
                    asking.sendall(self._then)
            except OSError:
                self.cut.set()

    def close(self) -> None:
        self._stop.set()
        self._listening.close()


TRICKLES = {
    "of a body of a known length": (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
    "of a body without end": (HEAD + b"\r\n", b"x"),
    "of headers": (HEAD, b"X-A: b\r\n"),
    "of one header": (HEAD + b"X-A: ", b"b"),
    "in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@pytest.fixture(params=list(TRICKLES))
def trickler(request: pytest.FixtureRequest) -> Iterator[Trickler]:
    made = Trickler(*TRICKLES[request.param])
    yield made
    made.close()


def test_a_trickle_is_cut_at_the_deadline(
    trickler: Trickler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte comes long before a read would give up; the connection is ended, too."""
    monkeypatch.setattr(feeds, "WHOLE_SECONDS", 0.2)
    answer = fetch(FeedRequest(trickler.url))
    assert answer.fault is FeedFault.TIMEOUT
    assert trickler.cut.wait(20), "it is still being sent"


FLOODS = {
    "without end": HEAD + b"\r\n",
    "in a chunk of less than nothing": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    "behind the last chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
    "of beginnings": b"",
}


@pytest.mark.parametrize("flood", list(FLOODS))
def test_a_flood_is_cut_by_its_size(flood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the libraries make of it: a chunk of -1 bytes was all that came in a minute."""
    monkeypatch.setattr(feeds, "BESIDE_BODY", 10_000)
    then = {"behind the last chunk": b"A: b\r\n", "of beginnings": b"HTTP/1.1 100 Go on\r\n\r\n"}
    flooding = Trickler(FLOODS[flood], then.get(flood, b"x" * 40) * 1000)
    try:
        answer = fetch(FeedRequest(flooding.url, max_bytes=10_000))
        assert (answer.fault, answer.body) == (FeedFault.TOO_LARGE, b"")
        assert flooding.cut.wait(20), "it is still being sent"
    finally:
        flooding.close()


def test_nothing_is_unchanged_of_which_nothing_is_known(server: FeedServer) -> None:  # noqa: F811
    server.status = 304
    assert fetch(FeedRequest(server.url)).fault is FeedFault.REFUSED
    assert fetch(FeedRequest(server.url, etag="a")).unchanged


def test_a_slow_feed_holds_up_no_other(
    database: Database,
    server: FeedServer,  # noqa: F811
    polls: HotspotPolls,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow = Trickler(HEAD + b"\r\n", b"x")
    monkeypatch.setattr(polling, "PATIENCE_SECONDS", 0.2)
    [good] = polls.feeds
    polls.feeds = [replace(good, name="slow", url=slow.url), good]
    server.body = "\n".join([VIIRS_HEADER, IN_DUNHUA.format(time="0430")]).encode()
    try:
        polls.poll()
        polls._under_way[good.name].thread.join(60)
        states = {state.name: state for state in database.read(feed_states)}
        assert states[good.name].fault is None and states[good.name].rows == 1
        assert states["slow"].tried_at is None  # still at it
        polls.poll()  # and is not asked a second time meanwhile
        assert slow.asked.is_set()
    finally:
        slow.close()


async def test_the_end_of_the_process_does_not_wait_for_a_feed() -> None:
    may_end = threading.Event()
    looking = asyncio.create_task(beside(lambda: may_end.wait(60) and None))
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    async with asyncio.timeout(20):
        await asyncio.get_running_loop().shutdown_default_executor()
    may_end.set()


async def test_what_goes_wrong_beside_is_raised() -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await beside(fails)


@pytest.mark.parametrize(
    ("url", "location", "target"),
    [
        ("https://a.cn/x", "/y", "https://a.cn/y"),
        ("https://a.cn/x", "https://a.cn:443/y", "https://a.cn:443/y"),
        ("https://A.cn/x", "https://a.CN/y", "https://a.CN/y"),
        ("http://a.cn/x", "https://a.cn/x", "https://a.cn/x"),
        ("https://a.cn/x", "http://a.cn/x", None),
        ("https://a.cn/x", "https://b.cn/x", None),
        ("https://a.cn/x", "//b.cn/x", None),
        ("https://a.cn/x", "https://a.cn.b.cn/x", None),
        ("https://a.cn/x", "https://a.cn@b.cn/x", None),
        ("https://a.cn/x", "https://b@a.cn/x", None),
        ("https://a.cn/x", "https://a.cn:8443/x", None),
        ("http://127.0.0.1:80/x", "http://127.0.0.1:22/x", None),
        ("https://a.cn/x", "file:///etc/passwd", None),
        ("https://a.cn/x", "https://[broken/x", None),
    ],
)
def test_a_redirect_stays_on_the_host_and_on_https(
    url: str, location: str, target: str | None
) -> None:
    assert redirected(url, location) == target


def test_a_redirect_elsewhere_is_not_followed(server: FeedServer) -> None:  # noqa: F811
    other = FeedServer()
    other.body = VIIRS_HEADER.encode()
    server.status, server.headers = 302, {"Location": other.url}
    try:
        answer = fetch(FeedRequest(server.url))
    finally:
        other.close()
    assert (answer.fault, other.asked) == (FeedFault.REDIRECTED, [])
    server.headers = {"Location": server.url}  # to itself, again and again
    assert fetch(FeedRequest(server.url)).fault is FeedFault.REDIRECTED


def rows_of(*rows: str) -> bytes:
    return "\n".join([VIIRS_HEADER, *rows]).encode()


GOOD = IN_DUNHUA.format(time="0430")
BAD = GOOD.replace("43.37210", "north")


def test_a_feed_of_nothing_but_bad_rows_has_failed_within_two_polls(
    database: Database,
    server: FeedServer,  # noqa: F811
    clock: FeedClock,  # noqa: F811
    polls: HotspotPolls,  # noqa: F811
) -> None:
    def lost() -> bool:
        every = polls.feeds[0].every
        [state] = database.read(feed_states)
        unreadable = state.fault is FeedFault.UNREADABLE
        source = Source(state.name, state.succeeded_at, every, state.failures, unreadable)
        return bool(silent([source], clock()))

    server.body = rows_of(GOOD)
    polls.poll()
    assert not lost()
    server.body = rows_of(*[BAD] * 20)
    for expected in (False, True):
        [state] = database.read(feed_states)
        clock.now = state.next_at
        polls.poll()
        assert lost() is expected
    [state] = database.read(feed_states)
    assert (state.fault, state.bad_rows, state.failures) == (FeedFault.UNREADABLE, 20, 2)
    server.body = rows_of(GOOD)
    clock.now = state.next_at
    polls.poll()
    assert not lost()


def test_rows_that_cannot_be_read_are_a_finding(database: Database) -> None:
    slips = Source("firms", START, timedelta(minutes=15), bad_rows=3)
    found = {
        finding.kind: finding.facts
        for finding in database.read(lambda c: look(c, START, OversightRules(), [slips]))
    }
    assert found[FindingKind.ROWS_UNREADABLE] == {"count": 1, "rows": [["firms", 3]]}
    assert FindingKind.SOURCE_SILENT not in found
