"""Where the newest picture of a source is, and of what time: by its address or an index. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urljoin, urlsplit

from alerts.sky_pictures.model import SkySource
from alerts.sources.amounts import Unfit, json_of
from alerts.sources.hotspots import FeedFault
from alerts.sources.written_times import read_time

TRIES = 6
"""Times tried in one poll, the newest first: the newest may not be published yet (ours)."""

AHEAD = timedelta(minutes=10)
"""Clocks differ: a time this little in the future is taken (ours); one beyond it is a forecast."""

_TIME = re.compile(r"\{time:([^{}]*)\}")
_PICTURE = "{picture}"


@dataclass(frozen=True, slots=True)
class Place:
    """A picture to be fetched: its address and its own time."""

    url: str
    taken_at: datetime


def has_time(url: str) -> bool:
    """Whether an address has a place for the time."""
    return _TIME.search(url) is not None


def places(source: SkySource, after: datetime | None, now: datetime) -> list[Place]:
    """Where pictures may lie that are newer than ``after``, by the pattern of the address."""
    step = max(source.step, timedelta(minutes=1))
    newest = now - source.delay
    newest -= (newest - _EPOCH) % step
    found = []
    for back in range(TRIES):
        at = newest - back * step
        if after is not None and at <= after:
            break
        found.append(Place(with_time(source.url, at, source.zone), at))
    return found


def with_time(url: str, at: datetime, zone: tzinfo) -> str:
    """The address of the picture of that time."""
    local = at.astimezone(zone)
    return _TIME.sub(lambda found: local.strftime(found[1]), url)


def place_in_index(source: SkySource, body: bytes, now: datetime) -> Place | FeedFault:
    """The newest picture that a JSON index names: not what lies in the future."""
    try:
        entries = _entries(json_of(body), source.index_list)
    except Unfit as error:
        begins = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        return FeedFault.HTML if begins == b"<" else error.fault
    if entries is None:
        return FeedFault.MISSING_COLUMN
    newest: Place | None = None
    elsewhere = False
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        at = _moment(entry.get(source.index_time), source.zone)
        picture = entry.get(source.index_picture)
        if at is None or at > now + AHEAD or not isinstance(picture, str) or not picture:
            continue
        if newest is None or at > newest.taken_at:
            url = _address(source, picture)
            if url is None:
                elsewhere = True
            else:
                newest = Place(url, at)
    return newest or (FeedFault.ELSEWHERE if elsewhere else FeedFault.NO_TIME)


def _address(source: SkySource, picture: str) -> str | None:
    """Where it is; ``None``: not on a host of the settings, so that no index sends the bot where
    it likes, nor has what lies there posted to groups."""
    try:
        if _PICTURE in source.url:
            url = source.url.replace(_PICTURE, picture)
        else:
            url = urljoin(source.url or source.index, picture)
        configured = {_host(source.url.replace(_PICTURE, "")), _host(source.index)}
        return url if _host(url) in configured - {("", "")} else None
    except ValueError:  # no address at all
        return None


def _host(url: str) -> tuple[str, str]:
    """The scheme, and the host with its port; what stands before an @ makes it another."""
    parts = urlsplit(url)
    return (parts.scheme, parts.netloc.lower())


def _entries(given: Any, path: str) -> list[Any] | None:
    """The list at a path such as ``radar.past``; an object there is a list of one."""
    for name in filter(None, path.split(".")):
        if isinstance(given, Mapping):
            given = given.get(name)
        elif isinstance(given, list) and name.isdecimal() and int(name) < len(given):
            given = given[int(name)]
        else:
            return None
    if isinstance(given, Mapping):
        return [given]
    return given if isinstance(given, list) else None


def _moment(value: Any, zone: tzinfo) -> datetime | None:
    """A time of an index, as ``written_times`` reads it.

    :param zone: of a time that says none.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = read_time(str(value), zone)
    return None if found is None else found.at


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def time_of_header(text: str | None, now: datetime) -> datetime | None:
    """When the server says that the file was made; ``None``: not, in the future, or in a zone that
    nobody knows. HTTP's dates are UTC, also where they say no zone."""
    found = None if text is None else read_time(text, UTC)
    return None if found is None or found.at > now + AHEAD else found.at
