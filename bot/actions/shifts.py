"""The button under a list of silent patrollers. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, Id, action


@action("sr")
class PatrolReached(Action):
    """✅ 已联系上: an officer spoke with a silent patroller (``id``: the person)."""

    id: Id
