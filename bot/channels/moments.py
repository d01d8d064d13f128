"""When something happened, as providers write it: seconds, milli- or microseconds. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

OLDEST = timedelta(days=3)
"""No provider tells us of something again after so long; a time before is a mistake."""


def moment(told: Any, now: datetime) -> datetime:
    """The time since 1970 that a number, or its digits, says; ``now`` where it says none.

    Nothing has happened later than now.
    """
    text = str(told)
    if not (text.isascii() and text.isdigit() and 9 < len(text) < 18):
        return now
    seconds = float(text)
    while seconds > 1e11:
        seconds /= 1000
    at = datetime.fromtimestamp(seconds, UTC)
    return min(at, now) if now - at < OLDEST else now
