"""A whole release in one line: ``/warn 红 暴雨 敦化市 立即转移低洼地群众``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alerts.model import Hazard, Level
from bot.views.vocabulary import parse_hazard, parse_level
from contacts.divisions.gazetteer import Found, Gazetteer, Resolution

_EXERCISE = frozenset({"演练", "【演练】", "exercise", "drill"})
_BETWEEN_AREAS = re.compile(r"[、,，;；]+")


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """What a line says; what it leaves open is ``None`` or empty.

    ``areas`` are codes of divisions. ``unclear`` is the first name that is not exactly one place,
    with what was found for it.
    """

    level: Level | None = None
    hazard: Hazard | None = None
    areas: tuple[str, ...] = ()
    text: str = ""
    exercise: bool = False
    unclear: tuple[str, Resolution] | None = None


def parse_release_line(line: str, gazetteer: Gazetteer, *, within: str) -> ReleaseLine:
    """Read the words after ``/warn``: colour, hazard and 演练 in any order, areas, then the text.

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
        elif level is None and (named_level := parse_level(word)) is not None:
            level = named_level
        elif hazard is None and (named_hazard := parse_hazard(word)) is not None:
            hazard = named_hazard
        else:
            break
        words.pop(0)
    names = _BETWEEN_AREAS.split(words.pop(0)) if words else []
    found = [(name, gazetteer.find(name, within=within)) for name in names if name]
    codes = [place.division.code for _, place in found if place.division is not None]
    unclear = [(name, place) for name, place in found if place.outcome is not Found.EXACT]
    return ReleaseLine(
        level,
        hazard,
        tuple(dict.fromkeys(codes)),
        " ".join(words),
        exercise,
        unclear[0] if unclear else None,
    )
