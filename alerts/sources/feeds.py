"""Polling a feed over HTTP; the only module that imports requests. Blocking: call it in a thread.

An address may hold a key (FIRMS puts the map key in the path), so that none is ever in an error,
a log or the database.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from alerts.sources.hotspots import FeedFault

MEGABYTE = 1024 * 1024
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
WHOLE_SECONDS = 120.0
"""Seconds for the whole answer: a server that trickles must not hold the poll (ours)."""

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """What is asked for: the address, and what is remembered of the last good answer."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    max_bytes: int = 32 * MEGABYTE


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
    """Ask once. Never raises: what went wrong is the ``fault`` of the answer."""
    import requests

    headers = {"User-Agent": "jiaoying", "Accept-Encoding": "gzip"}
    if asking.etag:
        headers["If-None-Match"] = asking.etag
    if asking.last_modified:
        headers["If-Modified-Since"] = asking.last_modified
    try:
        with requests.get(
            asking.url, headers=headers, timeout=(CONNECT_SECONDS, READ_SECONDS), stream=True
        ) as response:
            return _answer(response, asking)
    except requests.Timeout as error:
        return FeedAnswer(fault=FeedFault.TIMEOUT, detail=type(error).__name__)
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        return FeedAnswer(fault=FeedFault.BROKE_OFF)
    except (requests.RequestException, ValueError) as error:
        return FeedAnswer(fault=FeedFault.UNREACHABLE, detail=type(error).__name__)


def _answer(response: object, asking: FeedRequest) -> FeedAnswer:
    import requests

    assert isinstance(response, requests.Response)
    status = response.status_code
    if status == 304:
        return FeedAnswer(unchanged=True, etag=asking.etag, last_modified=asking.last_modified)
    if status != 200:
        theirs = status >= 500 or status == 429
        return FeedAnswer(
            fault=FeedFault.SERVER if theirs else FeedFault.REFUSED,
            detail=f"HTTP {status}",
            retry_after=_seconds(response.headers.get("Retry-After")),
        )
    body, began = bytearray(), monotonic()
    for piece in response.iter_content(65_536):
        body += piece
        if len(body) > asking.max_bytes:
            return FeedAnswer(fault=FeedFault.TOO_LARGE, detail=f"> {asking.max_bytes}")
        if monotonic() - began > WHOLE_SECONDS:
            return FeedAnswer(fault=FeedFault.TIMEOUT, detail="slow")
    return FeedAnswer(
        bytes(body),
        etag=_short(response.headers.get("ETag")),
        last_modified=_short(response.headers.get("Last-Modified")),
    )


def _short(text: str | None) -> str | None:
    """A header that can be kept; one that is absurdly long is not."""
    return text if text and len(text) <= 200 else None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() and len(text) < 6 else None
