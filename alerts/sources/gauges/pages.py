"""An answer in pages: the link to the next is followed and the pages become one answer.

SensorThings writes it as ``@iot.nextLink``, the OGC API of the USGS as the link ``next``.

Followed on the host that was asked only, never away from https, so many pages and so long at most:
what a server says next is its own choice, and a key goes with the question. A link that is not
followed, or brings nothing, stays in the answer: the reader says that there was more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic
from typing import Any

import orjson

from alerts.sources.amounts import Unfit, json_of
from alerts.sources.feeds import WHOLE_SECONDS, FeedAnswer, FeedRequest, fetch, redirected
from alerts.sources.gauges.usgs import next_of

NEXT = "@iot.nextLink"

MOST_PAGES = 50
"""Of one poll, the first counted (ours): of a hundred rows each, all gauges of a province."""

Fetch = Callable[[FeedRequest], FeedAnswer]


def fetch_pages(asking: FeedRequest, ask: Fetch = fetch) -> FeedAnswer:
    """Ask, and ask for the pages that follow. Never raises; see ``feeds.fetch``.

    :param ask: asks for one page.
    """
    first = ask(asking)
    if first.fault is not None or first.unchanged:
        return first
    if f'{NEXT}"'.encode() not in first.body and b'"next"' not in first.body:
        return first
    try:
        whole = json_of(first.body)
    except Unfit:  # the reader says so
        return first
    following = _Following(asking, ask, len(first.body))
    if not isinstance(whole, dict):
        return first
    things = [whole]
    if isinstance(whole.get("features"), list):
        if not next_of(whole):
            return first
        following.fill_features(whole)
    elif isinstance(whole.get("value"), list):
        following.fill(whole, "value")
        things = whole["value"]
    for thing in things:  # the Observations of a Datastream go on with older ones: of no use
        if isinstance(thing, dict) and isinstance(thing.get("Datastreams"), list):
            following.fill(thing, "Datastreams")
    # Of several pages the first alone may be unchanged: the next poll asks for all of them.
    return replace(first, body=orjson.dumps(whole), etag=None, last_modified=None)


class _Following:
    """The pages that may still be asked for, in all lists of one answer."""

    def __init__(self, asking: FeedRequest, ask: Fetch, size: int) -> None:
        self._asking = replace(asking, etag=None, last_modified=None)
        self._ask = ask
        self._bytes_left = asking.max_bytes - size
        self._pages_left = MOST_PAGES - 1
        self._until = monotonic() + WHOLE_SECONDS
        self._asked = {asking.url}

    def fill(self, holder: dict[str, Any], name: str) -> None:
        """Put what follows into the list ``name`` of an entity; its link goes when all is there."""
        link = _link(name)
        while holder.get(link):
            page = self._page(str(holder[link]), "value")
            if page is None:
                return
            holder[name] = [*holder[name], *page["value"]]
            del holder[link]
            if page.get(NEXT):
                holder[link] = page[NEXT]

    def fill_features(self, holder: dict[str, Any]) -> None:
        """Put what follows into a collection; its links are those of the last page."""
        while address := next_of(holder):
            page = self._page(address, "features")
            if page is None:
                return
            holder["features"] = [*holder["features"], *page["features"]]
            holder["links"] = page.get("links")

    def _page(self, address: str, rows: str) -> dict[str, Any] | None:
        """The page at an address; ``None``: it is not asked for, or it is none."""
        url = redirected(self._asking.url, address)
        if url is None or url in self._asked or not self._pages_left or self._bytes_left <= 0:
            return None
        if monotonic() > self._until:
            return None
        self._asked.add(url)
        self._pages_left -= 1
        answer = self._ask(replace(self._asking, url=url, max_bytes=self._bytes_left))
        if answer.fault is not None or answer.unchanged:
            return None
        self._bytes_left -= len(answer.body)
        try:
            page = json_of(answer.body)
        except Unfit:
            return None
        fits = isinstance(page, dict) and isinstance(page.get(rows), list)
        return page if fits else None


def _link(name: str) -> str:
    return NEXT if name == "value" else f"{name}{NEXT}"
