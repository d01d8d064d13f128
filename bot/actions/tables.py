"""The buttons under the preview of a table that was sent. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, action
from bot.actions.warnings import Nonce


@action("tki")
class TableTake(Action):
    """✅ What was previewed is written."""

    nonce: Nonce


@action("tkd")
class TableLeave(Action):
    """✖️ Nothing is written."""

    nonce: Nonce
