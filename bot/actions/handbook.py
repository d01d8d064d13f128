"""The buttons of the handbook: who is who in a division. Pure."""

from __future__ import annotations

from typing import Annotated

from bot.actions.codec import Action, DivisionCode, Number, action


@action("b")
class HandbookIn(Action):
    """The handbook of a division; its first page, 0, is not written."""

    code: DivisionCode
    page: Annotated[int, Number(1, 99_999)] = 0
