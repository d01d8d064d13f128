"""How much of a live track is kept: pure. Metres, seconds; the numbers are ours.

A phone that shares its position sends it every few seconds for hours. A point is kept when the
person moved or some time passed; the more points a person has of the last 24 hours, the longer the
time, so that a track thins out instead of breaking off, and never has more than ``MOST_A_DAY``.
The first point of a track is always kept.
"""

from __future__ import annotations

from datetime import timedelta

from alerts.patrol.checkins import Fix
from data.coordinates import distance_m

MOST_A_DAY = 500
"""Points kept of one person's live tracks in any 24 hours."""

DAY = timedelta(hours=24)
AT_LEAST = timedelta(seconds=10)
"""Two points are never nearer in time than that."""

EVERY = timedelta(seconds=30)
"""After so long a point is kept although the person stands still."""

MOVED_M = 50.0
"""So far away a point is kept before that."""


def worth_keeping(last: Fix | None, new: Fix, kept: int, *, most: int = MOST_A_DAY) -> bool:
    """Whether a point of a live track says enough to be kept.

    :param last: the point of this track kept last.
    :param kept: how many points of the person's tracks were kept in the 24 hours before ``new``.
    """
    if last is None:  # the person just began to share: that is answered, so it is kept
        return True
    if kept >= most:
        return False
    passed = new.taken_at - last.taken_at
    if passed < AT_LEAST:
        return False
    wait = gap(kept, most=most)
    if passed >= wait:
        return True
    return wait == EVERY and distance_m(last.lon, last.lat, new.lon, new.lat) >= MOVED_M


def gap(kept: int, *, most: int = MOST_A_DAY) -> timedelta:
    """The time between two points: half a minute, doubled with every tenth beyond the first half.

    The first half of a day's points lasts two hours at least when nobody moves; what is left then
    is spread over the rest of the day.
    """
    beyond = kept - most // 2
    if beyond < 0:
        return EVERY
    return EVERY * 2 ** (1 + beyond // max(1, most // 10))
