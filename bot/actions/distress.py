"""The buttons of a call for help. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, Id, action


@action("h:yes")
class DistressRaise(Action):
    """🆘 求救 under a message of an older version; today it is a key of the keyboard."""


@action("dc")
class DistressConfirm(Action):
    """🆘 立即求救: the second tap, which sends the call at once."""

    id: Id


@action("u")
class DistressUndo(Action):
    """↩️ 误报，撤销: it was a mistake."""

    id: Id


@action("t")
class DistressTake(Action):
    """🙋 我来处置: an officer sees to it."""

    id: Id


@action("k")
class DistressClear(Action):
    """✅ 人已安全，解除: asks whether the person is safe; see ``DistressCleared``."""

    id: Id


@action("kc")
class DistressCleared(Action):
    """✅ 确认安全，解除: the second tap, which ends the call."""

    id: Id


@action("ko")
class DistressGoesOn(Action):
    """↩️ 还没有，继续处置: not safe yet; nothing changes."""

    id: Id
