"""JSON to the Bot API over connections that are kept, for messages and the answers to taps.

Such a request is a few hundred bytes each way, and there are thousands a second. asyncio opens the
connections, httptools (llhttp, the parser of Node.js) reads what comes on them. Measured, a request
through aiohttp's session costs several times the CPU.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from contextlib import suppress
from typing import NamedTuple

import httptools
from yarl import URL

LARGEST_ANSWER = 8 * 1024 * 1024  # bytes
LONGEST_HEAD = 64 * 1024
NEXT_ADDRESS_SECONDS = 0.25  # before the next of a server's addresses is tried beside (RFC 8305)


class NotConnected(Exception):
    """There is no connection: nothing was written. Its text is the name of the cause, no URL."""


class ConnectionLost(Exception):
    """The connection ended, or what came on it is no HTTP: the request may have been done.

    Its text is the name of the cause.
    """


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    body: bytes
    retry_after: str | None  # the header


class KeptConnections:
    """Connections to one server. Use it in one event loop, and close it when done.

    :param url: any of the server's.
    :param limit: so many at once; a request beyond waits for one.
    :param keep_seconds: how long an unused one is kept.
    :param connect_seconds: to open one.
    """

    def __init__(
        self, url: URL, *, limit: int, keep_seconds: float, connect_seconds: float
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit = limit
        self._keep_seconds = keep_seconds
        self._connect_seconds = connect_seconds
        self._host, self._port = url.raw_host or "", url.port or 443
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._closed = False
        self._connections: set[_KeptConnection] = set()  # all that are open
        self._idle: deque[_KeptConnection] = deque()  # the one used last at the right
        self._open = 0  # in use, idle or being opened
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def post(self, head: bytes, body: bytes) -> Answer:
        """Make one request, once.

        :param head: all of it, as ``request_head`` makes it.
        :raises NotConnected: nothing was written.
        :raises ConnectionLost: it was written, perhaps not all of it.
        """
        connection = self._unused() or await self._one_more()
        try:
            answer = await connection.exchange(b"%b%d\r\n\r\n%b" % (head, len(body), body))
        finally:
            self._take_back(connection)
        return answer

    async def close(self) -> None:
        """Close all connections; requests under way fail as ``ConnectionLost``."""
        self._closed = True
        for connection in self._connections:
            connection.cut_off()
        await asyncio.sleep(0)  # the loop closes them

    def _unused(self) -> _KeptConnection | None:
        """The connection that was used last, unless that is too long ago."""
        too_long_ago = self._loop.time() - self._keep_seconds
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.used_at >= too_long_ago:
                return connection
            self._forget(connection)
        return None

    async def _one_more(self) -> _KeptConnection:
        while self._open >= self._limit:
            free = self._loop.create_future()
            self._waiting.append(free)
            try:
                await free
            except asyncio.CancelledError:
                if free.done() and not free.cancelled():
                    self._wake_next()  # it was our turn, and we do not take it
                raise
            finally:
                with suppress(ValueError):
                    self._waiting.remove(free)
            if (connection := self._unused()) is not None:
                return connection
        self._open += 1
        try:
            return await self._opened()
        except BaseException:
            self._open -= 1
            self._wake_next()
            raise

    async def _opened(self) -> _KeptConnection:
        if self._closed:
            raise NotConnected("closed")
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await self._loop.create_connection(
                    _KeptConnection,
                    self._host,
                    self._port,
                    ssl=self._tls,
                    happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
                )
        except (OSError, TimeoutError, UnicodeError) as error:
            cause = type(error).__name__
        else:
            if not self._closed:
                self._connections.add(connection)
                return connection
            connection.cut_off()
            cause = "closed"
        raise NotConnected(cause)  # outside the handler, so that it carries no context

    def _take_back(self, connection: _KeptConnection) -> None:
        if connection.usable:
            connection.used_at = self._loop.time()
            self._idle.append(connection)
            oldest = self._idle[0]
            if not oldest.usable or oldest.used_at < connection.used_at - self._keep_seconds:
                self._forget(self._idle.popleft())
        else:
            self._forget(connection)
        self._wake_next()

    def _forget(self, connection: _KeptConnection) -> None:
        self._open -= 1
        self._connections.discard(connection)
        connection.drop()

    def _wake_next(self) -> None:
        while self._waiting:
            free = self._waiting.popleft()
            if not free.done():
                free.set_result(None)
                return


class _KeptConnection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    __slots__ = ("_asked", "_loop", "_reading", "_transport", "used_at")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reading = AnswerReader()
        self._asked: asyncio.Future[Answer] | None = None  # the request under way
        self.used_at = self._loop.time()

    @property
    def usable(self) -> bool:
        """Whether a request can be made on it now."""
        return self._asked is None and not self._transport.is_closing()

    async def exchange(self, request: bytes) -> Answer:
        """Write the request and wait for its answer.

        :raises ConnectionLost: the connection can be used no more.
        """
        self._asked = self._loop.create_future()
        try:
            self._transport.write(request)
            return await self._asked
        except BaseException:
            self._transport.abort()  # what is still to come belongs to nobody
            raise
        finally:
            self._asked = None

    def drop(self) -> None:
        """Close it, if it is not closed yet."""
        self._transport.close()

    def cut_off(self) -> None:
        """Close it at once; the request under way fails."""
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(ConnectionLost("closed"))
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if (opened := transport.get_extra_info("socket")) is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        if self._asked is None or self._asked.done():
            self._transport.abort()  # nothing was asked
            return
        try:
            answer = self._reading.read(data)
        except ValueError:
            self._transport.abort()
            self._asked.set_exception(ConnectionLost("not HTTP"))
            return
        if answer is not None:
            if not self._reading.may_go_on:
                self._transport.close()
            self._asked.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        if self._asked is None or self._asked.done():
            return
        answer = self._reading.at_end() if exc is None else None
        if answer is not None:
            self._asked.set_result(answer)
        else:
            self._asked.set_exception(ConnectionLost(type(exc).__name__ if exc else "closed"))


class AnswerReader:
    """Reads the answers that come on a connection, one after another. Pure.

    :ivar may_go_on: whether another may come after the last; ``False`` when bytes followed it.
    """

    __slots__ = (
        "_answer",
        "_body",
        "_ends_itself",
        "_head",
        "_parser",
        "_size",
        "_wait",
        "may_go_on",
    )

    def __init__(self) -> None:
        # The library's names for what it calls: see on_… below.
        self._parser = httptools.HttpResponseParser(self)
        self.may_go_on = False
        self._begin()

    def _begin(self) -> None:
        self._answer: Answer | None = None
        self._body: list[bytes] = []
        self._head = True  # it has not come whole yet
        self._ends_itself = False  # by a length or in chunks, not with the connection
        self._size = 0  # bytes read
        self._wait: str | None = None

    def read(self, data: bytes) -> Answer | None:
        """The answer, once all of it has come; ``None`` while more of it is to come.

        :raises ValueError: this is no answer in HTTP/1, or it does not end.
        """
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if self._answer is None:
                raise ValueError("not HTTP") from error
            self.may_go_on = False  # whole, and then something that nobody asked for
        if self._answer is None and self._size > (LONGEST_HEAD if self._head else LARGEST_ANSWER):
            raise ValueError("endless")
        answer = self._answer
        if answer is not None:
            self._begin()  # what comes now belongs to the next request
        return answer

    def at_end(self) -> Answer | None:
        """The connection ended: the answer, if that is what ends it."""
        return None if self._head or self._ends_itself else self._whole()

    def on_message_begin(self) -> None:
        """Called by the parser."""
        if self._answer is not None:
            self.may_go_on = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if self._answer is not None:
            return
        name = name.lower()
        if name == b"retry-after":
            self._wait = value.decode("latin-1")
        elif name in (b"content-length", b"transfer-encoding"):
            self._ends_itself = True

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._head = False

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        if self._answer is None:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        if self._answer is not None:
            return
        if self._parser.get_status_code() < 200:  # a word in advance
            self._head, self._ends_itself, self._wait = True, False, None
            return
        self._answer = self._whole()
        self.may_go_on = self._parser.should_keep_alive()

    def _whole(self) -> Answer:
        status = self._parser.get_status_code()
        return Answer(status, b"".join(self._body), self._wait if status >= 400 else None)


def request_head(url: URL) -> bytes:
    """The head of a POST of JSON to there, up to the number that says how long the body is. Pure.

    The answer is to come as it is: what came compressed could not be read.
    """
    return (
        f"POST {url.raw_path_qs} HTTP/1.1\r\n"
        f"Host: {url.host_port_subcomponent}\r\n"
        "Accept-Encoding: identity\r\n"
        "Content-Type: application/json\r\n"
        "Content-Length: "
    ).encode("ascii")
