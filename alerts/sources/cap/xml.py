"""XML of agencies as elements: bombs refused, wrong encodings read, what is whole saved. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from alerts.sources.cap.model import Flaw, Unreadable

ENCODINGS = ("utf-8", "gb18030", "utf-16")
"""What agencies write in when their first line says something else, the likeliest first."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of one document (ours)."""

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")


def parsed(body: bytes) -> tuple[Any, bool]:
    """The root element, and whether its encoding was another than its first line says.

    :raises Unreadable: what it is instead.
    """
    if len(body) > MOST_BYTES:
        raise Unreadable(Flaw.TOO_LARGE, f"{len(body)} > {MOST_BYTES}")
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        return _parse(body), False
    except Unreadable:
        raise
    except (ElementTree.ParseError, UnicodeError, LookupError, ValueError) as error:
        text = _decoded(body)
        if text is None:
            flaw = Flaw.ENCODING if b"<" in body else Flaw.NOT_XML
            raise Unreadable(flaw) from None
        try:
            return _parse(text.encode()), True
        except Unreadable:
            raise
        except (ElementTree.ParseError, ValueError):
            raise Unreadable(Flaw.NOT_XML, str(error)) from None


def _parse(body: bytes) -> Any:
    try:
        return ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable(Flaw.ENTITIES, type(error).__name__) from None


def _decoded(body: bytes) -> str | None:
    """The text without its first line, in the first encoding that fits and ends in markup."""
    for encoding in ENCODINGS:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "<" in text:
            return _DECLARATION.sub("", text)
    return None


def local(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def namespace(element: Any) -> str:
    """Its namespace."""
    return element.tag[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


Named = Mapping[str, Sequence[Any]]
"""The children of an element by their names, in lower case and without namespaces."""


def named(element: Any) -> Named:
    """Looked through once: an element has a dozen children that are asked for by name."""
    found: dict[str, list[Any]] = {}
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            found.setdefault(tag[tag.rfind("}") + 1 :].lower(), []).append(child)
    return found


def children(element: Any, name: str) -> Sequence[Any]:
    """The children of this name, whatever their namespace and the case of the name."""
    return named(element).get(name.lower(), ())


def said(children: Named, *names: str) -> str:
    """The text of the first child that has any of these names and says something."""
    for name in names:
        for child in children.get(name.lower(), ()):
            if found := text_of(child):
                return found
    return ""


def child_text(element: Any, *names: str) -> str:
    """As ``said``, of an element that is asked once."""
    return said(named(element), *names)


def text_of(element: Any) -> str:
    """All text within an element, in lines as it was written, without the blanks around."""
    if not len(element):
        return (element.text or "").strip()
    return "".join(element.itertext()).strip()


def within(element: Any, name: str) -> Iterator[Any]:
    """Elements of this name at any depth."""
    return (found for found in element.iter() if local(found).lower() == name.lower())


def whole_pieces(body: bytes, *names: str) -> list[bytes]:
    """The whole elements of these names in a document that breaks off, each as its own document.

    Prefixes that the broken root declares are declared again.
    """
    text = _decoded(body.removeprefix(b"\xef\xbb\xbf"))
    if text is None:
        return []
    first = re.search(r"<[A-Za-z_][^<>]{0,4000}>", text)
    declared = "" if first is None else " ".join(re.findall(r'xmlns(?::\w+)?="[^"]*"', first[0]))
    return [_declared(piece, declared) for name in names for piece in _closed(text, name)]


def _closed(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Each element of this name that has an end, with its tag as it is written there."""
    opening = re.compile(rf"<((?:\w+:)?{name})(?=[\s>])")
    at = 0
    while (begin := opening.search(text, at)) is not None:
        closing = f"</{begin[1]}>"
        end = text.find(closing, begin.end())
        if end < 0:
            return
        at = end + len(closing)
        yield begin[1], text[begin.start() : at]


def _declared(piece: tuple[str, str], declared: str) -> bytes:
    tag, text = piece
    own = set(re.findall(r"xmlns(?::\w+)?(?==)", text.partition(">")[0]))
    more = "".join(f" {word}" for word in declared.split() if word.partition("=")[0] not in own)
    return f"<{tag}{more}{text[len(tag) + 1 :]}".encode()
