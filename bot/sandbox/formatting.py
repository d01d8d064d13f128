"""The text of a message as Telegram keeps it: plain, trimmed, with its entities. Pure."""

from __future__ import annotations

import re

from bot.sandbox.entities import Entity, ordered, parse_html, utf16_length
from bot.sandbox.errors import bad_request
from bot.sandbox.markdown import parse_markdown

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
    """Without white space at both ends; entities keep to what is left."""
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
