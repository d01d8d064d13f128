"""What the buttons of the forest-fire side say: callback data and back. Pure.

As ``warnings``, which asks here for what it does not know: only what ``encode`` writes parses.
A module of patrol actions adds its parsers to ``PARSERS``, by prefix (two letters, so that they
never meet the one-letter prefixes there).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.actions import distress as distress_callbacks
from bot.actions import feed as feed_callbacks
from bot.actions import hotspots as hotspot_callbacks
from bot.actions import red_days as red_day_callbacks
from bot.actions import roll_calls as roll_call_callbacks
from bot.actions import shifts as shift_callbacks


class Action(Protocol):
    """One thing a button can ask for."""

    def encode(self) -> str:
        """The callback data: at most 64 bytes."""


PARSERS: dict[str, Callable[[Sequence[str]], Action | None]] = {
    **distress_callbacks.PARSERS,
    **feed_callbacks.PARSERS,
    **red_day_callbacks.PARSERS,
    **roll_call_callbacks.PARSERS,
    **shift_callbacks.PARSERS,
    **hotspot_callbacks.PARSERS,
}
"""By prefix: the parts after it, split at colons, to the action; ``None`` when forged."""
