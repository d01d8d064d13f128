"""A whole release in one line: ``/warn 红 暴雨 敦化市 立即转移低洼地群众``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from alerts.model import Hazard, Level
from bot.views.vocabulary import parse_hazard, parse_level
from contacts.divisions.gazetteer import Found, Gazetteer, Resolution

_EXERCISE = frozenset({"演练", "【演练】", "exercise", "drill"})
_BETWEEN_AREAS = re.compile(r"[、,，;；]+")


class Missing(Enum):
    """What the line does not say."""

    LEVEL = "level"
    HAZARD = "hazard"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """What the line says. ``unclear`` is the first area that is not exactly one place."""

    level: Level | None = None
    hazard: Hazard | None = None
    areas: tuple[str, ...] = ()
    text: str = ""
    exercise: bool = False
    unclear: tuple[str, Resolution] | None = None
    missing: tuple[Missing, ...] = field(default=())


def parse_release_line(line: str, gazetteer: Gazetteer, *, within: str) -> ReleaseLine:
    """Read the words after ``/warn``; colour, hazard and 演练 may come in any order.

    :param within: the commander's division, preferred where a name is not unique.
    """
    words = line.replace("\u3000", " ").split()
    level: Level | None = None
    hazard: Hazard | None = None
    exercise = False
    while words:
        word = words[0]
        if word.casefold() in _EXERCISE and not exercise:
            exercise = True
        elif level is None and (found := parse_level(word)) is not None:
            level = found
        elif hazard is None and (kind := parse_hazard(word)) is not None:
            hazard = kind
        else:
            break
        words.pop(0)
    areas: list[str] = []
    unclear: tuple[str, Resolution] | None = None
    if words:
        for name in filter(None, _BETWEEN_AREAS.split(words.pop(0))):
            resolution = gazetteer.find(name, within=within)
            if resolution.outcome is Found.EXACT and resolution.division is not None:
                areas.append(resolution.division.code)
            elif unclear is None:
                unclear = (name, resolution)
    missing = [
        what
        for what, absent in (
            (Missing.LEVEL, level is None),
            (Missing.HAZARD, hazard is None),
            (Missing.AREA, not areas and unclear is None),
        )
        if absent
    ]
    text = " ".join(words)
    return ReleaseLine(
        level, hazard, tuple(dict.fromkeys(areas)), text, exercise, unclear, tuple(missing)
    )
