"""The buttons of roll calls. Pure.

The wizard keeps nothing: each button holds all that was chosen, so it never gets lost.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from alerts.patrol.roll_calls.model import LONGEST_MINUTES, Whom
from bot.actions.codec import Action, DivisionCode, Id, Number, Page, action

Minutes = Annotated[int, Number(1, LONGEST_MINUTES)]


@action("qa")
class RollCallArea(Action):
    """Show a division and those below it."""

    code: DivisionCode
    page: Page = 0


@action("qd")
class RollCallDraft(Action):
    """What was chosen so far: asks for the rest; whole, it shows the preview."""

    code: DivisionCode
    whom: Whom | None = None
    minutes: Minutes | None = None


@action("qg")
class RollCallStart(Action):
    """✅ 开始点名, under the preview."""

    code: DivisionCode
    whom: Whom
    minutes: Minutes


@action("qx:0")
class RollCallStop(Action):
    """✖️ 取消."""


class RollCallDo(Enum):
    """What can be done with a roll call."""

    SHOW = "show"
    AGAIN = "again"
    MAP = "map"
    CLOSE = "close"
    SILENT = "silent"
    FAR = "far"


@action("qt")
class RollCallTap(Action):
    """One of them, for the roll call ``id``; ``page`` of a list."""

    id: Id
    do: RollCallDo
    page: Page = 0
