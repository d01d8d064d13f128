"""The poller against real servers: however an answer is packed, cut, moved, encoded or repeated."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import pytest

from alerts.sources import feeds, finding_store
from alerts.sources.cap import message_store
from alerts.sources.feed_store import FeedState, feed_states
from alerts.sources.feeds import FeedAnswer, FeedRequest, fetch, read_file
from alerts.sources.gauges.columns import Shape
from alerts.sources.gauges.model import Form
from alerts.sources.gauges.reading import read
from alerts.sources.hotspots import FeedFault
from bot.config.load import load
from bot.config.rules import all_rules
from bot.config.settings_sources import CapSettings
from bot.runtime import warning_polls
from bot.runtime.polling import FeedPolls
from bot.runtime.warning_polls import polled_warnings
from bot.services.geography import Geography
from bot.views.patrol.feeds import fault_words
from bot.views.warning_findings import warning_line
from data.database import Database
from tests.geography import jilin

pytestmark = pytest.mark.one_database

NOW = datetime(2026, 7, 1, 19, 5, tzinfo=UTC)
BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier>'
    "<sender>敦化市气象台</sender><sent>2026-07-02T03:00:00+08:00</sent><status>Actual</status>"
    "<msgType>Alert</msgType><info><event>暴雨</event><severity>Severe</severity>"
    "<area><areaDesc>敦化市</areaDesc><geocode><value>222403</value></geocode></area></info></alert>"
)
BYTES = BODY.encode()

Answering = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers each path as the test says."""

    def __init__(self) -> None:
        self.paths: dict[str, Answering] = {}
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.stop = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                said = (self.headers.get(n) for n in ("If-None-Match", "If-Modified-Since"))
                server.asked.append((self.path, *said))
                self.close_connection = True
                server.paths[self.path](self)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.stop.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def whole(body: bytes, status: int = 200, **headers: str) -> Answering:
    """An answer of a known length."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return answer


def chunked(body: bytes, size: int, *, ends: bool = True, **headers: str) -> Answering:
    """An answer in chunks; one that is cut off lacks the last of them."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Transfer-Encoding", "chunked")
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.end_headers()
        for first in range(0, len(body), size):
            piece = body[first : first + size]
            to.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if ends:
            to.wfile.write(b"0\r\n\r\n")

    return answer


def raw_deflate(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(body) + packing.flush()


BOMB = gzip.compress(bytes(40 * 1024 * 1024))
ANSWERS: dict[str, tuple[Answering, FeedFault | None]] = {
    "plain": (whole(BYTES), None),
    "gzip": (whole(gzip.compress(BYTES), Content_Encoding="gzip"), None),
    "deflate with its header": (whole(zlib.compress(BYTES), Content_Encoding="deflate"), None),
    "deflate without": (whole(raw_deflate(BYTES), Content_Encoding="deflate"), None),
    "chunks of one byte": (chunked(BYTES, 1), None),
    "gzip in chunks": (chunked(gzip.compress(BYTES), 7, Content_Encoding="gzip"), None),
    "a packed file": (whole(gzip.compress(BYTES), Content_Type="application/gzip"), None),
    "packed twice": (
        whole(gzip.compress(gzip.compress(BYTES)), Content_Encoding="gzip"),
        None,
    ),
    "in two packed parts": (whole(gzip.compress(BYTES[:99]) + gzip.compress(BYTES[99:])), None),
    "half a packed file": (whole(gzip.compress(BYTES)[:-20]), FeedFault.BROKE_OFF),
    "a packed file that is none": (whole(b"\x1f\x8b\x08" + b"x" * 99), FeedFault.BROKE_OFF),
    "half of its gzip": (
        whole(gzip.compress(BYTES)[:-20], Content_Encoding="gzip"),
        FeedFault.BROKE_OFF,
    ),
    "gzip that is none": (whole(BYTES, Content_Encoding="gzip"), None),
    "deflate that is none": (whole(BYTES, Content_Encoding="deflate"), None),
    "both": (whole(zlib.compress(gzip.compress(BYTES)), Content_Encoding="gzip, deflate"), None),
    "half of its deflate": (
        whole(zlib.compress(BYTES)[:-20], Content_Encoding="deflate"),
        FeedFault.BROKE_OFF,
    ),
    "another packing": (whole(BYTES, Content_Encoding="br"), FeedFault.NOT_TEXT),
    "cut between its chunks": (chunked(BYTES, 9, ends=False), FeedFault.BROKE_OFF),
    "shorter than it says": (whole(BYTES, Content_Length="99999"), FeedFault.BROKE_OFF),
    "a bomb": (whole(BOMB, Content_Encoding="gzip"), FeedFault.TOO_LARGE),
    "a packed bomb": (whole(BOMB), FeedFault.TOO_LARGE),
    "a bomb in a bomb": (whole(gzip.compress(BOMB), Content_Encoding="gzip"), FeedFault.TOO_LARGE),
    "nothing": (whole(b"", 204), FeedFault.EMPTY),
    "not found": (whole(b"", 404), FeedFault.REFUSED),
    "busy": (whole(b"", 503, Retry_After="5"), FeedFault.SERVER),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_however_it_is_packed_or_cut(server: Server, name: str) -> None:
    answering, fault = ANSWERS[name]
    server.paths["/cap.xml"] = answering
    answer = fetch(FeedRequest(f"{server.base}/cap.xml", max_bytes=1024 * 1024))
    assert answer.fault is fault, answer.detail
    assert answer.body == (b"" if fault else BYTES)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


class Polls:
    """The feeds of a configuration, polled as the bot polls them."""

    def __init__(self, database: Database, *settings: CapSettings) -> None:
        self.database, self.clock = database, Clock()
        rules = all_rules(load(None, {})).proposals
        polled = polled_warnings(database, Geography(database, jilin), settings, rules)
        self.polls = FeedPolls(database, polled, self.clock)

    def poll(self) -> FeedState:
        """Poll when the first of them is due again."""
        self.clock.now += timedelta(hours=2)
        self.polls.poll()
        for polling in list(self.polls._under_way.values()):
            polling.thread.join(30)
        return self.database.read(feed_states)[0]

    def came(self) -> list[str]:
        rows = self.database.read(lambda c: message_store.newest(c))
        return [f"{known.identifier} {known.outcome.value}" for _, known in reversed(rows)]

    def lines(self) -> list[str]:
        found = self.database.read(lambda c: finding_store.since(c, NOW))
        return [warning_line(one.subject, one.kind, one.facts, "zh") for one in found]


def at(server: Server, path: str, **named: object) -> CapSettings:
    return CapSettings(name="agency", url=f"{server.base}{path}", **named)  # type: ignore[arg-type]


def test_what_has_not_changed_is_not_read_again(database: Database, server: Server) -> None:
    when = "Wed, 01 Jul 2026 19:00:00 GMT"

    def answer(to: BaseHTTPRequestHandler) -> None:
        same = '"1"' in (to.headers.get("If-None-Match"),) or when in (
            to.headers.get("If-Modified-Since"),
        )
        whole(b"" if same else BYTES, 304 if same else 200, ETag='"1"', Last_Modified=when)(to)

    server.paths["/cap.xml"] = answer
    polls = Polls(database, at(server, "/cap.xml"))
    assert [polls.poll().fault for _ in range(3)] == [None] * 3
    assert [said[1:] for said in server.asked] == [(None, None), *[('"1"', when)] * 2]
    assert polls.came() == ["a proposed"]
    assert polls.lines() == []


def test_when_a_server_says_that_a_feed_was_made(database: Database, server: Server) -> None:
    polls = Polls(database, at(server, "/cap.xml"))
    for said, newest in (
        ("Thu, 02 Jul 2099 19:00:00 GMT", None),
        ("soon", None),
        ("Wed, 01 Jul 2026 19:00:00 -0000", datetime(2026, 7, 1, 19, tzinfo=UTC)),
        ("Wed, 01 Jul 2026 20:00:00", datetime(2026, 7, 1, 20, tzinfo=UTC)),
        ("Thu, 02 Jul 2099 19:00:00 GMT", datetime(2026, 7, 1, 20, tzinfo=UTC)),
    ):
        server.paths["/cap.xml"] = whole(BYTES, Last_Modified=said)
        state = polls.poll()
        assert (state.fault, state.newest_at) == (None, newest), said


def test_a_feed_that_moved(database: Database, server: Server) -> None:
    other = Server()
    other.paths["/cap.xml"] = whole(BYTES)
    server.paths["/new.xml"] = whole(BYTES)
    polls = Polls(database, at(server, "/cap.xml"))
    try:
        for location, fault in (
            (f"{other.base}/cap.xml", FeedFault.REDIRECTED),
            ("http://elsewhere.example/cap.xml", FeedFault.REDIRECTED),
            ("/cap.xml", FeedFault.REDIRECTED),  # to itself
            ("/new.xml", None),
            (f"{server.base}/new.xml", None),
        ):
            server.paths["/cap.xml"] = whole(b"", 302, Location=location)
            assert polls.poll().fault is fault, location
        assert other.asked == []
    finally:
        other.close()
    assert "改网址" in fault_words("redirected", "zh")
    assert polls.came() == ["a proposed"]


def test_a_page_in_place_of_a_feed_is_said_to_be_one(database: Database, server: Server) -> None:
    server.paths["/cap.xml"] = whole(b"<!DOCTYPE html><html><body>Please log in<br></html>")
    polls = Polls(database, at(server, "/cap.xml"))
    assert polls.poll().fault is FeedFault.HTML
    assert polls.lines() == ["整份内容读不出：网址给的是网页，不是预警，请核对网址"]


def test_a_feed_that_trickles_is_cut_and_the_next_poll_has_it_all(
    database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "WHOLE_SECONDS", 0.3)

    def trickle(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Encoding", "gzip")
        to.end_headers()
        for byte in gzip.compress(BYTES):
            if server.stop.wait(0.01):
                return
            to.wfile.write(bytes([byte]))

    server.paths["/cap.xml"] = trickle
    polls = Polls(database, at(server, "/cap.xml"))
    began = monotonic()
    assert polls.poll().fault is FeedFault.TIMEOUT
    assert monotonic() - began < 20
    monkeypatch.undo()
    server.paths["/cap.xml"] = whole(BYTES)
    assert polls.poll().fault is None
    assert polls.came() == ["a proposed"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030", "utf-8-sig"])
def test_a_feed_in_another_encoding_than_it_says(
    database: Database, server: Server, encoding: str
) -> None:
    body = BODY.replace("UTF-8", "GBK") if encoding == "utf-8-sig" else BODY
    server.paths["/cap.xml"] = whole(
        body.encode(encoding), Content_Type="application/xml; charset=iso-8859-1"
    )
    polls = Polls(database, at(server, "/cap.xml"))
    assert (polls.poll().fault, polls.came()) == (None, ["a proposed"])


def test_links_to_packed_messages_and_to_other_hosts(database: Database, server: Server) -> None:
    other = Server()  # another port of the same host
    away = ("https://elsewhere.example/c.xml", f"{other.base}/d.xml")
    links = (f"{server.base}/a.xml.gz", "bomb.xml.gz", *away)
    feed = "".join(f'<entry><id>{n}</id><link href="{n}"/></entry>' for n in links)
    server.paths["/feed"] = whole(f"<feed>{feed}</feed>".encode(), ETag='"1"')
    server.paths["/a.xml.gz"] = whole(gzip.compress(BYTES))
    server.paths["/bomb.xml.gz"] = whole(BOMB)
    polls = Polls(database, at(server, "/feed"))
    polls.poll()
    assert polls.came() == ["a proposed"]
    assert polls.lines() == ["3 条预警的链接取不到，下次再取：bomb.xml.gz 数据太大，没有收"]
    polls.poll()
    other.close()
    assert other.asked == []
    asked = [path for path, *_ in server.asked]
    assert (asked.count("/a.xml.gz"), asked.count("/feed")) == (1, 2)


def test_a_link_that_is_http_still_is_asked_for_by_https(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        warning_polls, "fetch", lambda asking: asked.append(asking.url) or FeedAnswer()
    )
    for link, fault in (
        ("http://a.cn/1", None),
        ("https://a.cn/2", None),
        ("http://a.cn:80/3", FeedFault.REDIRECTED),
        ("https://a.cn:8443/4", FeedFault.REDIRECTED),
        ("https://[broken/5", FeedFault.REDIRECTED),
    ):
        assert warning_polls._of_link("https://a.cn/feed", link).fault is fault, link
    assert asked == ["https://a.cn/1", "https://a.cn/2"]


def test_packed_files_of_a_folder(database: Database, tmp_path: Path) -> None:
    for name, body in (
        ("1.xml.gz", gzip.compress(BYTES)),
        ("2.CAP.GZ", gzip.compress(BYTES.replace(b">a<", b">b<"))),
        ("3.xml.gz", BOMB),
        ("4.xml", BYTES.replace(b">a<", b">d<")),
        ("5.gz", gzip.compress(BYTES.replace(b">a<", b">e<"))),
        (".6.xml", b"<half"),
    ):
        (tmp_path / name).write_bytes(body)
    settings = CapSettings(name="agency", folder=str(tmp_path), max_bytes=1024 * 1024)
    polls = Polls(database, settings)
    assert polls.poll().fault is None
    assert sorted(polls.came()) == ["a proposed", "b proposed", "d proposed"]
    assert polls.lines() == ["1 条预警的链接取不到，下次再取：3.xml.gz 数据太大，没有收"]


def test_a_table_of_a_hydrological_office_over_http_and_as_a_packed_file(
    server: Server, tmp_path: Path
) -> None:
    table = "测站编码,站名,时间,水位(m),流量\n10800150,大山咀子,2026-07-02 03时,211.35,310\n"
    packed = gzip.compress(table.encode("gbk"))
    server.paths["/z.csv"] = whole(packed, Content_Encoding="gzip", Content_Type="text/csv")
    (tmp_path / "z.csv.gz").write_bytes(packed)

    def level(answer: FeedAnswer) -> list[float]:
        found = read(answer.body, Form.CSV, Shape(ZoneInfo("Asia/Shanghai")), NOW)
        return [one.value for one in found.readings]

    assert level(fetch(FeedRequest(f"{server.base}/z.csv"))) == [211.35, 310.0]
    assert level(read_file(FeedRequest(str(tmp_path / "z.csv.gz")))) == [211.35, 310.0]
