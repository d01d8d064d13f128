"""What a message of another agency means in our words: which hazard, which colour. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from alerts.model import RELEASED_BY_NAME, Hazard, Level
from alerts.sources.cap.model import CapInfo
from data.reference import WARNING_EVENTS

_COLOURS: tuple[tuple[str, Level], ...] = (
    ("black rainstorm", Level.RED),
    ("black storm surge", Level.RED),
    ("amber rainstorm", Level.YELLOW),
    ("red", Level.RED),
    ("orange", Level.ORANGE),
    ("amber", Level.ORANGE),
    ("yellow", Level.YELLOW),
    ("blue", Level.BLUE),
    ("黑色", Level.RED),
    ("红色", Level.RED),
    ("紅色", Level.RED),
    ("橙色", Level.ORANGE),
    ("黄色", Level.YELLOW),
    ("黃色", Level.YELLOW),
    ("蓝色", Level.BLUE),
    ("藍色", Level.BLUE),
)
"""In Hong Kong and Macao black stands above red, and amber, in Chinese 黃色, is the lowest; the
British amber is our orange.
"""

_PLACES = re.compile(
    r"\b(?:red|orange|yellow|blue|amber)"
    r"(?=\s+(?:flag|river|sea|county|mountains?|creek|deer|lake|bay|ridge|valley|bluff)\b)"
)
"""Colours that belong to a name, and to the American signal of fire weather."""

_NUMERALS = re.compile(r"(?<![A-Za-z])(IV|III|II|I|Ⅳ|Ⅲ|Ⅱ|Ⅰ|[1-4]|[一二三四])\s*级")
_BY_NUMERAL = {
    **dict.fromkeys(("I", "Ⅰ", "1", "一"), Level.RED),
    **dict.fromkeys(("II", "Ⅱ", "2", "二"), Level.ORANGE),
    **dict.fromkeys(("III", "Ⅲ", "3", "三"), Level.YELLOW),
    **dict.fromkeys(("IV", "Ⅳ", "4", "四"), Level.BLUE),
}
_SEVERITIES = {
    "extreme": Level.RED,
    "severe": Level.ORANGE,
    "moderate": Level.YELLOW,
    "minor": Level.BLUE,
    "red": Level.RED,
    "orange": Level.ORANGE,
    "yellow": Level.YELLOW,
    "blue": Level.BLUE,
}
"""CAP's four severities in China's four colours (GB/T 35965.1 writes the colour itself)."""

NO_DANGER = ("green", "white", "绿色", "白色")

_LEVEL_PARAMETERS = (
    "awareness_level",
    "colour",
    "color",
    "colourcode",
    "ndma:color",
    "alert_level",
)
OUR_SCHEME = "jiaoying"
"""Of event codes that another jiaoying wrote: the hazard in our own word (``bot.views.cap``)."""

_SCHEMES = {"same": "same", "eventtype": "event_type", "qweather": "qweather"}


@dataclass(frozen=True, slots=True)
class EventTable:
    """The table of events: by scheme and code, and the words in their order."""

    codes: Mapping[tuple[str, str], Hazard | None]
    words: tuple[tuple[str, Hazard | None], ...]
    patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)


class NoHazard(Enum):
    """Why an event is no hazard of ours."""

    NOT_OURS = "not_ours"  # heat, fog: nobody is called for that
    UNKNOWN = "unknown_event"  # the table does not have it


def read_table(text: str) -> EventTable:
    """The table of a file ``scheme,key,hazard``.

    :raises ValueError: it names a hazard that there is not.
    """
    codes: dict[tuple[str, str], Hazard | None] = {}
    words: list[tuple[str, Hazard | None]] = []
    for row in csv.DictReader(io.StringIO(text)):
        hazard = Hazard(row["hazard"]) if row["hazard"] else None
        if row["scheme"] == "word":
            words.append((row["key"].lower(), hazard))
        else:
            codes[row["scheme"], row["key"].upper()] = hazard
    return EventTable(codes, tuple(words), {word: _whole(word) for word, _ in words})


@cache
def event_table() -> EventTable:
    """The table that ships with the product."""
    return read_table(WARNING_EVENTS.read_text(encoding="utf-8"))


def hazard_of(info: CapInfo, table: EventTable) -> Hazard | NoHazard:
    """The hazard of ours: by its code, else by the event's name, else by the headline."""
    for scheme, code in info.event_codes:
        known = _by_code(scheme, code, table)
        if known is not None:
            return known
    for text in (info.event, *_types(info.parameters), info.headline):
        found = _by_words(text, table)
        if found is not None:
            return found
    return NoHazard.UNKNOWN


def level_of(info: CapInfo) -> Level | None:
    """The colour: as the agency says it, else by the severity; ``None``: it says neither.

    A colour in the event's name or headline counts before CAP's severity: agencies with three
    colours write them there.
    """
    severity = info.severity.strip().lower()
    if severity in ("red", "orange", "yellow", "blue"):
        return _SEVERITIES[severity]
    for name, value in info.parameters:
        if name.lower() in _LEVEL_PARAMETERS and (level := _colour(value)) is not None:
            return level
    for text in (info.headline, info.event):
        if (level := _colour(text)) is not None:
            return level
        if (match := _NUMERALS.search(text)) is not None:
            return _BY_NUMERAL[match[1]]
    return _SEVERITIES.get(severity)


def no_danger(info: CapInfo) -> bool:
    """Whether it says that there is nothing to fear: green, or all clear."""
    if any(response.lower() == "allclear" for response in info.responses):
        return True
    said = [value for name, value in info.parameters if name.lower() in _LEVEL_PARAMETERS]
    return any(word in value.lower() for value in said for word in NO_DANGER)


def _by_code(scheme: str, code: str, table: EventTable) -> Hazard | NoHazard | None:
    if scheme == OUR_SCHEME:
        return next((hazard for hazard in RELEASED_BY_NAME if hazard.value == code), None)
    known = _SCHEMES.get(scheme.lower().replace("profile:cap-", "").split(":")[0], scheme)
    code = code.upper().strip()
    if known not in _SCHEMES.values():
        return None
    for length in range(len(code), 2, -1):
        if (known, code[:length]) in table.codes:
            return table.codes[known, code[:length]] or NoHazard.NOT_OURS
        if known != "event_type":
            break
    return None


def _by_words(text: str, table: EventTable) -> Hazard | NoHazard | None:
    """The first word of the table that stands in the text: what is special stands before."""
    text = text.lower()
    for word, hazard in table.words if text else ():
        if table.patterns[word].search(text):
            return hazard or NoHazard.NOT_OURS
    return None


def _types(parameters: Iterable[tuple[str, str]]) -> list[str]:
    """MeteoAlarm says the type of what is warned of in a parameter: ``10; rain``."""
    return [value for name, value in parameters if name.lower() == "awareness_type"]


def _colour(text: str) -> Level | None:
    """The colour in a text; of one that changes it, what it becomes: 橙色…降为黄色."""
    text = _PLACES.sub("", text.lower())
    for part in (_BECOMES.split(text)[-1], text):
        if (level := _first_colour(part)) is not None:
            return level
    return None


_BECOMES = re.compile("[升降]级?为|变更为|调整为|改为|更新为|发布")


def _first_colour(text: str) -> Level | None:
    for word, level in _COLOURS:
        if word.isascii():
            if re.search(rf"(?<![a-z]){word}(?![a-z])", text):
                return level
        elif word in text:
            return level
    return None


def _whole(word: str) -> re.Pattern[str]:
    """Latin words begin where the text has one beginning: ``rain`` is not in ``train``."""
    return re.compile((r"(?<![^\W\d_])" if word[0].isascii() else "") + re.escape(word))
