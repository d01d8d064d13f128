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
