"""Telegram's HTML to plain text and entities, as its server reads it. Pure.

Offsets and lengths count UTF-16 code units. Rules and error texts: core.telegram.org/bots/api
("Formatting options") and the open source of the server's library (tdlib, MessageEntity.cpp).
"""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.errors import cannot_parse

Entity = dict[str, Any]

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
}
_SPECIAL = re.compile(r"[<&]")
_REFERENCE = re.compile(r"&(?:#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))|(lt|gt|amp|quot));?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>"'/]*)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")


def utf16_length(text: str) -> int:
    """UTF-16 code units, in which Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) >> 1


def byte_offset(text: str, position: int) -> int:
    """Where a character stands in the UTF-8 text; Telegram's errors name bytes."""
    return len(text[:position].encode("utf-8", "surrogatepass"))


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """Telegram's own HTML: its tags only, each closed by its own end tag.

    :raises ApiError: 400 ``can't parse entities: ...``.
    """
    if "<" not in text and "&" not in text:
        return text, []
    plain: list[str] = []
    entities: list[Entity] = []
    open_tags: list[tuple[str, str, int]] = []  # name, argument, UTF-16 offset
    offset = position = 0
    for_pieces = plain.append
    while (special := _SPECIAL.search(text, position)) is not None:
        begin = special.start()
        if begin > position:
            piece = text[position:begin]
            for_pieces(piece)
            offset += utf16_length(piece)
        if text[begin] == "&":
            piece, position = _reference(text, begin)
            for_pieces(piece)
            offset += utf16_length(piece)
        elif text.startswith("/", begin + 1):
            position = _end_tag(text, begin, offset, open_tags, entities, plain)
        else:
            name, argument, position = _start_tag(text, begin)
            open_tags.append((name, argument, offset))
    for_pieces(text[position:])
    if open_tags:
        raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return "".join(plain), ordered(entities)


def _reference(text: str, begin: int) -> tuple[str, int]:
    match = _REFERENCE.match(text, begin)
    if match is None:
        return "&", begin + 1
    hexadecimal, decimal, named = match.groups()
    if named:
        return _NAMED[named], match.end()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        return "&", begin + 1
    return chr(code), match.end()


def _start_tag(text: str, begin: int) -> tuple[str, str, int]:
    """Name, argument (a link's address, a language) and where the text goes on."""
    match = _TAG_NAME.match(text, begin + 1)
    assert match is not None
    name, position = match.group().lower(), match.end()
    if position >= len(text):
        raise cannot_parse(f"Unclosed start tag at byte offset {byte_offset(text, begin)}")
    if name not in _TYPES:
        raise cannot_parse(
            f'Unsupported start tag "{name}" at byte offset {byte_offset(text, begin)}'
        )
    attributes: dict[str, str] = {}
    while text[position] != ">":
        match = _ATTRIBUTE.match(text, position)
        assert match is not None
        key, value = match.group(1).lower(), match.group(2)
        position = match.end()
        if position >= len(text):
            raise cannot_parse(f"Unclosed start tag at byte offset {byte_offset(text, begin)}")
        if not key:
            if text[position] == ">":
                break
            raise cannot_parse(
                f'Empty attribute name in the tag "{name}" at byte offset '
                f"{byte_offset(text, begin)}"
            )
        if value is None and not (name == "blockquote" and key == "expandable"):
            raise cannot_parse(
                f'Expected equal sign in declaration of an attribute of the tag "{name}" at byte '
                f"offset {byte_offset(text, begin)}"
            )
        raw = value or ""
        if raw[:1] in ('"', "'"):
            raw = raw[1:-1]
        attributes[key] = _REFERENCE.sub(lambda m: _reference(m.group(), 0)[0], raw)
    return name, _argument(name, attributes, text, begin), position + 1


def _argument(name: str, attributes: dict[str, str], text: str, begin: int) -> str:
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise cannot_parse(
            f'Tag "span" must have class "tg-spoiler" at byte offset {byte_offset(text, begin)}'
        )
    if name == "a":
        return attributes.get("href", "")
    if name == "code":
        language = attributes.get("class", "")
        return language[9:] if language.startswith("language-") else ""
    if name == "blockquote":
        return "expandable" if "expandable" in attributes else ""
    return attributes.get("emoji-id", "")


def _end_tag(
    text: str,
    begin: int,
    offset: int,
    open_tags: list[tuple[str, str, int]],
    entities: list[Entity],
    plain: list[str],
) -> int:
    if not open_tags:
        raise cannot_parse(f"Unexpected end tag at byte offset {byte_offset(text, begin)}")
    match = _TAG_NAME.match(text, begin + 2)
    assert match is not None
    found_name, end = match.group().lower(), match.end()
    while end < len(text) and text[end].isspace():
        end += 1
    if end >= len(text) or text[end] != ">":
        raise cannot_parse(f"Unclosed end tag at byte offset {byte_offset(text, begin)}")
    name, argument, start = open_tags.pop()
    if found_name and found_name != name:
        raise cannot_parse(
            f"Unmatched end tag at byte offset {byte_offset(text, begin)}, "
            f'expected "</{name}>", found "</{found_name}>"'
        )
    if offset > start:
        entities.extend(_entity(name, argument, start, offset - start, entities, plain))
    return end + 1


def _entity(
    name: str, argument: str, start: int, length: int, before: list[Entity], plain: list[str]
) -> list[Entity]:
    kind = _TYPES[name]
    entity: Entity = {"offset": start, "length": length, "type": kind}
    if name == "a":
        url = argument or slice_utf16("".join(plain), start, length)
        if "." not in url and ":" not in url:
            return []  # not an address: Telegram leaves the text plain
        entity["url"] = url if "://" in url or url.startswith(("tg:", "tel:")) else f"http://{url}"
    elif name == "code":
        if argument:
            entity["language"] = argument
    elif name == "pre":
        inner = before[-1] if before else {}
        if inner.get("type") == "code" and (inner["offset"], inner["length"]) == (start, length):
            entity.update({k: v for k, v in before.pop().items() if k == "language"})
    elif name == "blockquote" and argument:
        entity["type"] = "expandable_blockquote"
    elif name == "tg-emoji":
        entity["custom_emoji_id"] = argument
    return [entity]


def slice_utf16(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "surrogatepass")


def ordered(entities: list[Entity]) -> list[Entity]:
    """By offset, the longer first."""
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
