"""A CAP message, 1.1 or 1.2, as agencies write it: strict where nothing else can be meant. Pure.

Read leniently: names in any namespace and with any prefix; the names of GB/T 35965.1 (``sendTime``,
``senderCode``, ``eventType``, a bare ``geocode`` and ``references``); newlines inside codes and
polygons; rings that are open; times without a zone. What was read so is a ``Doubt`` of the message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any, TypeVar

from alerts.sources.cap import xml
from alerts.sources.cap.model import (
    CapAlert,
    CapArea,
    CapCircle,
    CapInfo,
    CapStatus,
    CapType,
    Doubt,
    Flaw,
    Point,
    Reference,
    Unreadable,
)
from alerts.sources.cap.times import time_of

E = TypeVar("E", CapType, CapStatus)

LONGEST_IDENTIFIER = 200
"""Characters of an identifier or a sender that are kept (ours): a longer one is cut."""

LONGEST_REFERENCES = 4000
"""Characters of references that are read (ours): 20 of them."""

METRES_FROM = 3000.0
"""A radius from here on is no kilometres: half of the earth has 20,000, no warning this many."""

LONGEST_QUOTE = 40
"""Characters of what cannot be read that are said (ours)."""

_CAP = "urn:oasis:names:tc:emergency:cap:"
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|[-+]?\.\d+")


def read_alert(body: bytes, zone: tzinfo) -> CapAlert:
    """The message in a document.

    :param zone: where times without a zone are of.
    :raises Unreadable: it is no CAP message, or one that nobody could act on.
    """
    root, doubts = xml.parsed(body)
    found = next(xml.within(root, xml.tags_of(root, "alert")), None)
    if found is None:
        kind = xml.local(root)
        raise Unreadable(Flaw.PAGE) if kind.lower() == "html" else Unreadable(Flaw.NOT_CAP, kind)
    return alert_of(found, zone, set(doubts))


def alert_of(element: Any, zone: tzinfo, doubts: set[Doubt]) -> CapAlert:
    """The message in an ``alert`` element.

    :raises Unreadable: as ``read_alert``.
    """
    doubts, kids = set(doubts), xml.named(element)
    if xml.namespace(element) not in (f"{_CAP}1.1", f"{_CAP}1.2"):
        doubts.add(Doubt.VERSION)
    if "signature" in kids:
        doubts.add(Doubt.SIGNED)
    identifier = _code(xml.said(kids, "identifier"))
    if not identifier:
        raise Unreadable(Flaw.NO_IDENTIFIER)
    infos = tuple(_info(info, zone, doubts) for info in kids.get("info", ()))
    written = xml.said(kids, "sent", "sendtime")
    sent = time_of(written, zone, doubts)
    sent = sent or next((info.effective for info in infos if info.effective), None)
    if sent is None:
        raise Unreadable(Flaw.BAD_TIME if written else Flaw.NO_TIME, _line(written)[:LONGEST_QUOTE])
    sender = _line(xml.said(kids, "sender"))[:LONGEST_IDENTIFIER]
    if not sender:
        doubts.add(Doubt.NO_SENDER)
    languages = {info.language.partition("-")[0].lower() for info in infos if info.language}
    if len(languages) > 1:
        doubts.add(Doubt.SEVERAL_LANGUAGES)
    kind = _member(CapType, xml.said(kids, "msgtype"), CapType.ALERT)
    references = tuple(_references(xml.said(kids, "references"), zone, doubts))
    status = _member(CapStatus, xml.said(kids, "status"), CapStatus.ACTUAL)
    meant = status in (CapStatus.ACTUAL, CapStatus.EXERCISE)
    if not infos and meant and kind in (CapType.ALERT, CapType.UPDATE):
        raise Unreadable(Flaw.NO_INFO, identifier)
    return CapAlert(
        identifier,
        sender,
        sent,
        kind,
        status,
        references,
        infos,
        xml.said(kids, "note")[:500],
        _code(xml.said(kids, "sendercode")),
        frozenset(doubts),
    )


def _info(element: Any, zone: tzinfo, doubts: set[Doubt]) -> CapInfo:
    kids = xml.named(element)

    def time(*names: str) -> Any:
        said = xml.said(kids, *names)
        return time_of(said, zone, doubts) if said else None

    codes = list(_pairs(kids, "eventcode"))
    if bare := _code(xml.said(kids, "eventtype")):
        codes.append(("eventType", bare))
    return CapInfo(
        xml.said(kids, "language"),
        _line(xml.said(kids, "event")),
        tuple(codes),
        _line(xml.said(kids, "severity")),
        _line(xml.said(kids, "urgency")),
        _line(xml.said(kids, "certainty")),
        tuple(_line(xml.text_of(found)) for found in kids.get("responsetype", ())),
        time("effective"),
        time("onset"),
        time("expires"),
        _line(xml.said(kids, "sendername")),
        _line(xml.said(kids, "headline")),
        xml.said(kids, "description"),
        xml.said(kids, "instruction"),
        tuple(_pairs(kids, "parameter")),
        tuple(_area(area, doubts) for area in kids.get("area", ())),
    )


def _pairs(kids: xml.Named, name: str) -> Iterator[tuple[str, str]]:
    """Elements with a valueName and a value."""
    for child in kids.get(name, ()):
        parts = xml.named(child)
        value = xml.said(parts, "value")
        if value:
            yield _line(xml.said(parts, "valuename")), _line(value)


def _area(element: Any, doubts: set[Doubt]) -> CapArea:
    kids = xml.named(element)
    rings = []
    for polygon in kids.get("polygon", ()):
        text = xml.text_of(polygon)
        ring = _ring(text)
        if ring:
            rings.append(ring)
        elif text:
            doubts.add(Doubt.BAD_RING)
    circles = []
    for found in kids.get("circle", ()):
        text = xml.text_of(found)
        circle = _circle(text, doubts)
        if circle is not None:
            circles.append(circle)
        elif text:
            doubts.add(Doubt.BAD_RING)
    codes, holes = [], []
    for scheme, value in _geocodes(kids):
        if scheme.upper() != HOLE:
            codes += [(scheme, code) for code in _codes(value)]
        elif hole := _ring(value):
            holes.append(hole)
        else:
            doubts.add(Doubt.BAD_HOLE)
    name = _line(xml.said(kids, "areadesc"))
    return CapArea(name, tuple(rings), tuple(circles), tuple(codes), tuple(holes))


def _geocodes(kids: xml.Named) -> Iterator[tuple[str, str]]:
    for child in kids.get("geocode", ()):
        parts = xml.named(child)
        scheme = _line(xml.said(parts, "valuename"))
        values = [xml.text_of(found) for found in parts.get("value", ())]
        for value in values or [xml.text_of(child)]:  # of GB/T 35965.1: a bare list of codes
            yield scheme, value


HOLE = "EXCLUDE_POLYGON"
"""The scheme in which the German weather service writes what is cut out; CAP knows no holes."""


def _codes(value: str) -> Iterator[str]:
    """The codes in a value: of GB/T 35965.1 a list; with a line end inside one it is one."""
    for part in re.split(r"[,;，；、]+", value):
        words, joined = part.split(), "".join(part.split())
        whole = all(len(word) in _CODE_LENGTHS for word in words)
        yield from [joined] if joined.isdigit() and not whole else words


_CODE_LENGTHS = (6, 9, 12)


def _ring(text: str) -> tuple[Point, ...]:
    """``lat,lon lat,lon …``, whatever stands between; empty: it is none.

    Where each pair is its own word, blanks inside a pair (``43.1, 128.2``) are read, too.
    """
    try:
        numbers = list(map(float, text.replace(",", " ").split()))
    except ValueError:
        numbers = list(map(float, _NUMBER.findall(text)))
    if len(numbers) < 6 or len(numbers) % 2 or not math.isfinite(sum(numbers)):
        return ()
    lats, lons = numbers[::2], numbers[1::2]
    return tuple(zip(lons, lats, strict=True))


def _circle(text: str, doubts: set[Doubt]) -> CapCircle | None:
    numbers = [float(number) for number in _NUMBER.findall(text)]
    if len(numbers) != 3 or not all(map(math.isfinite, numbers)) or numbers[2] < 0:
        return None
    lat, lon, km = numbers
    if km >= METRES_FROM:
        doubts.add(Doubt.METRES)
        km /= 1000
    return CapCircle(lon, lat, km)


def _references(text: str, zone: tzinfo, doubts: set[Doubt]) -> Iterator[Reference]:
    """``sender,identifier,sent`` by blanks; or identifiers alone."""
    for word in _reference_words(text):
        parts = [part.strip() for part in word.split(",")]
        if len(parts) >= 3:
            # A sender may hold commas itself (MeteoAlarm's names): the last two are the others.
            sender, identifier = ",".join(parts[:-2]), parts[-2]
            sent = time_of(parts[-1], zone, set())
            yield Reference(identifier[:LONGEST_IDENTIFIER], sender[:LONGEST_IDENTIFIER], sent)
            continue
        doubts.add(Doubt.LOOSE_REFERENCES)
        for part in parts:
            if part:
                yield Reference(part[:LONGEST_IDENTIFIER])


def _reference_words(text: str) -> list[str]:
    """The references; a sender's name may hold blanks, so they are parted behind each time."""
    text = _line(text[:LONGEST_REFERENCES])
    if "," not in text:
        return text.split()
    timed = re.findall(r"[^,\s][^,]*,[^,\s]+,\s*\d{4}-\d\d-\d\d[T ]\S+", text)
    return timed or text.split()


_BY_WORD: Mapping[Any, Mapping[str, Any]] = {
    kind: {member.value.lower(): member for member in kind} for kind in (CapType, CapStatus)
}


def _member(kind: type[E], text: str, absent: E) -> E:
    """A member by its word, in any case.

    :raises Unreadable: a word that CAP does not have.
    """
    if not text:
        return absent
    found: E | None = _BY_WORD[kind].get(text.lower())
    if found is None:
        raise Unreadable(Flaw.UNKNOWN_TYPE, _line(text)[:LONGEST_QUOTE])
    return found


def _code(text: str) -> str:
    """A code without blanks or line ends inside."""
    return "".join(text.split())[:LONGEST_IDENTIFIER]


def _line(text: str) -> str:
    """Words in one line."""
    return " ".join(text.split())
