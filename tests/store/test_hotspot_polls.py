"""Reading a feed over HTTP: new, unchanged, broken in every way, larger than allowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import func, select

from alerts.patrol.hotspots.villages import nearest_village
from alerts.sources.feed_store import FeedState, feed_states
from alerts.sources.feeds import FeedRequest, fetch
from alerts.sources.hotspots import FeedFault
from bench.firms_feed import PASSES, VIIRS_HEADER, Day
from bot.config.load import load
from bot.config.rules import all_rules
from bot.config.settings_patrol import FeedSettings
from bot.runtime.hotspot_polls import HotspotPolls
from bot.services.geography import Geography
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Division, Gazetteer
from data.audit import verify
from data.database import Database
from data.tables.hotspots import hotspot_tasks, hotspots
from tests.geography import jilin

pytestmark = pytest.mark.one_database


START = datetime(2026, 4, 12, 6, 0, tzinfo=UTC)
IN_DUNHUA = "43.37210,128.23350,331.20,0.42,0.38,2026-04-12,{time},N20,VIIRS,n,2.0NRT,289.1,4.3,D"


class FeedServer:
    """Serves the body and status that the test sets, with an ETag."""

    def __init__(self) -> None:
        self.status, self.body, self.etag = 200, b"", ""
        self.headers: dict[str, str] = {}
        self.asked: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.headers.get("If-None-Match"))
                unchanged = server.etag and self.headers.get("If-None-Match") == server.etag
                self.send_response(304 if unchanged else server.status)
                if server.etag:
                    self.send_header("ETag", server.etag)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                if unchanged:
                    self.end_headers()
                    return
                if "Content-Length" not in server.headers:
                    self.send_header("Content-Length", str(len(server.body)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/SECRETKEY/feed.csv"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    made = FeedServer()
    yield made
    made.close()


class FeedClock:
    """The time by which feeds are read; it stands still until the test sets it forward."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> FeedClock:
    return FeedClock()


@pytest.fixture
def polls(database: Database, server: FeedServer, clock: FeedClock) -> HotspotPolls:
    feed = FeedSettings(url=server.url, every_seconds=60)
    rules = all_rules(load(None, {})).hotspots
    geography = Geography(database, jilin)
    return HotspotPolls(database, geography, [feed], rules, clock)


def firms(*times: str) -> bytes:
    return "\n".join([VIIRS_HEADER, *(IN_DUNHUA.format(time=time) for time in times)]).encode()


def state(database: Database) -> FeedState:
    [found] = database.read(feed_states)
    return found


def count(database: Database, table) -> int:
    return database.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.mark.both_databases
def test_a_poll_takes_in_and_an_unchanged_one_does_not_parse(
    database: Database, server: FeedServer, clock: FeedClock, polls: HotspotPolls
) -> None:
    server.body, server.etag = firms("0505"), '"v1"'
    assert database.read(lambda c: polls.due(c, clock()))
    polls.poll()
    assert count(database, hotspots) == 1
    assert not database.read(lambda c: polls.due(c, clock()))
    polls.poll()  # not due: not asked
    clock.advance(timedelta(minutes=1))
    polls.poll()
    assert server.asked == [None, '"v1"']
    found = state(database)
    assert (found.fault, found.failures, found.rows, found.new_rows) == (None, 0, 1, 1)
    assert found.newest_at == datetime(2026, 4, 12, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, b"", FeedFault.EMPTY),
        (200, b"<html><body>maintenance</body></html>", FeedFault.HTML),
        (200, b"Invalid MAP_KEY.", FeedFault.NOT_CSV),
        (200, b"latitude,longitude,acq_date\n1,2,3", FeedFault.MISSING_COLUMN),
        (404, b"nothing here", FeedFault.REFUSED),
        (500, b"oops", FeedFault.SERVER),
        (503, firms("0505"), FeedFault.SERVER),
    ],
)
def test_a_broken_answer_is_recorded_and_the_next_good_one_is_taken(
    database: Database,
    server: FeedServer,
    clock: FeedClock,
    polls: HotspotPolls,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: bytes,
    fault: FeedFault,
) -> None:
    server.status, server.body = status, body
    for failures in (1, 2, 3):
        polls.poll()
        assert (state(database).fault, state(database).failures) == (fault, failures)
        clock.advance(state(database).next_at - clock())
    assert "SECRETKEY" not in caplog.text
    server.status, server.body = 200, firms("0505")
    polls.poll()
    assert (state(database).fault, count(database, hotspots)) == (None, 1)


def test_a_feed_twice_as_large_is_taken_and_one_over_the_limit_refused(
    database: Database, server: FeedServer, clock: FeedClock, polls: HotspotPolls
) -> None:
    times = [f"{n // 60:02}{n % 60:02}" for n in range(300)]
    server.body = firms(*times[:150])
    polls.poll()
    clock.advance(timedelta(minutes=1))
    server.body = firms(*times)
    polls.poll()
    assert (state(database).rows, state(database).new_rows) == (300, 150)
    assert count(database, hotspot_tasks) == 1
    answer = fetch(FeedRequest(server.url, max_bytes=1000))
    assert (answer.fault, answer.body) == (FeedFault.TOO_LARGE, b"")


def test_bad_rows_are_counted_and_strangers_left_out(
    database: Database, server: FeedServer, polls: HotspotPolls
) -> None:
    good = IN_DUNHUA.format(time="0505")
    server.body = "\n".join(
        [
            VIIRS_HEADER,
            good,
            good.replace("43.37210,128.23350", "0,0"),
            good.replace("2026-04-12", "2027-01-01"),
            good.replace("43.37210,128.23350", "48.0,130.0"),  # Heilongjiang
            good.replace("43.37210,128.23350", "43.0,131.9"),  # inside the box, outside the border
            good.rsplit(",", 9)[0],
        ]
    ).encode()
    polls.poll()
    found = state(database)
    assert (found.fault, found.new_rows, found.bad_rows) == (None, 1, 3)
    assert count(database, hotspots) == 1


def test_what_never_answers_or_breaks_off(server: FeedServer) -> None:
    server.body, server.headers = b"latitude", {"Content-Length": "9999"}
    assert fetch(FeedRequest(server.url)).fault is FeedFault.BROKE_OFF
    assert fetch(FeedRequest("http://127.0.0.1:1/")).fault is FeedFault.UNREACHABLE
    assert fetch(FeedRequest("nonsense")).fault is FeedFault.UNREACHABLE
    server.status, server.headers, server.body = 429, {"Retry-After": "90"}, b""
    assert fetch(FeedRequest(server.url)).retry_after == 90


def test_a_generated_day_replayed_poll_by_poll(
    database: Database, server: FeedServer, clock: FeedClock, polls: HotspotPolls
) -> None:
    """Every product of a day, as it grows: each pixel once, each fire one task, at any pace."""
    day = Day(date(2026, 4, 12))
    clock.now = day.start
    for _ in range(3):
        clock.advance(timedelta(hours=10))
        for product in PASSES:
            address = f"{server.url}?{product}"
            polls.feeds = [replace(feed, name=product, url=address) for feed in polls.feeds[:1]]
            server.body = day.feed(product, clock()).encode()
            polls.poll()
    keys = database.read(lambda c: c.execute(select(hotspots.c.key)).scalars().all())
    assert len(keys) == len(set(keys)) > 500
    tasks = count(database, hotspot_tasks)
    assert 50 < tasks < len(keys) / 2
    assert {feed.fault for feed in database.read(feed_states)} == {None}
    assert database.read(verify).broken is None
    before = count(database, hotspots)
    clock.advance(timedelta(minutes=10))
    polls.poll()
    assert count(database, hotspots) == before


def test_the_nearest_village_with_a_position() -> None:
    villages = [
        Division("222403101200", "甲村", Tier.VILLAGE, None, 128.20, 43.40),
        Division("222403101201", "乙村", Tier.VILLAGE, None, 128.30, 43.40),
        Division("222403101202", "丙村", Tier.VILLAGE),
        Division("222403101000", "某镇", Tier.TOWNSHIP, None, 128.24, 43.40),
    ]
    find = nearest_village(Gazetteer(villages))
    code, away = find(128.24, 43.40) or ("", 0.0)
    assert (code, round(away, -2)) == ("222403101200", 3200)
    assert find(120.0, 40.0) is None
    assert nearest_village(Gazetteer(villages[2:]))(128.2, 43.4) is None


def test_what_a_clock_behind_took_for_the_future_is_taken_once_it_is_right(
    database: Database, server: FeedServer, clock: FeedClock, polls: HotspotPolls
) -> None:
    """The step of a paused machine's clock is followed after minutes; the feed has not changed."""
    server.body, server.etag = firms("0505", "0840"), '"v1"'  # 2 h 40 min ahead of the clock
    polls.poll()
    assert count(database, hotspots) == 1
    clock.advance(timedelta(hours=3))
    polls.poll()
    assert server.asked == [None, None]
    assert count(database, hotspots) == 2
    assert state(database).newest_at == datetime(2026, 4, 12, 8, 40, tzinfo=UTC)
    clock.advance(timedelta(minutes=1))
    polls.poll()
    clock.advance(timedelta(minutes=1))
    polls.poll()
    assert server.asked[-1] == '"v1"'


@pytest.mark.both_databases
def test_a_feed_of_nothing_but_the_future_is_taken_as_soon_as_it_is_the_present(
    database: Database, server: FeedServer, clock: FeedClock, polls: HotspotPolls
) -> None:
    server.body, server.etag = firms("1405", "1410"), '"v1"'
    polls.poll()
    assert (state(database).fault, count(database, hotspots)) == (FeedFault.UNREADABLE, 0)
    clock.advance(timedelta(hours=9))
    assert database.read(lambda c: polls.due(c, clock()))
    polls.poll()
    assert (state(database).fault, count(database, hotspots)) == (None, 2)
