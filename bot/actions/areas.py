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
    DRAWN = "g"  # value: id of a drawing made on the command wall: it is the area
    DATUM = "m"  # value: "gcj02" or "wgs84": how the drawing is read


@action("ar")
class AreaTap(Action):
    """A step of choosing the area."""

    step: AreaStep
    value: Annotated[str, Text("[A-Za-z0-9._-]*", longest=40)] = ""


class WaterStep(Enum):
    """What a button does on the way to the villages along water; ``WaterTap.value`` with what."""

    LIST = "l"  # value: a page of the rivers and reservoirs
    RIVER = "r"  # value: id of any of its stretches, or id.page: from which stretch
    FROM = "f"  # value: id of a stretch, or id.page: from here; to which
    TO = "t"  # value: ids of two stretches, from.to
    RESERVOIR = "b"  # value: token of a place: what lies below it
    BELOW = "u"  # value: token of a place and id of a stretch, token.to: the river down to there


@action("aw")
class WaterTap(Action):
    """A step of choosing the villages along a river, or below a reservoir."""

    step: WaterStep
    value: Annotated[str, Text("[A-Za-z0-9._-]*", longest=40)] = ""


def list_below(code: str, page: int | None = None) -> AreaTap:
    """What lies below ``code``, to be ticked, from the first or on a ``page``."""
    return AreaTap(AreaStep.LIST, code if page is None else f"{code}.{page}")


def parted(tap: AreaTap) -> tuple[str, int]:
    """The first word of the value and the number behind its dot; anybody may have written them."""
    return numbered(tap.value)


def numbered(value: str) -> tuple[str, int]:
    """The first word of a value and the number behind its dot; anybody may have written them."""
    word, _, number = value.partition(".")
    return word, int(number) if number.isdecimal() and len(number) < 10 else 0
