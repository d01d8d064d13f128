"""The buttons of duty, and of what patrols come to. Pure."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from alerts.duty.model import AskKind
from bot.actions.codec import Action, DivisionCode, Id, Number, Page, action

Hours = Annotated[int, Number(1, 24)]
Month = Annotated[int, Number(200001, 209912)]
"""A month as a number: 202611."""


class Reply(Enum):
    """What whoever was asked says."""

    YES = "y"
    NO = "n"


class CalendarWish(Enum):
    """What is to become of the calendar's address."""

    SHOW = "show"  # the one there is; a first one where there is none
    NEW = "new"  # the one before, if any, ends
    END = "end"


@action("duh:home")
class DutyHome(Action):
    """⬅️ back to /duty."""


@action("dup:swap")
class DutyShifts(Action):
    """🔁 换班: which of one's shifts?"""


@action("duc")
class DutyColleagues(Action):
    """Whom to ask: about a shift to be swapped or stood in for, or a gap (``id``)."""

    kind: AskKind
    id: Id
    page: Page = 0


@action("dub")
class DutyInReturn(Action):
    """A colleague was chosen for a shift: for which of theirs?"""

    id: Id
    person: Id


@action("dus")
class DutySwap(Action):
    """Ask for a swap; ``back``: the shift taken in return, or none."""

    id: Id
    person: Id
    back: Id | None = None


@action("dut")
class DutyHours(Action):
    """A colleague was chosen to stand in: for how long?"""

    id: Id
    person: Id


@action("dui")
class DutyStandIn(Action):
    """Ask somebody to stand in, for some hours or to the end of the shift."""

    id: Id
    person: Id
    hours: Hours | None = None


@action("duf")
class DutyFill(Action):
    """Ask somebody to take a gap."""

    id: Id
    person: Id


@action("dug")
class DutyTakeGap(Action):
    """🙋 我来值: take a gap oneself."""

    id: Id


@action("dua")
class DutyAnswer(Action):
    """Agree to an ask, or decline it."""

    id: Id
    reply: Reply


@action("duw")
class DutyWithdraw(Action):
    """Take an ask of one's own back."""

    id: Id


@action("duq")
class DutyTakeOverAsk(Action):
    """🙋 现在接班: of whom?"""

    code: DivisionCode


@action("duo")
class DutyTakeOver(Action):
    """Take over now; ``shift``: whose watch ends, or nobody's."""

    code: DivisionCode
    shift: Id | None = None


@action("duj")
class DutyPassTo(Action):
    """🔄 交班给同事: to whom?"""

    code: DivisionCode
    page: Page = 0


@action("duk")
class DutyPassWords(Action):
    """A colleague was chosen to hand over to: what is open, and a word of one's own?"""

    code: DivisionCode
    person: Id


@action("due")
class DutyPassWrite(Action):
    """📝 words of one's own go with it."""

    code: DivisionCode
    person: Id


@action("duv")
class DutyPass(Action):
    """Ask the colleague to take the watch, without words."""

    code: DivisionCode
    person: Id


@action("dux")
class DutyHandOverNow(Action):
    """✅ 交班: hand over with what is open, and with what was written."""

    id: Id


@action("dun")
class DutyWrite(Action):
    """📝 写几句: words of one's own."""

    id: Id


@action("dur")
class DutyReceived(Action):
    """✅ 已接班."""

    id: Id


@action("dul")
class DutyCalendar(Action):
    """📆 A new address for the calendar, or its end."""

    wish: CalendarWish


@action("dum")
class PatrolMonth(Action):
    """What the patrols of a division came to in a month."""

    code: DivisionCode
    month: Month
    page: Page = 0


@action("duz")
class PatrolWorkbook(Action):
    """📥 The same as a workbook."""

    code: DivisionCode
    month: Month
