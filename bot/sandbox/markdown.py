"""Telegram's MarkdownV2 to plain text and entities. Pure.

Source: core.telegram.org/bots/api#markdownv2-style; error texts as tdlib's MessageEntity.cpp.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.sandbox.entities import byte_offset, ordered, utf16_length
from bot.sandbox.errors import cannot_parse

_RESERVED = "_*[]()~`>#+-=|{}.!"
_MARKS = ("```", "||", "__", "*", "_", "~", "`", "[")  # the longer first
_TYPES = {
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
class _Open:
    mark: str
    start: int  # UTF-16 offset in the plain text
    position: int  # in the source
    language: str = ""


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.plain: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
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
                f"Can't find end of {_TYPES[left.mark][1]} entity at byte offset "
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
            self.open.append(_Open(mark, self.offset, position, language))
            return after
        raise cannot_parse(
            f"Character '{self.text[position]}' is reserved and must be escaped with the "
            "preceding '\\'"
        )

    def close(self, mark: str, position: int) -> int:
        left = self.open.pop()
        if left.mark != mark:
            raise cannot_parse(
                f"Can't find end of {_TYPES[left.mark][1]} entity at byte offset "
                f"{byte_offset(self.text, left.position)}"
            )
        entity: dict[str, Any] = {
            "offset": left.start,
            "length": self.offset - left.start,
            "type": _TYPES[mark][0],
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
        plain, entities = _Parser("".join(lines)).parse()
        self.entities += [{**e, "offset": e["offset"] + self.offset} for e in entities]
        length = utf16_length(plain.rstrip("\n"))
        if length:
            self.entities.append({"offset": self.offset, "length": length, "type": "blockquote"})
        self.put(plain)
        return position


def parse_markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities.

    :raises ApiError: 400 ``can't parse entities: ...``.
    """
    return _Parser(text).parse()
