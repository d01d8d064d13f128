"""The text of a message as Telegram keeps it: plain and trimmed, with a list of entities. Pure.

A bot writes HTML or MarkdownV2; Telegram stores plain text and *entities* (bold from here to there,
a link, a command). Offsets and lengths count UTF-16 code units. Rules and error texts:
core.telegram.org/bots/api ("Formatting options") and the open source of the server's library
(tdlib, MessageEntity.cpp).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.sandbox.bot_api.errors import bad_request, cannot_parse

Entity = dict[str, Any]

_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z0-9_]{3,32})(?!\w)"
)


def formatted(
    text: str, parse_mode: str | None, given: list[Entity] | None = None
) -> tuple[str, list[Entity]]:
    """Text and entities of a message, trimmed, with commands, links and mentions found.

    :raises ApiError: when the markup cannot be parsed or the parse mode is unknown.
    """
    mode = (parse_mode or "").lower()
    if mode == "html":
        plain, entities = parse_html(text)
    elif mode == "markdownv2":
        plain, entities = parse_markdown(text)
    elif mode in ("", "none"):
        plain, entities = text, list(given or ())
    else:
        raise bad_request("unsupported parse_mode")
    plain, entities = trimmed(plain, entities)
    if "/" in plain or "@" in plain:
        entities = ordered(entities + found(plain, entities))
    return plain, entities


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """The text without white space at both ends, its entities cut to what is left."""
    core = text.strip()
    if len(core) == len(text) or not entities:
        return core, entities
    cut = utf16_length(text[: len(text) - len(text.lstrip())])
    end = utf16_length(core)
    kept = []
    for entity in entities:
        first = max(0, entity["offset"] - cut)
        last = min(end, entity["offset"] + entity["length"] - cut)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return core, kept


def found(text: str, taken: list[Entity]) -> list[Entity]:
    """Commands, addresses and mentions in plain text, outside what is already marked."""
    entities = []
    for match in _FOUND.finditer(text):
        start = utf16_length(text[: match.start()])
        length = utf16_length(match.group())
        inside = (
            e["offset"] < start + length and start < e["offset"] + e["length"]
            for e in taken
            if e["type"] in ("code", "pre", "text_link")
        )
        if not any(inside):
            entities.append({"offset": start, "length": length, "type": match.lastgroup or ""})
    return entities


def utf16_length(text: str) -> int:
    """The length of a text in UTF-16 code units, in which Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) >> 1


def byte_offset(text: str, position: int) -> int:
    """The offset of a character in bytes of UTF-8, which Telegram's errors name."""
    return len(text[:position].encode("utf-8", "surrogatepass"))


def slice_utf16(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * offset : 2 * (offset + length)].decode("utf-16-le", "surrogatepass")


def ordered(entities: list[Entity]) -> list[Entity]:
    """Entities in Telegram's order: by offset, the longer first."""
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


# -- HTML ------------------------------------------------------------------------------------------

_HTML_TYPES = {
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


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """Read Telegram's HTML (its tags only, each closed by its own) to text and entities.

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
    """The tag's name, its argument (an address, a language), and where the text goes on."""
    match = _TAG_NAME.match(text, begin + 1)
    assert match is not None
    name, position = match.group().lower(), match.end()
    if position >= len(text):
        raise cannot_parse(f"Unclosed start tag at byte offset {byte_offset(text, begin)}")
    if name not in _HTML_TYPES:
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
    kind = _HTML_TYPES[name]
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


# -- MarkdownV2 ------------------------------------------------------------------------------------

_RESERVED = "_*[]()~`>#+-=|{}.!"
_MARKS = ("```", "||", "__", "*", "_", "~", "`", "[")  # the longer first
_MARKDOWN_TYPES = {
    "```": ("pre", "PreCode"),
    "||": ("spoiler", "Spoiler"),
    "__": ("underline", "Underline"),
    "*": ("bold", "Bold"),
    "_": ("italic", "Italic"),
    "~": ("strikethrough", "Strikethrough"),
    "`": ("code", "Code"),
    "[": ("text_link", "TextUrl"),
}
_LANGUAGE = re.compile(r"([A-Za-z0-9_+-]+)\n")


@dataclass(frozen=True, slots=True)
class _OpenMark:
    mark: str
    start: int  # UTF-16 offset in the plain text
    position: int  # in the source
    language: str = ""


class _MarkdownParser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.plain: list[str] = []
        self.offset = 0
        self.open: list[_OpenMark] = []
        self.entities: list[dict[str, Any]] = []

    def put(self, character: str) -> None:
        self.plain.append(character)
        self.offset += utf16_length(character)

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        text, position = self.text, 0
        while position < len(text):
            character = text[position]
            if character == "\\" and position + 1 < len(text) and 0 < ord(text[position + 1]) < 127:
                self.put(text[position + 1])
                position += 2
                continue
            inside = self.open[-1].mark if self.open else ""
            if inside in ("`", "```"):
                if text.startswith(inside, position):
                    position = self.close(inside, position)
                else:
                    self.put(character)
                    position += 1
            elif character == ">" and (position == 0 or text[position - 1] == "\n"):
                position = self.quote(position)
            elif character not in _RESERVED:
                self.put(character)
                position += 1
            else:
                position = self.mark(position)
        if self.open:
            left = self.open[-1]
            raise cannot_parse(
                f"Can't find end of {_MARKDOWN_TYPES[left.mark][1]} entity at byte offset "
                f"{byte_offset(text, left.position)}"
            )
        return "".join(self.plain), ordered(self.entities)

    def mark(self, position: int) -> int:
        if self.text[position] == "]" and any(entity.mark == "[" for entity in self.open):
            return self.close("[", position)
        for mark in _MARKS:
            if not self.text.startswith(mark, position):
                continue
            if self.open and self.open[-1].mark == mark:
                return self.close(mark, position)
            after, language = position + len(mark), ""
            if mark == "```" and (match := _LANGUAGE.match(self.text, after)):
                after, language = match.end(), match.group(1)
            elif mark == "```" and self.text.startswith("\n", after):
                after += 1
            self.open.append(_OpenMark(mark, self.offset, position, language))
            return after
        raise cannot_parse(
            f"Character '{self.text[position]}' is reserved and must be escaped with the "
            "preceding '\\'"
        )

    def close(self, mark: str, position: int) -> int:
        left = self.open.pop()
        if left.mark != mark:
            raise cannot_parse(
                f"Can't find end of {_MARKDOWN_TYPES[left.mark][1]} entity at byte offset "
                f"{byte_offset(self.text, left.position)}"
            )
        entity: dict[str, Any] = {
            "offset": left.start,
            "length": self.offset - left.start,
            "type": _MARKDOWN_TYPES[mark][0],
        }
        position += len(mark)
        if mark == "[":
            end = self.text.find(")", position)
            if not self.text.startswith("(", position):
                return position
            if end < 0:
                raise cannot_parse(
                    f"Can't find end of a URL at byte offset {byte_offset(self.text, position)}"
                )
            entity["url"] = re.sub(r"\\(.)", r"\1", self.text[position + 1 : end])
            position = end + 1
        if left.language:
            entity["language"] = left.language
        if entity["length"]:
            self.entities.append(entity)
        return position

    def quote(self, position: int) -> int:
        """A block of lines that begin with ``>``, parsed by itself."""
        lines = []
        while self.text.startswith(">", position):
            end = self.text.find("\n", position)
            end = len(self.text) if end < 0 else end + 1
            lines.append(self.text[position + 1 : end])
            position = end
        plain, entities = _MarkdownParser("".join(lines)).parse()
        self.entities += [{**e, "offset": e["offset"] + self.offset} for e in entities]
        length = utf16_length(plain.rstrip("\n"))
        if length:
            self.entities.append({"offset": self.offset, "length": length, "type": "blockquote"})
        self.put(plain)
        return position


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Read MarkdownV2 to plain text and entities.

    :raises ApiError: 400 ``can't parse entities: ...``.
    """
    return _MarkdownParser(text).parse()
