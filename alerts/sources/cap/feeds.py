"""What a feed's answer holds: Atom or RSS with links or whole messages in it, or one message. Pure.

Of a document that breaks off, the whole entries are taken and the rest is asked for again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urljoin

from alerts.sources.cap import xml
from alerts.sources.cap.model import CapAlert, Doubt, Flaw, Unreadable
from alerts.sources.cap.reading import LONGEST_QUOTE, alert_of
from alerts.sources.cap.times import time_of

CAP_TYPE = "application/cap+xml"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed: the message itself, where it is to be had, or why it cannot be read."""

    id: str
    raw: bytes = b""
    alert: CapAlert | None = None
    link: str = ""
    updated: datetime | None = None
    flaw: Flaw | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class FeedRead:
    """What a feed held. ``broke_off``: the end of it is missing."""

    entries: tuple[FeedEntry, ...] = ()
    updated: datetime | None = None
    broke_off: bool = False


def read_feed(body: bytes, zone: tzinfo, url: str = "") -> FeedRead:
    """The entries of a feed.

    :param url: its address, to which links are relative.
    :raises Unreadable: nothing of it can be read.
    """
    try:
        root, doubts = xml.parsed(body)
    except Unreadable as error:
        if error.flaw is not Flaw.NOT_XML:
            raise
        pieces = xml.whole_pieces(body, "entry", "item") or xml.whole_pieces(body, "alert")
        entries = [entry for piece in pieces for entry in _of_piece(piece, zone, url)]
        if not entries:
            raise
        return FeedRead(tuple(entries), broke_off=True)
    reading = _Reading(zone, url, body, root, doubts)
    updated = time_of(_updated(root), zone, set())
    return FeedRead(tuple(_entries(root, reading)), updated)


class _Reading:
    """What a document is read with. ``raw``: its messages as they were written."""

    def __init__(
        self,
        zone: tzinfo,
        url: str,
        body: bytes,
        root: Any,
        doubts: frozenset[Doubt] = frozenset(),
    ) -> None:
        self.zone, self.url, self.doubts = zone, url, doubts
        self.alert_tags = xml.tags_of(root, "alert")
        self.raw = xml.as_written(body, root, "alert", self.alert_tags)


def _of_piece(piece: bytes, zone: tzinfo, url: str) -> Iterator[FeedEntry]:
    try:
        root, doubts = xml.parsed(piece)
    except Unreadable as error:
        yield FeedEntry("", piece, flaw=error.flaw, text=error.text)
        return
    reading = _Reading(zone, url, piece, root, doubts)
    if xml.local(root) == "alert":
        yield _whole(root, reading)
    else:
        yield from _of_entry(root, reading)


def _entries(root: Any, reading: _Reading) -> Iterator[FeedEntry]:
    kind = xml.local(root)
    if kind == "alert":
        yield _whole(root, reading)
        return
    name = "entry" if kind == "feed" else "item"
    # Where they should stand; looked for everywhere only if there are none.
    rows = xml.children(root, name) or list(xml.within(root, xml.tags_of(root, name)))
    if rows:
        for row in rows:
            yield from _of_entry(row, reading)
        return
    alerts = list(xml.within(root, reading.alert_tags))  # many in a wrapper: EDXL-DE, an archive
    if not alerts and kind not in ("feed", "rss", "RDF", "channel"):
        raise Unreadable(Flaw.PAGE) if kind.lower() == "html" else Unreadable(Flaw.NOT_CAP, kind)
    for alert in alerts:
        yield _whole(alert, reading)


def _of_entry(row: Any, reading: _Reading) -> Iterator[FeedEntry]:
    """The messages in an entry, or the one that it points to."""
    kids = xml.named(row)
    name = xml.said(kids, "id", "guid", "identifier")
    said = xml.said(kids, "updated", "pubdate", "published")
    updated = time_of(said, reading.zone, set()) if said else None
    inside = list(xml.within(row, reading.alert_tags))
    for alert in inside:
        whole = _whole(alert, reading)
        yield replace(whole, id=name or whole.id, updated=updated)
    if inside:
        return
    as_text = list(_of_texts(kids, reading))
    for found in as_text:
        yield replace(found, id=name or found.id, updated=updated)
    if as_text:
        return
    link = _link(row, reading.url)
    if not link and name.startswith(("http://", "https://")):
        link = name  # NWS: the id is the address
    if link:
        yield FeedEntry(name or link, link=link, updated=updated)
    elif not _NOTHING.match(title := xml.said(kids, "title")):
        words = title[:LONGEST_QUOTE]
        yield FeedEntry(name or words, _kept(row)[0], None, "", updated, Flaw.NO_MESSAGE, words)


_NOTHING = re.compile(
    r"\s*(?:currently,? )?(?:there (?:is|are) )?(?:currently )?no "
    r"(?:(?:active|current|currently|new|other|valid|severe|public|weather|flood|fire) ){0,4}"
    r"(?:alerts?|warnings?|watches|advisories)\b"
    r"|\s*(?:\S{1,8}[省市县縣区區州])?(?:暂时?|暫時?|当前|當前|目前|现在?|現[在時]?|今[天日]|[并並])*"
    r"[无無沒没](?:有|任何|生效|有效|中|的|新|气象|氣象|天气|天氣|灾害|災害)*"
    r"(?:预警|預警|警告|警报|警報)(?:信息|訊息|資訊|信[号號])?(?:生效中?)?\W*$",
    re.IGNORECASE,
)
"""The title of the entry that stands for none: "No alerts in effect", 当前无预警. Nothing else may
stand before it or within: 无锡市气象台发布暴雨红色预警 is a warning.
"""

_TEXTS = ("content", "encoded", "description", "summary")
"""Where an entry may hold a message as text: Atom's content, RSS's content:encoded, description."""

_WRITTEN_ALERT = re.compile(r"<(?:[\w.-]+:)?alert[\s>]")
_MOST_ESCAPES = 3
"""How often a message may be escaped (ours): once by the feed, once more by what made it."""


def _of_texts(kids: xml.Named, reading: _Reading) -> Iterator[FeedEntry]:
    """The messages that stand in an entry as text: escaped, or as CDATA."""
    for name in _TEXTS:
        for child in kids.get(name, ()):
            text = _unescaped(xml.text_of(child))
            begins = _WRITTEN_ALERT.search(text)
            if begins is None:
                continue
            if "<!DOCTYPE" in text or "<!ENTITY" in text:  # is refused as a whole
                begins = None
            piece = text[0 if begins is None else begins.start() :].encode()
            yield from _of_text(piece, reading)
            return


def _of_text(piece: bytes, reading: _Reading, *, apart: bool = True) -> Iterator[FeedEntry]:
    """The messages of a text; if it is no document, of the pieces that it falls apart into."""
    try:
        root, doubts = xml.parsed(piece)
    except Unreadable as error:
        several = apart and error.flaw is Flaw.NOT_XML  # or words behind
        inside = xml.whole_pieces(piece, "alert") if several else []
        for one in inside:
            yield from _of_text(one, reading, apart=False)
        if not inside:
            yield FeedEntry("", piece, flaw=error.flaw, text=error.text)
        return
    inner = _Reading(reading.zone, reading.url, piece, root, reading.doubts | doubts)
    for alert in xml.within(root, inner.alert_tags):
        yield _whole(alert, inner)


def _unescaped(text: str) -> str:
    """A text, with its markup as markup again if it was escaped more than once."""
    for _ in range(_MOST_ESCAPES - 1):
        if "<" in text or "&lt;" not in text:
            break
        text = html.unescape(text)
    return text


def _link(row: Any, url: str) -> str:
    """The address of the message: a link of its type, else an ordinary one, else any."""
    links: list[tuple[tuple[bool, bool], int, str]] = []
    for link in xml.children(row, "link"):
        address = (link.get("href") or xml.text_of(link)).strip()
        if address:
            rank = (link.get("type") != CAP_TYPE, link.get("rel", "alternate") != "alternate")
            links.append((rank, len(links), address))
    try:
        return urljoin(url, min(links)[2]) if links else ""
    except ValueError:  # no address at all
        return ""


def _whole(element: Any, reading: _Reading) -> FeedEntry:
    raw, too_deep = reading.raw.get(element), False
    if raw is None:
        raw, too_deep = _kept(element)
    if too_deep:
        return FeedEntry("", raw, flaw=Flaw.TOO_LARGE, text="nested too deep")
    try:
        alert = alert_of(element, reading.zone, set(reading.doubts))
    except Unreadable as error:
        name = xml.child_text(element, "identifier")
        return FeedEntry(name, raw, flaw=error.flaw, text=error.text)
    return FeedEntry(alert.identifier, raw, alert)


def _kept(element: Any) -> tuple[bytes, bool]:
    """An element as a document of its own; its words, and ``True``, where thousands of elements
    are in each other: no agency writes that.
    """
    try:
        return written(element), False
    except RecursionError:
        return "".join(element.itertext()).encode() or b"deep", True


def _updated(root: Any) -> str:
    channel = next(iter(xml.children(root, "channel")), root)
    return xml.child_text(channel, "updated", "lastBuildDate", "pubDate")


def written(element: Any) -> bytes:
    """An element as a document of its own, written anew."""
    from xml.etree.ElementTree import tostring

    return tostring(element, encoding="unicode").encode()
