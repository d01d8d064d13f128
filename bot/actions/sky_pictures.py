"""The buttons under satellite and radar pictures in a group. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, action


@action("sm:off")
class SkyMute(Action):
    """🔕 本群不再发图: until a warning is released after that."""


@action("su:on")
class SkyResume(Action):
    """🔔 恢复发图."""
