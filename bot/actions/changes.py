"""The buttons of a change of a running warning; what changes is kept in the conversation. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from bot.actions.areas import WaterStep
from bot.actions.codec import Action, Id, Number, Text, action


class ChangeStep(Enum):
    """Where in the change of a warning a button leads; ``ChangeTap.value`` says with what."""

    MENU = "menu"  # 变更预警: what is to change?
    BACK = "back"  # to the preview, or to the menu while nothing is chosen
    LEVEL = "level"  # value: a Level; without one it is asked for
    TEXT = "text"  # asks for the text
    SIGNAL = "signal"  # quotes the weather signal of the new level, or none
    TIME = "time"  # value: hours more, or "own": how long is typed; without one it is asked for
    ADD = "add"  # value: see ``AreaChoice``
    NARROW = "narrow"  # value: see ``AreaChoice``
    UNCLEAR = "unclear"  # value: the code of the place that was meant
    MEANT = "meant"  # value: keep or drop: what 缩小 meant
    CONFIRM = "confirm"  # value: the nonce of the preview
    STOP = "stop"


@action("v")
class ChangeTap(Action):
    """A step of the change of a warning (``alert_id``)."""

    alert_id: Id
    step: ChangeStep
    value: Annotated[str, Text("[A-Za-z0-9._-]*", longest=24)] = ""


@action("vw")
class ChangeWater(Action):
    """A step of widening a warning (``alert_id``) by a river, or by what lies below a reservoir.

    ``value``: see ``WaterStep``.
    """

    alert_id: Id
    step: WaterStep
    value: Annotated[str, Text("[A-Za-z0-9._-]*", longest=40)] = ""


@action("vp")
class PickWarning(Action):
    """This is the warning that the line was about (``id``: the alert)."""

    id: Id


@action("vd")
class DraftAsChange(Action):
    """The draft in the preview becomes a change of this warning (``id``: the alert)."""

    id: Id


class AreaChoice(Enum):
    """What a button does with the areas."""

    OPEN = "o"  # value: code, or code.page: show the divisions below it
    HERE = "h"  # value: code: this one, too; of 缩小: it goes, or comes back
    PAGE = "p"  # value: number of the page
    ALL = "all"  # 缩小: all stay
    NONE = "none"  # 缩小: none stays; those that do are chosen next


def choose_area(alert_id: int, step: ChangeStep, choice: AreaChoice, value: str = "") -> ChangeTap:
    """The button for it; ``step`` is ADD or NARROW."""
    return ChangeTap(alert_id, step, f"{choice.value}.{value}" if value else choice.value)


def chosen_area(tap: ChangeTap) -> tuple[AreaChoice, str]:
    """The choice and the value of ``choose_area``; anybody may have written them."""
    choice, _, value = tap.value.partition(".")
    known = {member.value: member for member in AreaChoice}
    return known.get(choice, AreaChoice.PAGE), value


@action("vx")
class LetExpire(Action):
    """⌛ 到期结束: the warning may expire, nobody is asked again (``id``: the alert).

    ``until``: the expiry it was asked about, in minutes since the epoch: of a later one it says
    nothing.
    """

    id: Id
    until: Annotated[int, Number(0, 10**9)]


@action("uc")
class ConfirmTheChange(Action):
    """同意变更: the second person agrees to a change that waits."""

    change_id: Id


@action("ur")
class RefuseTheChange(Action):
    """不同意, by the second person; or whoever proposed it withdraws it."""

    change_id: Id


@action("uk")
class ConfirmChangeKnowing(Action):
    """The second person agrees, having read again what the change would do by then.

    ``asked``: when they read it, in minutes since the epoch.
    """

    change_id: Id
    asked: Annotated[int, Number(0, 10**9)]


@action("uv")
class ConfirmChangeOf(Action):
    """The second person agrees to a change of the warning as they read it.

    ``version``: of the warning then; changed since, it is shown again. ``asked``: when they read it
    again, in minutes since the epoch; 0: as it was proposed.
    """

    change_id: Id
    version: Annotated[int, Number(1, 10**6)]
    asked: Annotated[int, Number(0, 10**9)] = 0
