"""Files from and to Telegram within their bounds, and how long each part of a request may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.telegram.bot_api import FILE_SECONDS, POLL_GRACE_SECONDS, BotApi, Upload
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.transport import (
    CONNECT_SECONDS,
    READ_SECONDS,
    UPLOAD_SECONDS,
    WRITE_SECONDS,
    AiohttpRequest,
    Connections,
)
from tests.unit.http_server import SECRET, TOKEN, Server
from tests.waiting import PassTime

MOST = 100


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.http.start_server()
    yield server
    server.release.set()
    await server.http.close()


@pytest.fixture
async def api(server: Server) -> AsyncIterator[BotApi]:
    async with Connections() as connections:
        yield BotApi(connections, TOKEN, server.url)


def tells(server: Server, result: Any) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"ok": True, "result": result})

    server.answer = answer


@pytest.mark.parametrize(
    ("result", "found"),
    [
        ({"file_path": "a/1", "file_size": MOST}, "a/1"),
        ({"file_path": "a/1"}, "a/1"),
        ({"file_path": "a/1", "file_size": None}, "a/1"),
        ({"file_path": "a/1", "file_size": MOST + 1}, Reason.TOO_LONG),
        ({"file_size": 1}, Reason.TOO_LONG),
        ({"file_path": ""}, Reason.TOO_LONG),
        (True, Reason.UNREADABLE),
    ],
)
async def test_where_a_file_can_be_had(
    server: Server, api: BotApi, result: Any, found: str | Reason
) -> None:
    tells(server, result)
    path = await api.file_path("f", MOST)
    if isinstance(path, Outcome):
        assert path.reason is found
        permanent = found is Reason.TOO_LONG
        assert path.kind is (OutcomeKind.PERMANENT if permanent else OutcomeKind.TEMPORARY)
    else:
        assert path == found


async def test_why_a_file_cannot_be_had_is_told(server: Server, api: BotApi) -> None:
    server.refuse(429, "Too Many Requests", retry_after=4)
    outcome = await api.file_path("f", MOST)
    assert isinstance(outcome, Outcome) and outcome.retry_after == 4


def holds(server: Server, content: bytes, status: int = 200) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=content)

    server.answer = answer


@pytest.mark.parametrize(
    ("size", "status", "kind", "reason"),
    [
        (0, 200, OutcomeKind.SENT, None),
        (MOST, 200, OutcomeKind.SENT, None),
        (MOST + 1, 200, OutcomeKind.PERMANENT, Reason.TOO_LONG),
        (1, 404, OutcomeKind.TEMPORARY, Reason.SERVER_ERROR),
        (1, 201, OutcomeKind.TEMPORARY, Reason.SERVER_ERROR),
    ],
)
async def test_a_file_is_read_up_to_its_bound(
    server: Server, api: BotApi, size: int, status: int, kind: OutcomeKind, reason: Reason | None
) -> None:
    holds(server, b"x" * size, status)
    content = bytearray()
    outcome = await api.download("a/1", content.extend, MOST)
    assert (outcome.kind, outcome.reason) == (kind, reason)
    assert len(content) == (size if outcome.ok else 0)
    assert server.asked[0][0] == f"/file/bot{TOKEN}/a/1"


async def test_a_file_is_had_from_nowhere_else(server: Server, api: BotApi) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/elsewhere")

    server.answer = answer
    outcome = await api.download("a/1", bytearray().extend, MOST)
    assert (outcome.kind, outcome.reason) == (OutcomeKind.TEMPORARY, Reason.SERVER_ERROR)
    assert len(server.asked) == 1


async def test_a_large_file_comes_in_pieces(server: Server, api: BotApi) -> None:
    holds(server, b"x" * 300_000)
    pieces: list[bytes] = []
    assert (await api.download("a/1", pieces.append, 300_000)).ok
    assert sum(len(piece) for piece in pieces) == 300_000 and len(pieces) > 4
    pieces.clear()
    outcome = await api.download("a/1", pieces.append, 299_999)
    assert outcome.reason is Reason.TOO_LONG
    assert sum(len(piece) for piece in pieces) < 300_000


async def test_a_file_that_cannot_be_written_or_never_comes_is_tried_again(
    server: Server, api: BotApi, pass_time: PassTime
) -> None:
    def full(_piece: bytes) -> None:
        raise OSError(f"no space for {TOKEN}")

    holds(server, b"x")
    outcome = await api.download("a/1", full, MOST)
    assert (outcome.kind, outcome.reason) == (OutcomeKind.TEMPORARY, Reason.NOT_CONNECTED)
    assert SECRET not in repr(outcome)
    server.answer = server.hang
    server.arrived.clear()
    loading = asyncio.create_task(api.download("a/1", full, MOST))
    await server.arrived.wait()
    await pass_time(FILE_SECONDS + 1)
    assert (await loading).kind is OutcomeKind.TEMPORARY


async def test_what_is_uploaded_arrives_as_it_is(server: Server, api: BotApi) -> None:
    fields = {"chat_id": 5, "caption": "图", "media": [{"type": "photo"}]}
    assert (await api.upload("sendPhoto", fields, [Upload("photo", b"\xff\x00", "a.jpg")])).ok
    [(path, body)] = server.asked
    assert path.endswith("/sendPhoto") and server.content_types == ["multipart/form-data"]
    for part in ("图".encode(), b'[{"type":"photo"}]', b"\xff\x00", b'filename="a.jpg"', b"5"):
        assert part in body
    assert b'"\xe5\x9b\xbe"' not in body  # words are words, not JSON


async def test_how_long_to_wait_is_read_from_a_page_too(server: Server, api: BotApi) -> None:
    async def slow_down(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=429, text="<html>", headers={"Retry-After": "7"})

    server.answer = slow_down
    outcome = await api.upload("sendPhoto", {}, [Upload("photo", b"", "a")])
    assert (outcome.reason, outcome.retry_after) == (Reason.RATE_LIMITED, 7.0)


@pytest.mark.parametrize("what", ["upload", "poll"])
async def test_uploads_and_polls_end(
    server: Server, api: BotApi, pass_time: PassTime, what: str
) -> None:
    server.answer = server.hang
    if what == "upload":
        asking = asyncio.create_task(api.upload("sendPhoto", {}, [Upload("photo", b"", "a")]))
        seconds = UPLOAD_SECONDS + READ_SECONDS
    else:
        asking = asyncio.create_task(api.poll({}, seconds=25))
        seconds = 25 + POLL_GRACE_SECONDS
    await server.arrived.wait()
    await pass_time(seconds - 5)
    assert not asking.done()
    await pass_time(6)
    outcome = await asking
    assert (outcome.kind, outcome.reason) == (OutcomeKind.UNCERTAIN, Reason.TIMED_OUT)


# -- python-telegram-bot's requests ---------------------------------------------------------------


class Session:
    """Tells what it is asked with."""

    def __init__(self, status: int = 299, body: bytes = b"{}") -> None:
        self.asked: dict[str, Any] = {}
        self.status, self.body = status, body

    async def request(self, _method: str, _url: Any, **asked: Any) -> Any:
        self.asked = asked

        async def read() -> bytes:
            return self.body

        return SimpleNamespace(status=self.status, read=read)


async def timeout_of(method: str = "POST", **given: Any) -> tuple[aiohttp.ClientTimeout, Session]:
    session = Session()
    connections: Any = SimpleNamespace(sends=session, polls=None, proxy=None)
    request = AiohttpRequest(connections)
    assert request.read_timeout == READ_SECONDS
    assert await request.do_request("http://x/bot1:2/getMe", method, **given) == (299, b"{}")
    return session.asked["timeout"], session


async def test_how_long_each_part_of_a_request_may_take() -> None:
    timeout, session = await timeout_of()
    assert timeout.total == 2 * CONNECT_SECONDS + WRITE_SECONDS + READ_SECONDS
    assert timeout.connect == 2 * CONNECT_SECONDS
    assert (timeout.sock_connect, timeout.sock_read) == (CONNECT_SECONDS, READ_SECONDS)
    assert session.asked["allow_redirects"] is False


async def test_what_the_caller_says_goes_before() -> None:
    timeout, _ = await timeout_of(
        read_timeout=1, write_timeout=2.0, connect_timeout=4, pool_timeout=8
    )
    assert (timeout.total, timeout.connect) == (15, 12)
    assert (timeout.sock_connect, timeout.sock_read) == (4, 1)


@pytest.mark.parametrize("name", ["read", "write", "connect", "pool"])
async def test_without_one_of_the_bounds_the_whole_has_none(name: str) -> None:
    timeout, _ = await timeout_of(**{f"{name}_timeout": None})
    assert timeout.total is None
    endless = name in ("connect", "pool")
    assert timeout.connect == (None if endless else 2 * CONNECT_SECONDS)
    assert timeout.sock_connect == (None if name == "connect" else CONNECT_SECONDS)
    assert timeout.sock_read == (None if name == "read" else READ_SECONDS)


async def test_a_download_may_take_as_long_as_it_takes() -> None:
    timeout, _ = await timeout_of("GET")
    assert timeout.total is None and timeout.sock_read == READ_SECONDS


async def test_what_python_telegram_bot_quotes_holds_no_token_however_short() -> None:
    page = b"wrong: 7:short, /bot7:short/getMe"
    for status, body in ((299, page), (300, b"wrong: ***, /bot***/getMe")):
        connections: Any = SimpleNamespace(sends=Session(status, page), polls=None, proxy=None)
        request = AiohttpRequest(connections)
        answer = await request.do_request("http://x/bot7:short/getMe", "POST")
        assert answer == (status, body)
