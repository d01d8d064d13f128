"""What to write in a warning, and how near the danger is. Pure.

The texts stand in ``data/templates/warnings``, a file a hazard; each line of them is one entry of
the catalogue, so a text is translated line by line. How near it is follows from the lead time
("1262": 12 hours before, name the key areas; 6, take positions; 2, move the people).
"""

from __future__ import annotations

from enum import Enum
from functools import cache

from alerts.loop.evacuation.return_words import RETURN_TEXT
from alerts.model import Hazard, Level
from alerts.template_files.warnings import WarningTexts, read_warning
from data.templates import TEMPLATES


class Urgency(Enum):
    """How near the danger is: what the lead time and the colour leave to do."""

    MOVE = "move"  # people leave now
    PREPARE = "prepare"  # everybody at their place, the weakest leave first
    CHECK = "check"  # lists, shelters, routes
    WATCH = "watch"
    NOTICE = "notice"


def lead_choices() -> tuple[int, ...]:
    """Lead times offered, in minutes: "1262" and "631" (Fujian, Jiangxi)."""
    return (720, 360, 180, 120, 60)


def urgency(level: Level, lead_minutes: int | None) -> Urgency:
    """How near it is. Without a lead time a red warning means now."""
    if level is Level.YELLOW:
        return Urgency.WATCH
    if level is Level.BLUE:
        return Urgency.NOTICE
    if lead_minutes is None:
        return Urgency.MOVE if level is Level.RED else Urgency.PREPARE
    if lead_minutes <= 120:
        return Urgency.MOVE
    return Urgency.PREPARE if lead_minutes <= 360 else Urgency.CHECK


MOVING = frozenset({Urgency.MOVE, Urgency.PREPARE})
"""People move, or prepare to."""


def texts(hazard: Hazard, level: Level) -> tuple[str, ...]:
    """The shipped texts to choose from, the usual one first; each of one to three lines.

    What an office made of them: ``alerts.template_files.holding.texts_in``.
    """
    if hazard.homeward:
        return (RETURN_TEXT,)
    return _shipped(hazard).texts[level]


@cache
def _shipped(hazard: Hazard) -> WarningTexts:
    file = TEMPLATES / "warnings" / f"{hazard.value}.toml"
    return read_warning(file.read_bytes(), file.name)


OF_WINTER = frozenset({Hazard.SNOWSTORM, Hazard.COLD_WAVE, Hazard.ROAD_ICING})
"""Hazards of cold and snow: nobody flees from water."""
