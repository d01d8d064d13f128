"""The buttons of evacuation cards. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, DivisionCode, Id, Page, action


@action("evc")
class CardShow(Action):
    """🗺: the card of this number."""

    card_id: Id


@action("evl")
class CardsIn(Action):
    """A page of the villages of a division that have cards."""

    code: DivisionCode
    page: Page
