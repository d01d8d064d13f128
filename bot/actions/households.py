"""The buttons of counting who was moved, and of calling them home. Pure."""

from __future__ import annotations

from typing import Annotated

from alerts.loop.evacuation.counting import MoveState
from bot.actions.codec import Action, DivisionCode, Id, Number, Page, action


@action("emh")
class HouseholdPage(Action):
    """🏘 逐户登记: the households of a card, in a warning."""

    alert_id: Id
    card_id: Id
    page: Page = 0


@action("emk")
class HouseholdPick(Action):
    """⋯ The same list, each household leading to what else can be said of it."""

    alert_id: Id
    card_id: Id
    page: Page = 0


@action("emt")
class HouseholdTick(Action):
    """A household stands so now."""

    alert_id: Id
    household_id: Id
    state: MoveState
    page: Page = 0


@action("emo")
class HouseholdOptions(Action):
    """⋯ What else can be said of a household: 已在外, 拒转; a tick taken back."""

    alert_id: Id
    household_id: Id
    page: Page = 0


@action("ema")
class AllMovedAsk(Action):
    """全部已转: asks first."""

    alert_id: Id
    card_id: Id


@action("emb")
class AllMoved(Action):
    """✅ All households of which nothing is ticked were moved."""

    alert_id: Id
    card_id: Id


@action("emp")
class EvacuationPlaces(Action):
    """🏘 转移进度: how it stands in the divisions below one (none: of the whole warning)."""

    alert_id: Id
    division: DivisionCode = ""
    page: Page = 0


@action("emf")
class FrailPage(Action):
    """🧓 The frail who are not moved yet."""

    alert_id: Id
    division: DivisionCode = ""
    page: Page = 0


@action("ems")
class ShelterPage(Action):
    """🏫 安置点: how full each is."""

    alert_id: Id
    page: Page = 0


@action("emr")
class ReturnAsk(Action):
    """🏠 返回: whom a call home would reach (``id``: the warning)."""

    id: Id


@action("emx")
class ReturnNow(Action):
    """✅ 确认通知返回: the call home goes out, if it is for as many villages as were shown."""

    alert_id: Id
    villages: Annotated[int, Number(1, 99_999)]
