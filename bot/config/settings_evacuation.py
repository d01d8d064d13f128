"""What can be configured of evacuation cards."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.loop.evacuation.rules import SENT_FOR
from alerts.model import Hazard, Level
from bot.config.reader import setting

_HAZARDS = tuple(hazard.value for hazard in Hazard)
_LEVELS = tuple(level.value for level in Level)


@dataclass(frozen=True, slots=True)
class EvacuationSettings:
    """After which warnings a village's card is sent to whoever has answered."""

    levels: tuple[str, ...] = setting(("red",), choices=_LEVELS)
    hazards: tuple[str, ...] = setting(
        tuple(hazard.value for hazard in Hazard if hazard in SENT_FOR), choices=_HAZARDS
    )
