"""What happened to warnings as an Atom feed (RFC 4287): newest first, some a page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from alerts.publishing.cap_out import CONTENT_TYPE as CAP_TYPE
from alerts.publishing.cap_out import plain

NAMESPACE = "http://www.w3.org/2005/Atom"

CONTENT_TYPE = "application/atom+xml"

PAGE = 50
"""Messages of a page (ours)."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One message or event of the feed. ``id`` is a URI; ``type`` is what its link leads to."""

    id: str
    title: str
    summary: str
    author: str
    sent_at: datetime
    link: str
    type: str = CAP_TYPE
    category: str = ""  # what happened, as a word of ours


def feed(
    entries: Sequence[FeedEntry], *, title: str, own: str, following: str | None, updated: datetime
) -> bytes:
    """The feed as a file.

    :param own: the address it was asked by; ``following``: of the next page.
    :param updated: when its newest message was sent.
    """
    root = Element("feed", {"xmlns": NAMESPACE})
    _add(root, "id", own.partition("?")[0])
    _add(root, "title", title)
    _add(root, "updated", _time(updated))
    SubElement(root, "link", {"rel": "self", "href": own, "type": CONTENT_TYPE})
    if following:
        SubElement(root, "link", {"rel": "next", "href": following, "type": CONTENT_TYPE})
    _add(SubElement(root, "author"), "name", title)
    _add(root, "generator", "jiaoying")
    for told in entries:
        entry = SubElement(root, "entry")
        _add(entry, "id", told.id)
        _add(entry, "title", told.title)
        _add(entry, "updated", _time(told.sent_at))
        _add(entry, "published", _time(told.sent_at))
        if told.author:
            _add(SubElement(entry, "author"), "name", told.author)
        _add(entry, "summary", told.summary)
        if told.category:
            SubElement(entry, "category", {"term": told.category})
        SubElement(entry, "link", {"rel": "alternate", "href": told.link, "type": told.type})
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = plain(text)
