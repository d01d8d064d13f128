"""Rain summed in sliding windows, with whatever intervals are missing. Pure. Millimetres.

A sum over missing intervals is a lower bound: one that reaches its line has reached it. How much of
the window is known is said with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.sources.gauges.crossings import Sight, margin
from alerts.sources.gauges.model import Reading
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import Line


@dataclass(frozen=True, slots=True)
class RainSum:
    """Rain in the ``minutes`` before ``at``, of which ``known`` minutes are known."""

    at: datetime
    minutes: int
    mm: float
    known: float

    @property
    def missing(self) -> float:
        """Minutes of the window of which nothing is known."""
        return max(0.0, self.minutes - self.known)


def rain_sum(intervals: Iterable[Reading], at: datetime, minutes: int) -> RainSum:
    """The rain of a window.

    Short intervals before long ones: a day's total does not count again what its hours said. Of one
    that is only partly in the window its share; one longer than the window says nothing about it.
    """
    begins = at - timedelta(minutes=minutes)
    taken: list[tuple[datetime, datetime]] = []
    total = known = 0.0
    for reading in sorted(intervals, key=lambda each: (each.minutes, each.at)):
        if not 0 < reading.minutes <= minutes:
            continue
        first, last = max(reading.since, begins), min(reading.at, at)
        if first >= last or _overlaps(taken, first, last):
            continue
        taken.insert(bisect_left(taken, (first, last)), (first, last))
        inside = (last - first).total_seconds() / 60
        total += reading.value * inside / reading.minutes
        known += inside
    return RainSum(at, minutes, round(total, 2), known)


def rain_sight(
    intervals: Sequence[Reading], at: datetime, lines: Iterable[Line], rules: WaterRules
) -> tuple[Sight, RainSum | None]:
    """A look at the rain of a station, and the sum that counts: that of the highest line reached,
    else the one nearest to its line."""
    sums: dict[int, RainSum] = {}
    reached: Line | None = None
    nearest: tuple[float, RainSum] | None = None
    kept = 0
    for line in lines:
        known = sums.setdefault(line.minutes, rain_sum(intervals, at, line.minutes))
        if known.mm >= line.value and (reached is None or line.kind.rank > reached.kind.rank):
            reached = line
        if known.mm > line.value - margin(line, rules):
            kept = max(kept, line.kind.rank)
        share = known.mm / line.value if line.value > 0 else 0.0
        if nearest is None or share > nearest[0]:
            nearest = share, known
    counts = sums[reached.minutes] if reached else (nearest[1] if nearest else None)
    rank = reached.kind.rank if reached else 0
    value = 0.0 if counts is None else counts.mm
    return Sight(at, value, rank, max(kept, rank), reached), counts


def _overlaps(taken: list[tuple[datetime, datetime]], first: datetime, last: datetime) -> bool:
    """Whether a stretch shares time with one that is taken; they are in order, and apart."""
    place = bisect_left(taken, (first, last))
    before = taken[place - 1] if place else None
    after = taken[place] if place < len(taken) else None
    return (before is not None and before[1] > first) or (after is not None and after[0] < last)
