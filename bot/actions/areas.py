"""The buttons that put together the area of a warning: ticked, drawn, along a river. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from bot.actions.codec import Action, Text, action


class AreaStep(Enum):
    """What a button does; ``AreaTap.value`` says with what."""

    LIST = "l"  # value: code, or code.page: what lies below it, to be ticked
    PICK = "p"  # value: code: with it, or without it
    ALL = "a"  # value: code: the whole of it
    NONE = "n"  # value: code: nothing of it
    DONE = "d"
    DATUM = "m"  # value: "gcj02" or "wgs84": how the drawing is read
    WATERS = "w"  # value: a page of the rivers and reservoirs
    RIVER = "r"  # value: id of a river: its stretches
    FROM = "f"  # value: id of a stretch: from here
    TO = "t"  # value: ids of two stretches, from.to: the villages along them
    RESERVOIR = "b"  # value: token of a place: the villages below it


@action("ar")
class AreaTap(Action):
    """A step of choosing the area."""

    step: AreaStep
    value: Annotated[str, Text("[A-Za-z0-9._-]*", longest=40)] = ""


def list_below(code: str, page: int | None = None) -> AreaTap:
    """What lies below ``code``, to be ticked, from the first or on a ``page``."""
    return AreaTap(AreaStep.LIST, code if page is None else f"{code}.{page}")


def parted(tap: AreaTap) -> tuple[str, int]:
    """The first word of the value and the number behind its dot; anybody may have written them."""
    word, _, number = tap.value.partition(".")
    return word, int(number) if number.isdecimal() and len(number) < 10 else 0
