"""How much of ours one member of WeCom gets: what is over it WeCom drops without a word. Pure."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

MEMBER_LIMITS: tuple[tuple[int, timedelta], ...] = (
    (30, timedelta(minutes=1)),
    (1000, timedelta(hours=1)),
)
"""So many messages of one app to one member within so long (document/path/90312)."""

_LONGEST = max(within for _, within in MEMBER_LIMITS)
_EARLY = timedelta(seconds=1)  # clocks and lines differ by less


class MemberPace:
    """Remembers when each member was written to, for as long as it counts."""

    def __init__(self) -> None:
        self._written: dict[str, deque[datetime]] = {}
        self._swept: datetime | None = None

    def wait(self, account: str, now: datetime) -> float:
        """Seconds until this member may be written to; 0: now."""
        written = self._written.get(account, ())
        open_at = now
        for most, within in MEMBER_LIMITS:
            if len(written) >= most:
                open_at = max(open_at, written[-most] + within + _EARLY)
        seconds = (open_at - now).total_seconds()
        return min(seconds, _LONGEST.total_seconds())  # a clock that was set back

    def wrote(self, account: str, now: datetime) -> None:
        """This member is written to now."""
        longest = max(most for most, _ in MEMBER_LIMITS)
        self._written.setdefault(account, deque(maxlen=longest)).append(now)
        self._forget(now)

    def _forget(self, now: datetime) -> None:
        if self._swept is not None and timedelta(0) <= now - self._swept < _LONGEST:
            return
        self._swept = now
        self._written = {
            account: written
            for account, written in self._written.items()
            if abs(now - written[-1]) <= _LONGEST
        }
