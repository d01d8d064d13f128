"""XML of agencies as elements: bombs refused, wrong encodings read, what is whole saved. Pure."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import fromstring as quickly_parsed

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from alerts.sources.amounts import too_many_tags
from alerts.sources.cap.model import Doubt, Flaw, Unreadable

ENCODINGS = ("utf-8", "gb18030", "utf-16")
"""What agencies write in when their first line says something else, the likeliest first."""

MOST_BYTES = 64 * 1024 * 1024
"""Bytes of one document (ours)."""

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,300}\?>")


_SAID = re.compile(rb"\A<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_ASCII_BASED = ("utf-8", "ascii")
_NO_MARKUP = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML may hold; agencies copy them from their word processors."""

_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)(\w{2,31};)?")
_MOST_SLIPS = 100_000
"""Ampersands of a document that are mended (ours)."""

_CUT_ONE_IN = 10
"""Of so many characters beyond ASCII one may be cut in half, and the text is UTF-8 still (ours)."""


def parsed(body: bytes) -> tuple[Any, frozenset[Doubt]]:
    """The root element, and what had to be read otherwise than it stands to have it.

    :raises Unreadable: what it is instead.
    """
    if len(body) > MOST_BYTES or too_many_tags(body):
        raise Unreadable(Flaw.TOO_LARGE, f"{len(body)} > {MOST_BYTES}, or of too many tags")
    body = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        return _parse(body), frozenset()
    except Unreadable:
        raise
    except (ElementTree.ParseError, UnicodeError, LookupError, ValueError) as error:
        text, other = _decoded(body)
        if text is None:
            flaw = Flaw.ENCODING if b"<" in body else Flaw.NOT_XML
            raise Unreadable(flaw) from None
        doubts = {Doubt.OTHER_ENCODING} if other else set()
        for mend in (_as_it_is, _from_its_beginning, _without_slips):
            if mend is _without_slips:
                doubts.add(Doubt.MENDED)
            text = mend(text)
            try:
                return _parse(text.encode()), frozenset(doubts)
            except Unreadable:
                raise
            except (ElementTree.ParseError, ValueError):
                continue
        if is_page(body):
            raise Unreadable(Flaw.PAGE) from None
        raise Unreadable(Flaw.NOT_XML, str(error)) from None


_PAGE = re.compile(rb"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)


def is_page(body: bytes) -> bool:
    """Whether it is a web page: an error, a login, a notice that the address has changed."""
    head = body[:8000].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")  # UTF-16, too
    head = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return _PAGE.match(head, _first_element(head)) is not None


def _first_element(head: bytes) -> int:
    """Where the first element begins, behind comments and processing instructions. Each is passed
    once: a pattern that repeats them would try every way to divide them.
    """
    at = 0
    while True:
        at = len(head) - len(head[at:].lstrip())
        opened, closed = (b"<!--", b"-->") if head.startswith(b"<!--", at) else (b"<?", b"?>")
        if not head.startswith(opened, at):
            return at
        end = head.find(closed, at + len(opened))
        if end < 0:
            return len(head)
        at = end + len(closed)


def _parse(body: bytes) -> Any:
    if _without_dtd(body):
        return quickly_parsed(body)
    try:
        return ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        if is_page(body):
            raise Unreadable(Flaw.PAGE) from None
        raise Unreadable(Flaw.ENTITIES, type(error).__name__) from None


def _without_dtd(body: bytes) -> bool:
    """Whether there can be no DTD in it: entities, and so bombs, come from there alone.

    In an encoding that writes ASCII as ASCII it would be seen.
    """
    said = _codec(body)
    return said in _ASCII_BASED and b"<!DOCTYPE" not in body and b"\0" not in body[:4]


def _codec(body: bytes) -> str | None:
    """The encoding that the first line says, by its usual name; ``None``: there is no such."""
    match = _SAID.match(body)
    if match is None:
        return "utf-8"
    try:
        name = codecs.lookup(match[1].decode()).name
    except LookupError:
        return None
    # What is called GB2312 holds characters of its successors.
    return "gb18030" if name in ("gb2312", "gbk") else name


def _decoded(body: bytes) -> tuple[str | None, bool]:
    """The text without its first line, in the encoding that it says, else the first that fits.
    Whether it is another than said.
    """
    said = _codec(body)
    unmarked = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(body[:2])
    for encoding in dict.fromkeys((unmarked or said or "utf-8", *ENCODINGS)):
        try:
            text = body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            text = _with_cut_characters(body) if encoding == "utf-8" else ""
        if "<" in text:
            return _DECLARATION.sub("", text), encoding != said
    return None, True


def _with_cut_characters(body: bytes) -> str:
    """A text of UTF-8 in which some characters were cut in half; empty: it is none."""
    text = body.decode("utf-8", "replace")
    cut = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - cut
    return text if cut * _CUT_ONE_IN <= whole else ""


def _as_it_is(text: str) -> str:
    return text


def _from_its_beginning(text: str) -> str:
    """Without the lines that a wire service puts above, and what stands behind the end."""
    begins = _BEGINS.search(text)
    return text if begins is None else text[begins.start() : text.rfind(">") + 1]


_BEGINS = re.compile(r"<(?:[\w.-]+:)?(?:alert|feed|rss|EDXLDistribution)(?=[\s>])")


def _without_slips(text: str) -> str:
    """Without characters that XML forbids, however they are written; ampersands that stand for
    themselves written so, and the names of characters that only HTML knows as these characters.
    """

    def mended(match: re.Match[str]) -> str:
        known = html.unescape(match[0]) if match[1] else match[0]
        return known if known != match[0] and known not in "<&" else f"&amp;{match[1] or ''}"

    found: list[str] = []
    left = _MOST_SLIPS
    for markup, characters in _around_cdata(_NO_MARKUP.sub("", text)):
        if left > 0:
            markup = _BY_NUMBER.sub(_allowed, _HALVES.sub(_joined, markup))
            markup, mends = _AMPERSAND.subn(mended, markup, left)
            left -= mends
        found += markup, characters
    return "".join(found)


def _around_cdata(text: str) -> Iterator[tuple[str, str]]:
    """What stands before each CDATA section, and the section: in it an ampersand is one."""
    at = 0
    while (begin := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", begin)) >= 0:
        yield text[at:begin], text[begin : end + 3]
        at = end + 3
    yield text[at:], ""


_BY_NUMBER = re.compile(r"&#(?:(\d{1,10})|[xX]([\da-fA-F]{1,8}));")
_HALVES = re.compile(r"&#(5[56]\d{3});&#(5[67]\d{3});")


def _joined(match: re.Match[str]) -> str:
    """The two halves of one character, as programs write it that know UTF-16 only."""
    high, low = int(match[1]) - 0xD800, int(match[2]) - 0xDC00
    return chr(0x10000 + (high << 10) + low) if 0 <= high < 0x400 and 0 <= low < 0x400 else ""


def _allowed(match: re.Match[str]) -> str:
    """A character by its number; nothing for one that XML forbids: &#0;."""
    number = int(match[1]) if match[1] else int(match[2], 16)
    forbidden = number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or _NO_MARKUP.match(chr(number))
    return "" if forbidden else f"&#{number};"


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
    """The text of the first child that has any of these names and says something.

    :param names: in lower case, as the keys of ``children``.
    """
    for name in names:
        for child in children.get(name, ()):
            if found := text_of(child):
                return found
    return ""


def child_text(element: Any, *names: str) -> str:
    """As ``said``, of an element that is asked once."""
    return said(named(element), *(name.lower() for name in names))


def text_of(element: Any) -> str:
    """All text within an element, in lines as it was written, without the blanks around."""
    if not len(element):
        return (element.text or "").strip()
    return "".join(element.itertext()).strip()


def tags_of(root: Any, name: str) -> frozenset[str]:
    """As what a name stands in a document: in which namespaces, and in which case."""
    tags = {found.tag for found in root.iter()}
    ends = name.lower()
    return frozenset(
        tag for tag in tags if isinstance(tag, str) and tag.rpartition("}")[2].lower() == ends
    )


def within(element: Any, tags: frozenset[str]) -> Iterator[Any]:
    """Elements of these tags at any depth, but none within another of them."""
    inner: set[Any] = set()
    for found in _all_within(element, tags):
        if found not in inner:
            inner.update(_all_within(found, tags))
            yield found


def _all_within(element: Any, tags: frozenset[str]) -> Iterator[Any]:
    if len(tags) == 1:  # as almost always; found without looking at each
        return iter(element.iter(*tags))
    return (found for found in element.iter() if found.tag in tags)


def whole_pieces(body: bytes, *names: str) -> list[bytes]:
    """The whole elements of these names in a document that breaks off, each as its own document.

    Prefixes that the broken root declares are declared again.
    """
    text, _ = _decoded(body.removeprefix(b"\xef\xbb\xbf"))
    if text is None:
        return []
    first = _FIRST.search(text)
    declared = _declarations("" if first is None else first[0])
    return [_declared(piece, declared) for name in names for piece in _closed(text, name)]


def as_written(body: bytes, root: Any, name: str, tags: frozenset[str]) -> dict[Any, bytes]:
    """The elements of this name in a document that was read, each as its own document, as it was
    written. Empty where they cannot be told apart for certain.

    :param root: what was read from ``body``.
    :param tags: what ``tags_of`` this name says.
    """
    elements = list(within(root, tags))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {}
    first = _FIRST.search(text)
    if not elements or first is None:
        return {}
    pieces = list(_closed(text, name))
    own = 0 if elements[0] is root else first[0].count("xmlns")
    # A prefix that is declared between the root and the element would be lost.
    declared_inside = own + sum(piece.count("xmlns") for _, piece in pieces)
    marks = [pair for pair in (("<![CDATA[", "]]>"), ("<!--", "-->")) if pair[0] in text]
    whole = all(
        piece.find(f"<{tag}", 1) < 0 and all(piece.count(a) == piece.count(b) for a, b in marks)
        for tag, piece in pieces
    )
    if len(pieces) != len(elements) or declared_inside != text.count("xmlns") or not whole:
        return {}
    declared = {} if elements[0] is root else _declarations(first[0])
    return {
        element: _declared(piece, declared) for element, piece in zip(elements, pieces, strict=True)
    }


_FIRST = re.compile(r"<[A-Za-z_][^<>]{0,4000}>")


def _declarations(tag: str) -> dict[str, str]:
    """The namespaces that a tag declares, by the name of what declares them."""
    return {
        match[1]: match[0]
        for match in re.finditer(r"""(xmlns(?::[\w.-]+)?)\s*=\s*(?:"[^"]*"|'[^']*')""", tag)
    }


def _closed(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Each element of this name that has an end, with its tag as it is written there."""
    opening = re.compile(rf"<((?:[\w.-]+:)?{name})(?=[\s>])")
    at = 0
    while (begin := opening.search(text, at)) is not None:
        closing = f"</{begin[1]}>"
        end = text.find(closing, begin.end())
        if end < 0:
            return
        at = end + len(closing)
        yield begin[1], text[begin.start() : at]


def _declared(piece: tuple[str, str], declared: Mapping[str, str]) -> bytes:
    tag, text = piece
    own = _declared_names(text.partition(">")[0]) if declared else ()
    more = "".join(f" {word}" for name, word in declared.items() if name not in own)
    return f"<{tag}{more}{text[len(tag) + 1 :]}".encode()


@lru_cache(16)  # of a feed's thousands all begin alike
def _declared_names(tag: str) -> frozenset[str]:
    return frozenset(_declarations(tag))
