"""CAP 1.2 written: a message as XML that OASIS's own schema takes. Pure.

No library writes CAP as a country's profile wants it (docs/adr/0010). The element tree of the
standard library escapes; what is left is the order of the elements, the form of times, and what XML
cannot hold at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from alerts.publishing.cap import CapArea, CapInfo, CapMessage, Named, Position, Reference

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"

CONTENT_TYPE = "application/cap+xml"

LONGEST_HEADLINE = 160
"""Characters; the standard asks for about 160, which fits a telephone's screen."""

LONGEST_TEXT = 4000
"""Characters of a description or an instruction (ours): what is longer is cut, and says so."""

LONGEST_NAME = 500
"""Characters of any other text (ours)."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_TOKEN = re.compile(r"[\s,<&]+")
_PLACES = 6  # of a degree: a tenth of a metre
_FEWEST = 4  # positions of a ring, the last being the first


def as_xml(message: CapMessage, zone: tzinfo) -> bytes:
    """The message as a file: UTF-8, with its declaration.

    :param zone: in which times are written: the standard wants an offset, and never a ``Z``.
    """
    alert = Element("alert", {"xmlns": NAMESPACE})
    _add(alert, "identifier", token(message.identifier))
    _add(alert, "sender", token(message.sender))
    _add(alert, "sent", cap_time(message.sent, zone))
    _add(alert, "status", message.status)
    _add(alert, "msgType", message.msg_type)
    _add(alert, "source", message.source)
    _add(alert, "scope", message.scope)
    _add(alert, "restriction", message.restriction)
    _add(alert, "note", message.note, LONGEST_TEXT)
    _add(alert, "references", references(message.references, zone), None)
    _add(alert, "incidents", " ".join(_quoted(incident) for incident in message.incidents))
    for info in message.infos:
        _info(SubElement(alert, "info"), info, zone)
    indent(alert)
    return bytes(tostring(alert, encoding="utf-8", xml_declaration=True)) + b"\n"


def cap_time(at: datetime, zone: tzinfo) -> str:
    """``2026-07-02T03:00:00+08:00``; UTC is ``-00:00``, as the standard wants it."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    whole = "-00:00" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return f"{local:%Y-%m-%dT%H:%M:%S}{whole}"


def references(earlier: Iterable[Reference], zone: tzinfo) -> str:
    """``sender,identifier,sent`` of each, by blanks."""
    return " ".join(
        f"{token(one.sender)},{token(one.identifier)},{cap_time(one.sent, zone)}" for one in earlier
    )


def token(text: str) -> str:
    """A sender or an identifier, without what would break a reference to it."""
    return _NO_TOKEN.sub("_", plain(text).strip())


def plain(text: str) -> str:
    """A text without the characters that no XML may hold."""
    return _NO_XML.sub("", text)


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; what was cut ends with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def ring(positions: Iterable[Position]) -> str:
    """``lat,lon lat,lon …``, closed; empty where that is no ring."""
    points = [(round(lat, _PLACES), round(lon, _PLACES)) for lon, lat in positions]
    if points and points[0] != points[-1]:
        points.append(points[0])
    if len(points) < _FEWEST or len(set(points)) < _FEWEST - 1:
        return ""
    return " ".join(f"{_degrees(lat)},{_degrees(lon)}" for lat, lon in points)


def _info(info: Element, told: CapInfo, zone: tzinfo) -> None:
    _add(info, "language", told.language)
    for category in told.categories:
        _add(info, "category", category)
    _add(info, "event", told.event)
    for response in told.responses:
        _add(info, "responseType", response)
    _add(info, "urgency", told.urgency)
    _add(info, "severity", told.severity)
    _add(info, "certainty", told.certainty)
    _named(info, "eventCode", told.event_codes)
    for name, at in (
        ("effective", told.effective),
        ("onset", told.onset),
        ("expires", told.expires),
    ):
        _add(info, name, "" if at is None else cap_time(at, zone))
    _add(info, "senderName", told.sender_name)
    _add(info, "headline", told.headline, LONGEST_HEADLINE)
    _add(info, "description", told.description, LONGEST_TEXT)
    _add(info, "instruction", told.instruction, LONGEST_TEXT)
    _add(info, "web", told.web)
    _add(info, "contact", told.contact)
    _named(info, "parameter", told.parameters)
    for area in told.areas:
        _area(SubElement(info, "area"), area)


def _area(area: Element, told: CapArea) -> None:
    _add(area, "areaDesc", plain(told.description).strip() or "-")
    for positions in told.polygons:
        _add(area, "polygon", ring(positions), None)
    _named(area, "geocode", told.geocodes)


def _named(parent: Element, name: str, values: Iterable[Named]) -> None:
    for value_name, value in values:
        if not plain(value).strip():
            continue
        pair = SubElement(parent, name)
        _add(pair, "valueName", value_name)
        _add(pair, "value", value)


def _add(parent: Element, name: str, text: str, most: int | None = LONGEST_NAME) -> None:
    """A child with a text; none where the text is empty."""
    text = plain(text).strip()
    if text:
        SubElement(parent, name).text = text if most is None else shortened(text, most)


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"\s", text) else text


def _degrees(number: float) -> str:
    return f"{number:.{_PLACES}f}".rstrip("0").rstrip(".")
