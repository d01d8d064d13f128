"""The buttons of the handbook's cards: what to do about a hazard. Pure."""

from __future__ import annotations

from typing import Annotated

from alerts.handbook.model import KEY
from alerts.instructions import Work
from alerts.model import Hazard
from bot.actions.codec import Action, Id, Text, action

CardKey = Annotated[str, Text(KEY.pattern, longest=40)]
"""A card, by the name of its file."""


@action("hbi:all")
class HandbookHazards(Action):
    """📗 处置手册: the hazards it has cards of."""


@action("hbl")
class HandbookOf(Action):
    """The cards of a hazard; ``work``: for this kind of work, if not the reader's own."""

    hazard: Hazard
    work: Work | None = None


@action("hbv")
class HandbookCard(Action):
    """One card; ``hazard``: from whose list it was opened."""

    key: CardKey
    hazard: Hazard | None = None


@action("hbc")
class CallCard(Action):
    """📖 怎么做 under an answered call (``call_id``): the card for that person, now."""

    call_id: Id
