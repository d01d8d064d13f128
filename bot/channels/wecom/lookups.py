"""Which numbers WeCom knows nobody by, and how many more may be asked for today. Pure.

Who asks for too many numbers that are no member's is locked out of asking for a day
(document/path/95402: a fifth of the corporation's size).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

ASKED_AGAIN_AFTER = timedelta(hours=1)
"""A number that was no member's is asked for again then: they may have joined (ours)."""

_DAY = timedelta(days=1)


class UnknownNumbers:
    """Numbers that were no member's when they were asked for."""

    def __init__(self) -> None:
        self._missed: dict[str, datetime] = {}
        self._times: deque[datetime] = deque()
        self._locked_out: datetime | None = None

    def known_as_unknown(self, number: str, now: datetime) -> bool:
        """Whether it was no member's a short while ago."""
        at = self._missed.get(number)
        return at is not None and _lately(at, now)

    def may_ask(self, a_day: int, now: datetime) -> bool:
        """Whether one more unknown one locks nobody out: there were less than ``a_day``."""
        while self._times and not timedelta(0) <= now - self._times[0] < _DAY:
            self._times.popleft()
        if self._locked_out is not None and _lately(self._locked_out, now):
            return False
        return len(self._times) < a_day

    def locked_out(self, now: datetime) -> None:
        """WeCom lets us ask for no number at present: it is tried again in an hour."""
        self._locked_out = now

    def missed(self, number: str, now: datetime) -> None:
        """It is no member's."""
        self._missed = {other: at for other, at in self._missed.items() if _lately(at, now)}
        self._missed[number] = now
        self._times.append(now)


def _lately(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at < ASKED_AGAIN_AFTER  # not after: the clock was set back
