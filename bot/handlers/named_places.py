"""The place behind a command (/status 敦化市, /who 大石头镇), and which of several is meant."""

from __future__ import annotations

from bot.actions.named_places import PlaceCommand, PlaceMeant
from bot.handlers.context import Context
from bot.views import named_places as views
from contacts.access import may_look_into, require
from contacts.divisions.codes import overlap
from contacts.divisions.gazetteer import Found

SHORTEST_CODE = 6
"""Digits of the shortest code of a division: fewer are the number of a warning."""


def alert_number(named: str) -> int | None:
    """The number of a warning, when that is what stands behind the command."""
    return int(named) if named.isdecimal() and len(named) < SHORTEST_CODE else None


async def place_named(context: Context, command: PlaceCommand, named: str) -> str | None:
    """The code of the division of this name; empty when none is named.

    ``None``: there is no one place of the name, and the person was told or asked.

    :raises NotAllowed: it is neither the person's, nor above it, nor below.
    """
    if not named:
        return ""
    own, language = context.known().division_code, context.language
    found = context.services.gazetteer.find(named, within=own, careful=True)
    if found.division is None:
        if found.outcome is Found.AMBIGUOUS:
            buttons = [
                (candidate.path, PlaceMeant(command, candidate.division.code))
                for candidate in found.candidates
            ]
            await context.say(views.which_place(named, buttons, found.total, language))
        else:
            await context.say(views.no_such_place(named, command, language))
        return None
    code = found.division.code
    if not overlap([code], [own]):
        require(may_look_into(context.known(), code), division=code)
    return code
