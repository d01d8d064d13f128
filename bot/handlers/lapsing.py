"""Which updates that failed lapse: not done when they are old, or were done again since. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.cries import cry_in
from alerts.typed_answers import says_received
from bot.actions.distress import DistressConfirm, DistressRaise
from bot.actions.hotspots import HotspotVerdictTap
from bot.actions.parsing import parse
from bot.actions.red_days import RedDayAnswer
from bot.actions.warnings import CallAnswer, GroupAnswer
from bot.views.menu import Item, item_of

ActKey = tuple[int, str]
"""Who did something, and what: the same again is the same key."""

_NEVER = (
    CallAnswer,
    GroupAnswer,
    DistressRaise,
    DistressConfirm,
    HotspotVerdictTap,
    RedDayAnswer,
)
"""Facts, which keep their own time, and calls for help."""

_TOLD = frozenset({"location", "voice", "photo", "video", "video_note", "audio"})
"""What a message holds that tells a fact: where somebody is, what they saw, that they answer."""


def may_lapse(update: Mapping[str, Any]) -> bool:
    """Whether what failed is left undone when it is old or was done again since."""
    query = update.get("callback_query")
    if isinstance(query, Mapping):
        data = query.get("data")
        return not isinstance(parse(data) if isinstance(data, str) else None, _NEVER)
    if "message_reaction" in update:
        return False
    message = update.get("message") or update.get("edited_message")
    if not isinstance(message, Mapping):
        return True
    text = message.get("text")
    if not isinstance(text, str):
        return _TOLD.isdisjoint(message)
    if says_received(text) or cry_in(text) is not None:
        return False
    return item_of(text.strip()) is not Item.DISTRESS


def act_key(update: Mapping[str, Any]) -> ActKey | None:
    """What tells that a person did the same again: the same button, or other words after words."""
    what: Any = update.get("callback_query") or update.get("message")
    sender = what.get("from") if isinstance(what, Mapping) else None
    if not isinstance(sender, Mapping):
        return None
    account, did = sender.get("id"), str(what.get("data", "words"))
    return (account, did) if isinstance(account, int) else None
