"""The buttons of emergency responses. Pure.

What follows the choice of a level is the release wizard's; how one ends, the warning's.
"""

from __future__ import annotations

from typing import Annotated

from alerts.model import RESPONSES, Hazard, Level
from bot.actions.codec import Action, Text, action

MENU = "menu"


@action("yr")
class RaiseResponse(Action):
    """Raise an emergency response: ``flood.red``; or (``menu``) show those in force, and all
    levels."""

    choice: Annotated[str, Text("[a-z0-9.]+", longest=16)]


def raise_at(hazard: Hazard, level: Level) -> RaiseResponse:
    """The button that raises one at this level."""
    return RaiseResponse(f"{hazard.family.value}.{level.value}")


def raised_at(tap: RaiseResponse) -> tuple[Hazard, Level] | None:
    """The command and the level of ``raise_at``; anybody may have written them."""
    family, _, level = tap.choice.partition(".")
    hazards = {hazard.family.value: hazard for hazard in RESPONSES}
    levels = {known.value: known for known in Level}
    if family not in hazards or level not in levels:
        return None
    return hazards[family], levels[level]
