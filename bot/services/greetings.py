"""Who wrote from a number or an account of nobody we know, and is told so: seldom, and few of them.

Each is told once in ten minutes. All of a channel together have a small share of its pace: what a
thousand strangers write costs those in the roster nothing, and no automat is answered for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.web.visits import VisitLimit
from contacts.channels import Channel

GREETED_SECONDS = 600.0
"""As long as a stranger who was greeted in Telegram is not greeted again."""

AT_ONCE, EVERY_SECONDS = 10, 3.0
"""Greetings of one channel: so many at once, then one each so many seconds (ours)."""


class Greetings:
    """Of one process; what it remembers is bounded."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._each = VisitLimit(1, GREETED_SECONDS)
        self._all = VisitLimit(AT_ONCE, EVERY_SECONDS)

    def greets(self, channel: Channel, who: str | None) -> bool:
        """Whether a stranger is told anything now; counts it if so."""
        now = self._clock()
        if not self._each.admits((channel, who), now):
            return False
        if self._all.admits(channel, now):
            return True
        self._each.give_back((channel, who))  # told nothing, they are told when they write again
        return False
