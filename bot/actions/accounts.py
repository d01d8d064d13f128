"""The buttons of who is who: an account that wants to be somebody whose post gives rights. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, Id, action


@action("ia")
class ApproveLink(Action):
    """批准: the account is this person's (``id``: the person)."""

    id: Id
    account: Id


@action("ir")
class RefuseLink(Action):
    """不是本人: it is not."""

    id: Id
    account: Id
