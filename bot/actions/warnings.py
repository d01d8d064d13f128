"""The buttons of a warning that is out: answering it, watching it, ending it. Pure."""

from __future__ import annotations

from typing import Annotated

from alerts.calls import Proxy, Report
from alerts.silence import Only
from alerts.withdrawals.model import Doubt
from bot.actions.codec import Action, DivisionCode, Id, Number, Page, Text, action

Nonce = Annotated[str, Text("[0-9a-f]{8}", longest=8)]
"""What tells a reason typed from one typed before it: each has a button of its own."""


LaterPage = Annotated[int, Number(1, 99_999)]
"""A page of a list; the first, 0, is not written: these buttons had no page once."""


Asked = Annotated[int, Number(2, 9_999)]
"""With which message of a warning everybody was asked to answer."""


@action("a")
class CallAnswer(Action):
    """收到 under a call (``id``: the call).

    ``asked``: with which message of its warning it was asked, if not with the first: a button of
    before the level rose answers nothing that was asked since.
    """

    id: Id
    asked: Asked | None = None


AnsweredAt = Annotated[int, Number(0, 10**14)]
"""When an answer was given, in milliseconds since the epoch: which of several is meant."""


@action("tb")
class TakeBack(Action):
    """误点，撤回: the person takes their answer back (``call_id``: of which call)."""

    call_id: Id
    answered: AnsweredAt


@action("g")
class GroupAnswer(Action):
    """收到 under a group's post (``id``: the alert); ``asked`` as for a call."""

    id: Id
    asked: Asked | None = None


PlaceNumber = Annotated[int, Number(1, 9_999)]
"""Which of the places that a call is for, counted from 1 (``call_post_store.places_of``)."""


@action("r")
class ReportTap(Action):
    """已完成, 已转移群众, 无法执行 or 需要支援 under an answered call.

    ``place``: for this place only, of several that the call is for.
    """

    call_id: Id
    report: Report
    place: PlaceNumber | None = None


@action("rl")
class ReportPlaces(Action):
    """分别报告各处: the places that a call is for, and what was reported of each."""

    call_id: Id
    page: Page = 0


@action("ro")
class ReportPlace(Action):
    """One of these places: the buttons of its report."""

    call_id: Id
    place: PlaceNumber


Moved = Annotated[int, Number(0, 100_000)]
"""Households or persons moved."""


@action("rf")
class FiguresSure(Action):
    """Figures that were asked about are meant (``call_id``: of whose report)."""

    call_id: Id
    households: Moved | None = None
    persons: Moved | None = None
    place: PlaceNumber | None = None


@action("ht")
class HelpTake(Action):
    """接手: an officer takes a cry for help on (``id``: the request)."""

    id: Id


@action("hr")
class HelpResolve(Action):
    """已解决: a cry for help is settled (``id``: the request)."""

    id: Id


@action("rh")
class RingAboutReport(Action):
    """我来联系: an officer rings up who answered but has not reported (``id``: the call)."""

    id: Id


@action("c")
class ConfirmAlert(Action):
    """The second person agrees (``id``: the alert)."""

    id: Id


@action("ca")
class ConfirmKnowing(Action):
    """The second person agrees, having read again what was proposed long ago.

    ``asked``: when they read it, in minutes since the epoch.
    """

    id: Id
    asked: Annotated[int, Number(0, 10**9)]


@action("n")
class RefuseAlert(Action):
    """The second person refuses, or the sender withdraws (``id``: the alert)."""

    id: Id


@action("s")
class StatusOf(Action):
    """The progress card (``id``: the alert)."""

    id: Id


@action("lk")
class LookAt(Action):
    """The progress card as a new message; the one with the button stays (``id``: the alert)."""

    id: Id


@action("l")
class SilentPage(Action):
    """A page of those who have not answered; without a ``division``, of the whole alert."""

    alert_id: Id
    division: DivisionCode = ""
    page: Page = 0
    only: Only | None = None


@action("lp")
class SilentPlaces(Action):
    """Where they are who have not answered: the places below a ``division``, or below the alert."""

    alert_id: Id
    division: DivisionCode = ""
    page: Page = 0


@action("lx")
class SilentExport(Action):
    """Those who have not answered as a spreadsheet."""

    alert_id: Id
    division: DivisionCode = ""
    only: Only | None = None


@action("lg")
class LedgerExport(Action):
    """📒 叫应台账: the ledger of calls as a file (``id``: the alert)."""

    id: Id


# What is done with one person of the list, and the page of the list that it leads back to.


@action("o")
class CallOptions(Action):
    """⋯ beside a silent person (``id``: the call)."""

    id: Id
    page: Page = 0
    division: DivisionCode = ""
    only: Only | None = None


@action("rg")
class Ring(Action):
    """我在打: an officer rings the silent person up now (``id``: the call)."""

    id: Id
    page: Page = 0
    division: DivisionCode = ""
    only: Only | None = None


@action("ri")
class RingInstead(Action):
    """换我来打: in the place of whoever rings the silent person up (``id``: the call)."""

    id: Id
    page: Page = 0
    division: DivisionCode = ""
    only: Only | None = None


@action("rs")
class StopRinging(Action):
    """没打通: the officer goes back to the list, and others may ring (``id``: the call)."""

    id: Id
    page: Page = 0
    division: DivisionCode = ""
    only: Only | None = None


@action("lw")
class PageLink(Action):
    """🔗 网页链接: a link by which the silent person answers in a browser (``id``: the call)."""

    id: Id


@action("p")
class ProxyTap(Action):
    """An officer reached the person otherwise."""

    call_id: Id
    how: Proxy
    page: LaterPage = 0
    division: DivisionCode = ""
    only: Only | None = None


@action("pu")
class ProxyTakeBack(Action):
    """The officer recorded it by mistake (``id``: the call)."""

    id: Id
    page: LaterPage = 0
    division: DivisionCode = ""
    only: Only | None = None


# Answers that cannot be right: who has answered, and why it is doubted.


@action("ak")
class AnsweredPage(Action):
    """A page of those who have answered; without a ``division``, of the whole alert."""

    alert_id: Id
    division: DivisionCode = ""
    page: Page = 0


@action("af")
class AnsweredFind(Action):
    """🔎 Somebody of those who have answered, by name (``id``: the alert)."""

    id: Id


@action("da")
class DoubtAsk(Action):
    """❓ beside somebody who has answered: why is it doubted?"""

    call_id: Id
    answered: AnsweredAt


@action("dn")
class DoubtNow(Action):
    """One of the reasons: the person is asked again."""

    call_id: Id
    answered: AnsweredAt
    why: Doubt


@action("dw")
class DoubtWrite(Action):
    """✍️ Another reason, which is asked for."""

    call_id: Id
    answered: AnsweredAt


@action("dt")
class DoubtTyped(Action):
    """The reason is as typed: the person is asked again (``nonce``: of the typed reason)."""

    id: Id
    nonce: Nonce


@action("d")
class DischargeAsk(Action):
    """Take one call off the list: asks for the reason (``id``: the call)."""

    id: Id


@action("y")
class SendAnew(Action):
    """现在发出: a warning that was held goes out as if released now (``id``: the alert)."""

    id: Id


@action("dr")
class DischargeNow(Action):
    """The reason is as typed: take the call off the list (``nonce``: of the typed reason)."""

    id: Id
    nonce: Nonce


@action("x")
class CancelAsk(Action):
    """取消预警, first tap (``id``: the alert)."""

    id: Id


@action("X")
class CancelNow(Action):
    """取消预警, confirmed (``id``: the alert)."""

    id: Id


@action("e")
class LiftAsk(Action):
    """解除预警, first tap (``id``: the alert)."""

    id: Id


@action("E")
class LiftNow(Action):
    """解除预警, confirmed (``id``: the alert)."""

    id: Id


@action("z")
class CloseAsk(Action):
    """销号, first tap (``id``: the alert)."""

    id: Id


@action("Z")
class CloseNow(Action):
    """销号, second tap: closes it, or asks for the reason while some are silent (``id``: alert)."""

    id: Id


@action("zr")
class CloseWithReason(Action):
    """The reason is as typed: close the warning (``nonce``: of the typed reason)."""

    id: Id
    nonce: Nonce
