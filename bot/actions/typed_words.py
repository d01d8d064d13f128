"""The button under words that were typed: it alone does with them what was asked about. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, action
from bot.actions.warnings import Nonce


@action("tyw")
class WordsSend(Action):
    """The words are as they are to be (``nonce``: of the words that are shown)."""

    nonce: Nonce
