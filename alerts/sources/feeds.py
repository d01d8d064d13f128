"""Polling a feed over HTTP; the only module that imports requests. Blocking: call it in a thread.

An answer has a deadline as a whole (``WHOLE_SECONDS``), from the look-up of the host's name to the
last byte: a server that sends a byte now and then is cut off. It has a size, too, which is counted
where the bytes come in: what the libraries make of a length that lies is not relied on. A redirect
is followed on the same host only, and never away from https: whoever answers for another host is
not who was asked.

An address may hold a key (FIRMS puts the map key in the path), so that none is ever in an error,
a log or the database.
"""

from __future__ import annotations

import hashlib
import io
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from alerts.sources.hotspots import FeedFault
from alerts.sources.packed import decoded, unpacked

if TYPE_CHECKING:
    import requests

MEGABYTE = 1024 * 1024
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
WHOLE_SECONDS = 60.0
"""Seconds for the whole answer: a server that trickles must not hold the poll (ours)."""

BESIDE_BODY = MEGABYTE
"""Bytes that may come beside a body: headers, the lengths of chunks, redirects (ours)."""

MOST_REDIRECTS = 5

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """What is asked for: the address, and what is remembered of the last good answer.

    ``headers`` are sent with it: a key, where a feed wants one there.
    """

    url: str = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None
    max_bytes: int = 32 * MEGABYTE
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What came: a body, ``unchanged``, or a ``fault``. ``retry_after`` is the server's wish, s."""

    body: bytes = b""
    unchanged: bool = False
    fault: FeedFault | None = None
    detail: str = ""
    etag: str | None = None
    last_modified: str | None = None
    retry_after: float | None = None
    taken_at: datetime | None = None  # of a picture: its own time


def backoff(failures: int, every: timedelta) -> timedelta:
    """How long to wait after so many failures in a row: a minute doubling to an hour, and never
    less than the feed's own pace; after none, that pace.

    :param every: the pace of the feed.
    """
    if failures <= 0:
        return every
    return max(every, min(LONGEST_REST, FIRST_REST * (1 << min(failures - 1, 10))))


def fingerprint(url: str) -> str:
    """Stands for an address without telling it: another one makes what was remembered void."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def fetch(asking: FeedRequest) -> FeedAnswer:
    """Ask once, for ``WHOLE_SECONDS`` at most. Never raises: what went wrong is the ``fault``.

    What is asked is asked in a thread of its own. Nothing in it can be told to end at a moment, so
    at the deadline its connections are shut, and it is not waited for.
    """
    answers: list[FeedAnswer] = []
    connections = _Connections(asking.max_bytes + BESIDE_BODY)

    def ask() -> None:
        try:
            answer = _ask(asking, connections)
            if connections.too_much:
                answer = FeedAnswer(fault=FeedFault.TOO_LARGE, detail=f"> {asking.max_bytes}")
            answers.append(answer)
        except Exception as error:  # noqa: BLE001 - whatever a server can make the libraries raise
            answers.append(FeedAnswer(fault=FeedFault.UNREACHABLE, detail=type(error).__name__))
        finally:
            connections.shut()

    asked = Thread(target=ask, name="feed", daemon=True)
    asked.start()
    asked.join(WHOLE_SECONDS)
    if answers:
        return answers[0]
    connections.shut()
    return FeedAnswer(fault=FeedFault.TIMEOUT, detail="slow")


class _Connections:
    """The connections of one poll: they can be shut from another thread, and bring so much at most.

    :param most: bytes of all of them.
    """

    def __init__(self, most: int) -> None:
        self._left = most
        self._made: list[socket.socket] = []
        self._shut = False
        self._lock = Lock()

    def made(self, connection: socket.socket) -> None:
        """A connection was made. A duplicate is kept: TLS takes the socket itself over."""
        with self._lock:
            self._made.append(connection.dup())
        if self._shut:
            self.shut()

    @property
    def too_much(self) -> bool:
        """Whether they were shut because of how much came."""
        return self._left < 0

    def came(self, number: int) -> None:
        """So many bytes came.

        :raises OSError: they are too many.
        """
        self._left -= number
        if self.too_much:
            self.shut()
            raise OSError("too much")

    def shut(self) -> None:
        """End them all, those still to be made too; whoever reads from one reads its end."""
        self._shut = True
        with self._lock:
            ended, self._made = self._made, []
        for connection in ended:
            with suppress(OSError), connection:
                connection.shutdown(socket.SHUT_RDWR)


class _Counted(io.RawIOBase):
    """What comes over a connection, counted."""

    def __init__(self, raw: io.RawIOBase, connections: _Connections) -> None:
        self._raw, self._connections = raw, connections

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        number = self._raw.readinto(buffer)
        self._connections.came(number or 0)
        return number

    def close(self) -> None:
        self._raw.close()
        super().close()


def _session(connections: _Connections) -> requests.Session:
    """A session whose connections can be shut, and are counted."""
    from http.client import HTTPResponse

    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    class Answer(HTTPResponse):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.fp = io.BufferedReader(_Counted(self.fp.detach(), connections))

    class Plain(HTTPConnection):
        response_class = Answer

        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            connections.made(connection)
            return connection

    class Secure(HTTPSConnection):
        response_class = Answer

        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            connections.made(connection)
            return connection

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *given: Any, **named: Any) -> None:
            super().init_poolmanager(*given, **named)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    session = requests.Session()
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    return session


def _ask(asking: FeedRequest, connections: _Connections) -> FeedAnswer:
    import requests
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    headers = {"User-Agent": "jiaoying", "Accept-Encoding": "gzip, deflate", **asking.headers}
    if asking.etag:
        headers["If-None-Match"] = asking.etag
    if asking.last_modified:
        headers["If-Modified-Since"] = asking.last_modified
    try:
        url: str | None = asking.url
        for _ in range(MOST_REDIRECTS + 1):
            assert url is not None
            # A session for each: servers close a connection on which they redirected.
            with (
                _session(connections) as session,
                session.get(
                    url,
                    headers=headers,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    stream=True,
                    allow_redirects=False,
                ) as response,
            ):
                if not response.is_redirect:
                    return _answer(response, asking)
                url = redirected(url, response.headers["Location"])
            if url is None:
                return FeedAnswer(fault=FeedFault.REDIRECTED, detail="elsewhere")
        return FeedAnswer(fault=FeedFault.REDIRECTED, detail="again and again")
    except (requests.Timeout, ReadTimeoutError) as error:
        return FeedAnswer(fault=FeedFault.TIMEOUT, detail=type(error).__name__)
    except HTTPError:  # while its body was read
        return FeedAnswer(fault=FeedFault.BROKE_OFF)
    except (requests.RequestException, ValueError) as error:
        return FeedAnswer(fault=FeedFault.UNREACHABLE, detail=type(error).__name__)


def redirected(url: str, location: str) -> str | None:
    """Where a redirect of ``url`` leads; ``None``: away from its host, or from https. Pure."""
    try:
        target = urljoin(url, location)
        before, after = urlsplit(url), urlsplit(target)
        ports = [part.port or _PORTS.get(part.scheme) for part in (before, after)]
    except ValueError:
        return None
    secured = (before.scheme, after.scheme) == ("http", "https")
    same = before.hostname == after.hostname and not after.username
    if (
        after.scheme in _PORTS
        and same
        and (secured or (before.scheme == after.scheme and ports[0] == ports[1]))
    ):
        return target
    return None


_PORTS = {"http": 80, "https": 443}
_NOTHING = (204, 205)
"""Statuses of an answer without a body."""


def _answer(response: object, asking: FeedRequest) -> FeedAnswer:
    import requests

    assert isinstance(response, requests.Response)
    status = response.status_code
    if status == 304 and (asking.etag or asking.last_modified):
        return FeedAnswer(unchanged=True, etag=asking.etag, last_modified=asking.last_modified)
    if status in _NOTHING:  # nothing was read of it: it stands for no empty list either
        return FeedAnswer(fault=FeedFault.EMPTY, detail=f"HTTP {status}")
    if status != 200:
        theirs = status >= 500 or status == 429
        return FeedAnswer(
            fault=FeedFault.SERVER if theirs else FeedFault.REFUSED,
            detail=f"HTTP {status}",
            retry_after=_seconds(response.headers.get("Retry-After")),
        )
    body = bytearray()
    # Unpacked here and not by the library, which takes half of a packed answer for the whole.
    for piece in response.raw.stream(65_536, decode_content=False):
        body += piece
        if len(body) > asking.max_bytes:
            return FeedAnswer(fault=FeedFault.TOO_LARGE, detail=f"> {asking.max_bytes}")
    encoding = response.headers.get("Content-Encoding", "")
    whole = decoded(bytes(body), encoding, asking.max_bytes)
    if isinstance(whole, FeedFault):
        return FeedAnswer(fault=whole, detail=encoding[:20] or "gzip")
    return FeedAnswer(
        whole,
        etag=_short(response.headers.get("ETag")),
        last_modified=_short(response.headers.get("Last-Modified")),
    )


def _short(text: str | None) -> str | None:
    """A header that can be kept; one that is absurdly long is not."""
    return text if text and len(text) <= 200 else None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() and len(text) < 6 else None


def read_file(asking: FeedRequest) -> FeedAnswer:
    """A file of this machine as a feed: its time stands for the ETag. Never raises."""
    try:
        path = Path(asking.url)
        about = path.stat()
        mark = f"{about.st_mtime_ns}-{about.st_size}"
        if mark == asking.etag:
            return FeedAnswer(unchanged=True, etag=mark)
        return replace(of_file(path, asking.max_bytes), etag=mark)
    except OSError as error:
        return FeedAnswer(fault=FeedFault.UNREACHABLE, detail=type(error).__name__)


def of_file(path: Path, most: int) -> FeedAnswer:
    """What a file holds, unpacked.

    :raises OSError: it cannot be read.
    """
    if path.stat().st_size > most:
        return FeedAnswer(fault=FeedFault.TOO_LARGE, detail=f"> {most}")
    whole = unpacked(path.read_bytes(), most)
    if isinstance(whole, FeedFault):
        return FeedAnswer(fault=whole, detail="gzip")
    return FeedAnswer(whole)
