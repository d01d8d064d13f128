"""JSON over connections that are kept: the HTTP of messages and of the answers to taps."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from yarl import URL

from bot.telegram.bot_api import BotApi
from bot.telegram.failures import OutcomeKind, Reason
from bot.telegram.kept_connections import (
    LARGEST_ANSWER,
    LONGEST_HEAD,
    Answer,
    AnswerReader,
    ConnectionLost,
    KeptConnections,
    NotConnected,
    _KeptConnection,
    request_head,
)
from bot.telegram.transport import Connections
from tests.unit.http_server import TOKEN
from tests.waiting import PassTime, free_port, let_happen, until

OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"
    + b'{"ok":true}'
)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OPEN_ENDED = b"HTTP/1.1 502 Bad Gateway\r\n\r\n"

KEEP_SECONDS = 30.0


class Peer:
    """A server of plain bytes: what arrives is kept by connection, what it says is the test's."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, bytes]] = []  # which connection it came by, and what
        self.writers: list[asyncio.StreamWriter] = []
        self.says: bytes | None = OK  # to each request; None: nothing
        self.hangs_up = False

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.writers)
        self.writers.append(writer)
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length:")[1].split()[0])
            self.requests.append((number, head + await reader.readexactly(length)))
            if self.says is not None:
                writer.write(self.says)
            if self.hangs_up:
                writer.close()
                return

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
async def url(peer: Peer) -> AsyncIterator[URL]:
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    yield URL.build(scheme="http", host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    server.close()
    for writer in peer.writers:
        writer.close()


@pytest.fixture
async def kept(url: URL) -> AsyncIterator[KeptConnections]:
    kept = KeptConnections(url, limit=2, keep_seconds=KEEP_SECONDS, connect_seconds=10)
    yield kept
    await kept.close()


async def posted(kept: KeptConnections, body: bytes = b"{}") -> Answer:
    return await kept.post(request_head(URL("http://host:81/bot1:x/getMe")), body)


def test_a_request_says_where_to_and_how_long_it_is() -> None:
    assert request_head(URL("https://api.telegram.org/bot1:x/getMe")) == (
        b"POST /bot1:x/getMe HTTP/1.1\r\nHost: api.telegram.org\r\nAccept-Encoding: identity\r\n"
        b"Content-Type: application/json\r\nContent-Length: "
    )
    assert b"\r\nHost: [::1]:8081\r\n" in request_head(URL("http://[::1]:8081/x/bot1:x/getMe"))


@pytest.mark.parametrize(
    ("received", "body", "kept"),
    [
        (OK, b'{"ok":true}', True),
        (OK.replace(b"200 OK", b"200"), b'{"ok":true}', True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b'{"ok":true}', True),
        (OK.replace(b"HTTP/1.1", b"HTTP/1.0"), b'{"ok":true}', False),
        (OK.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"), b'{"ok":true}', False),
        (OK.replace(b"\r\n\r\n", b"\r\nconnection:keep-alive\r\n\r\n"), b'{"ok":true}', True),
        (
            OK.replace(b"\r\nContent-L", b"\r\nX-Content-Length: 3\r\nContent-L"),
            b'{"ok":true}',
            True,
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (CHUNKED + b"3\r\nabc\r\nA;note=1\r\n0123456789\r\n0\r\n\r\n", b"abc0123456789", True),
        (CHUNKED + b"2\r\n\r\n\r\n0\r\nLast: one\r\n\r\n", b"\r\n", True),
    ],
)
def test_an_answer_is_read_whole_or_not_at_all(received: bytes, body: bytes, kept: bool) -> None:
    reader = AnswerReader()
    for _ in range(2 if kept else 1):  # and the next one on the same connection
        found = reader.read(received)
        assert found is not None
        assert (found.body, reader.may_go_on) == (body, kept)
    in_pieces = AnswerReader()
    pieces = [in_pieces.read(bytes([byte])) for byte in received]
    assert pieces[:-1] == [None] * (len(received) - 1)
    assert pieces[-1] == found
    for end in range(len(received)):
        cut_off = AnswerReader()
        assert cut_off.read(received[:end]) is None
        assert cut_off.at_end() is None


def test_what_comes_after_an_answer_makes_the_connection_useless() -> None:
    for whole, body in ((OK, b'{"ok":true}'), (CHUNKED + b"0\r\n\r\n", b"")):
        for more in (b"x", OK):
            reader = AnswerReader()
            assert reader.read(whole + more) == Answer(200, body, None)
            assert not reader.may_go_on


def test_an_answer_may_end_with_its_connection() -> None:
    reader = AnswerReader()
    assert reader.read(OPEN_ENDED + b"<html>") is None
    assert reader.at_end() == Answer(502, b"<html>", None)
    assert not reader.may_go_on


def test_an_answer_belongs_to_one_request_only() -> None:
    reader = AnswerReader()
    assert reader.read(OK) is not None
    assert reader.at_end() is None
    assert reader.read(OPEN_ENDED + b"<html>") is None
    assert reader.at_end() == Answer(502, b"<html>", None)


async def test_a_connection_cut_after_an_answer_does_not_give_it_again(
    peer: Peer, kept: KeptConnections
) -> None:
    await posted(kept)
    peer.says, peer.hangs_up = b"", True
    with pytest.raises(ConnectionLost):
        await posted(kept)
    assert [which for which, _ in peer.requests] == [0, 0]


def test_how_long_to_wait_is_told_with_a_refusal_only() -> None:
    waits = OK.replace(b"\r\n\r\n", b"\r\nRetry-After: 12\r\n\r\n")
    reader = AnswerReader()
    refusal = waits.replace(b"200 OK", b"429 Too Many")
    assert reader.read(refusal) == Answer(429, b'{"ok":true}', "12")
    assert reader.read(waits) == Answer(200, b'{"ok":true}', None)
    assert reader.read(refusal.replace(b"Retry-After: 12\r\n", b"")) == Answer(
        429, b'{"ok":true}', None
    )


@pytest.mark.parametrize(
    "received",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        OK.replace(b"11", b"many"),
        OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
        CHUNKED + b"-1\r\n\r\n",
        CHUNKED + b"three\r\n",
        b"HTTP/1.1 200 OK" + b"x" * LONGEST_HEAD,
        OPEN_ENDED + b"x" * LARGEST_ANSWER,
    ],
)
def test_what_is_no_answer_is_refused(received: bytes) -> None:
    with pytest.raises(ValueError):
        AnswerReader().read(received)


async def test_one_connection_carries_one_request_after_another(
    peer: Peer, kept: KeptConnections
) -> None:
    assert await posted(kept, b"[1]") == Answer(200, b'{"ok":true}', None)
    await posted(kept, b"[2]")
    assert [(which, request[-3:]) for which, request in peer.requests] == [(0, b"[1]"), (0, b"[2]")]


async def test_an_answer_comes_in_pieces(peer: Peer, kept: KeptConnections) -> None:
    peer.says = None
    asking = asyncio.create_task(posted(kept))
    await until(lambda: peer.requests)
    for byte in OK:
        assert not asking.done()
        peer.writers[0].write(bytes([byte]))
        await let_happen()
    assert (await asking).body == b'{"ok":true}'


async def test_a_connection_closed_meanwhile_is_not_used(peer: Peer, kept: KeptConnections) -> None:
    await posted(kept)
    peer.writers[0].close()
    await peer.writers[0].wait_closed()
    await let_happen()
    await posted(kept)
    assert [which for which, _ in peer.requests] == [0, 1]


async def test_a_connection_unused_for_long_is_not_used(
    peer: Peer, kept: KeptConnections, pass_time: PassTime
) -> None:
    await posted(kept)
    await pass_time(KEEP_SECONDS - 1)
    await posted(kept)
    await pass_time(KEEP_SECONDS + 1)
    await posted(kept)
    assert [which for which, _ in peer.requests] == [0, 0, 1]


async def test_bytes_nobody_asked_for_close_the_connection(
    peer: Peer, kept: KeptConnections
) -> None:
    await posted(kept)
    peer.writers[0].write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    await until(peer.writers[0].is_closing)
    assert (await posted(kept)).status == 200
    assert [which for which, _ in peer.requests] == [0, 1]


async def test_bytes_after_an_answer_close_the_connection_before_it_is_taken() -> None:
    """The second answer belongs to nobody: whoever asked next would take it for theirs."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    did: list[str] = []

    def write(_request: bytes) -> None:
        connection.data_received(answer)
        assert did == []
        connection.data_received(answer)

    transport = SimpleNamespace(
        write=write, abort=lambda: did.append("aborted"), close=lambda: did.append("closed")
    )
    connection = _KeptConnection()
    connection._transport = transport  # type: ignore[assignment]
    assert (await connection.exchange(b"POST")).status == 200
    assert did == ["aborted"]
    connection.connection_lost(None)  # nobody waits any more
    connection.cut_off()
    assert did == ["aborted", "aborted"]


async def test_an_answer_that_ends_with_its_connection(peer: Peer, kept: KeptConnections) -> None:
    peer.says, peer.hangs_up = OPEN_ENDED + b"<html>", True
    assert await posted(kept) == Answer(502, b"<html>", None)


@pytest.mark.parametrize("says", [b"", OK[:-1], b"220 smtp ready\r\n\r\n"])
async def test_an_answer_that_never_comes_is_told(
    peer: Peer, kept: KeptConnections, says: bytes
) -> None:
    peer.says, peer.hangs_up = says, True
    for _ in range(3):  # as often as one likes: its place is free again each time
        with pytest.raises(ConnectionLost):
            await posted(kept)
    peer.says, peer.hangs_up = OK, False
    assert (await posted(kept)).status == 200


async def test_no_connection_is_told_and_takes_no_place() -> None:
    url = URL(f"http://127.0.0.1:{free_port()}")
    kept = KeptConnections(url, limit=1, keep_seconds=1, connect_seconds=10)
    for _ in range(3):
        with pytest.raises(NotConnected, match="ConnectionRefusedError"):
            await posted(kept)
    await kept.close()


async def test_those_beyond_the_limit_wait_their_turn(peer: Peer, kept: KeptConnections) -> None:
    peer.says = None
    asking = [asyncio.create_task(posted(kept, b"%d" % n)) for n in range(6)]
    await until(lambda: len(peer.requests) == 2)
    asking[2].cancel()  # one that waits for a connection
    asking[0].cancel()  # one that waits for its answer: its connection is gone with it
    await until(lambda: len(peer.requests) == 3)
    peer.says = OK
    for writer in peer.writers[1:]:
        writer.write(OK)
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert [isinstance(answer, Answer) for answer in answers] == [
        False,
        True,
        False,
        True,
        True,
        True,
    ]
    assert len(peer.writers) == 3


async def test_a_turn_that_is_not_taken_goes_to_the_next(peer: Peer, kept: KeptConnections) -> None:
    peer.says = None
    asking = [asyncio.create_task(posted(kept)) for _ in range(2)]
    await until(lambda: len(peer.requests) == 2)
    first, second = (asyncio.create_task(posted(kept)) for _ in range(2))
    await let_happen()
    asking[0].add_done_callback(lambda _: first.cancel())  # it has just been told to go on
    asking[0].cancel()
    peer.says = OK
    assert (await second).status == 200
    assert first.cancelled()
    asking[1].cancel()


async def test_closing_ends_what_is_under_way(peer: Peer, kept: KeptConnections) -> None:
    peer.says = None
    asking = asyncio.create_task(posted(kept))
    await until(lambda: peer.requests)
    await kept.close()
    with pytest.raises(ConnectionLost):
        await asking
    with pytest.raises(NotConnected):
        await posted(kept)


@pytest.mark.parametrize(
    ("says", "kind", "reason"),
    [
        (OPEN_ENDED + b"<html>", OutcomeKind.UNCERTAIN, Reason.SERVER_ERROR),
        (OK[:-1], OutcomeKind.UNCERTAIN, Reason.CONNECTION_LOST),
        (
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
            OutcomeKind.UNCERTAIN,
            Reason.UNREADABLE,
        ),
    ],
)
async def test_what_comes_of_it_is_told_as_ever(
    peer: Peer, url: URL, says: bytes, kind: OutcomeKind, reason: Reason
) -> None:
    peer.says, peer.hangs_up = says, True
    async with Connections() as connections:
        outcome = await BotApi(connections, TOKEN, str(url)).call("sendMessage", {"chat_id": 1})
    assert (outcome.kind, outcome.reason) == (kind, reason)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server called localhost, with its key, signed by nobody else."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    pem = tmp_path_factory.mktemp("tls") / "localhost.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made = [openssl, "req", "-x509", *curve, "-keyout", pem, "-out", f"{pem}.public", *names]
    subprocess.run(made, check=True, capture_output=True)
    pem.write_text(pem.read_text() + Path(f"{pem}.public").read_text())
    return pem


@pytest.mark.parametrize("trusted", [True, False])
async def test_with_tls_only_to_a_server_that_is_who_it_says(
    peer: Peer, certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    identity = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    identity.load_cert_chain(certificate)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=identity)
    url = URL(f"https://localhost:{server.sockets[0].getsockname()[1]}")
    async with Connections() as connections:
        api = BotApi(connections, TOKEN, str(url))
        outcomes = [await api.call("sendMessage", {"text": "x" * 100_000}) for _ in range(3)]
    server.close()
    if trusted:
        assert {outcome.kind for outcome in outcomes} == {OutcomeKind.SENT}
        assert [(which, len(request) > 100_000) for which, request in peer.requests] == [
            (0, True)
        ] * 3
    else:
        assert {outcome.reason for outcome in outcomes} == {Reason.NOT_CONNECTED}
        assert {outcome.description for outcome in outcomes} == {"SSLCertVerificationError"}
        assert peer.requests == []


@pytest.mark.parametrize("proxy", [True, False])
async def test_by_a_proxy_or_with_a_password_the_request_goes_by_aiohttp(
    peer: Peer, url: URL, proxy: bool
) -> None:
    asked = URL("http://telegram.invalid") if proxy else url.with_user("a").with_password("b")
    async with Connections(proxy=str(url) if proxy else None) as connections:
        assert connections.kept(asked) is None
        assert (await BotApi(connections, TOKEN, str(asked)).call("getMe")).ok
    [(_, request)] = peer.requests
    if proxy:
        assert request.startswith(b"POST http://telegram.invalid/bot")
    else:
        assert b"Authorization: Basic" in request
