"""A position: what is doubtful about it, and how much of a live track is kept. Pure.

A doubtful position is kept and marked, and asked for again (DOMAIN, "Positions"): at (0,0), older
than its tap, outside the province, or less accurate than a kilometre. WGS-84 lon/lat, metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from data.geo.coordinates import distance_m

NULL_ISLAND_M = 1000.0
"""So near to (0,0) nobody patrols: the phone did not know where it was."""

MOST_A_DAY = 500
"""Points kept of one person's live tracks in any 24 hours."""

DAY = timedelta(hours=24)
AT_LEAST = timedelta(seconds=10)
"""Two points are never nearer in time than that."""

EVERY = timedelta(seconds=30)
"""After so long a point is kept although the person stands still."""

MOVED_M = 50.0
"""So far away a point is kept before that."""


class Doubt(Enum):
    """Why a position is not taken as it is."""

    NULL_ISLAND = "null_island"  # (0,0): the phone did not know
    STALE = "stale"  # older than the tap that sent it
    OUTSIDE_PROVINCE = "outside_province"
    INACCURATE = "inaccurate"
    FORWARDED = "forwarded"  # somebody else's, or an earlier one


@dataclass(frozen=True, slots=True)
class CheckInRules:
    """When a position is doubted."""

    max_accuracy_m: float = 1000.0
    max_age_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Fix:
    """One position as it came. ``accuracy_m`` is the radius of uncertainty, if the phone said."""

    lon: float
    lat: float
    taken_at: datetime
    received_at: datetime
    accuracy_m: float | None = None
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """A stored position."""

    id: int
    person_id: int
    fix: Fix
    division_code: str | None
    doubts: frozenset[Doubt]

    @property
    def on_a_map(self) -> bool:
        """Whether it may be shown as a place where the person is: the phone's own, not (0,0)."""
        return not self.doubts & {Doubt.NULL_ISLAND, Doubt.FORWARDED}


def doubts(fix: Fix, rules: CheckInRules, *, inside_province: bool) -> frozenset[Doubt]:
    """What is doubtful about ``fix``; empty when it is good."""
    found = set()
    if distance_m(fix.lon, fix.lat, 0.0, 0.0) < NULL_ISLAND_M:
        found.add(Doubt.NULL_ISLAND)
    elif not inside_province:
        found.add(Doubt.OUTSIDE_PROVINCE)
    if fix.received_at - fix.taken_at > timedelta(seconds=rules.max_age_seconds):
        found.add(Doubt.STALE)
    if fix.accuracy_m is not None and fix.accuracy_m > rules.max_accuracy_m:
        found.add(Doubt.INACCURATE)
    if fix.forwarded:
        found.add(Doubt.FORWARDED)
    return frozenset(found)


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
    return EVERY * (2 << beyond // max(1, most // 10))
