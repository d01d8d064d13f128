"""The buttons of the release wizard; the draft itself is kept in the conversation. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from bot.actions.codec import Action, Text, action


class ReleaseStep(Enum):
    """Where in the release wizard a button leads; ``ReleaseTap.value`` says with what."""

    START = "start"  # from the beginning
    LEVEL = "level"  # value: a Level
    HAZARD = "hazard"  # value: a Hazard
    OPEN = "open"  # value: code, or code.page: show the divisions below it
    HERE = "here"  # value: code: this area is meant
    MORE = "more"  # one more area
    PLACE = "place"  # value: what to do with the places it is for alone: see ``PlaceChoice``
    TEXT = "text"  # value: number of the template's text, or "own"
    LEAD = "lead"  # value: minutes, or "none"
    EXERCISE = "exercise"  # value: "1" or "0"
    CHANGE = "change"  # value: level, hazard, area, text or lead: anew; signal: the next
    CONFIRM = "confirm"  # value: the draft's nonce: 确认发布
    STOP = "stop"


@action("w")
class ReleaseTap(Action):
    """A step of the release wizard."""

    step: ReleaseStep
    value: Annotated[str, Text("[A-Za-z0-9._-]*", longest=40)] = ""


def open_area(code: str, page: int | None = None) -> ReleaseTap:
    """Show the divisions below ``code``, from the first or on a ``page``."""
    return ReleaseTap(ReleaseStep.OPEN, code if page is None else f"{code}.{page}")


def opened_area(tap: ReleaseTap) -> tuple[str, int]:
    """The code and the page of ``open_area``; anybody may have written them."""
    code, _, page = tap.value.partition(".")
    return code, int(page) if page.isdecimal() else 0


class PlaceChoice(Enum):
    """What a button does with the places that a warning is for alone."""

    PAGE = "p"  # value: the number of a page of the list
    KIND = "k"  # value: a PlaceKind: with it, or without it
    ONE = "t"  # value: the token of a place: with it, or without it
    ONLY = "o"  # value: the token of a place: where several bear the name that was written
    EVERYBODY = "all"
    DONE = "done"


def choose_place(choice: PlaceChoice, value: str = "") -> ReleaseTap:
    """The button for it."""
    return ReleaseTap(ReleaseStep.PLACE, f"{choice.value}.{value}" if value else choice.value)


def chosen_place(tap: ReleaseTap) -> tuple[PlaceChoice, str]:
    """The choice and the value of ``choose_place``; anybody may have written them."""
    choice, _, value = tap.value.partition(".")
    known = {member.value: member for member in PlaceChoice}
    return known.get(choice, PlaceChoice.PAGE), value
