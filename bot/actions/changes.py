"""The buttons about changing a warning while it runs. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, Id, action


@action("uc")
class ConfirmTheChange(Action):
    """同意更改: the second person agrees to a change that waits."""

    change_id: Id


@action("ur")
class RefuseTheChange(Action):
    """不同意, by the second person; or whoever proposed it withdraws it."""

    change_id: Id
