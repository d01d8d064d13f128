"""Rain summed in sliding windows, with whatever intervals are missing. Pure. Millimetres.

A sum over missing intervals is a lower bound: one that reaches its line has reached it. How much of
the window is known is said with it.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rain of a stretch of time."""

    since: datetime
    until: datetime
    mm: float

    @property
    def minutes(self) -> float:
        return (self.until - self.since).total_seconds() / 60


def rain_sum(intervals: Iterable[Reading], at: datetime, minutes: int) -> RainSum:
    """The rain of a window.

    A long interval does not count again what its short ones said: where they fill it they count,
    where some are missing it does, with what they have beyond it. Of an interval that is partly in
    the window its share; one longer than the window says nothing about it. Of those that lie across
    each other ("the last hour", said every five minutes) the newest counts, of one said twice the
    larger, and the sum is never less than what one interval of the window says by itself.
    """
    begins = at - timedelta(minutes=minutes)
    inside_it = [
        each
        for each in intervals
        if begins < each.at and 0 < each.minutes <= minutes and each.since < at
    ]
    taken: list[_Piece] = []
    most: _Piece | None = None
    newest_first = sorted(inside_it, key=lambda each: (each.at, each.value), reverse=True)
    for reading in sorted(newest_first, key=lambda each: each.minutes):
        piece = _Piece(reading.since, reading.at, reading.value)
        if begins <= piece.since and piece.until <= at and (most is None or most.mm < piece.mm):
            most = piece
        if not taken or piece.until <= taken[-1].since:  # one before the other: nearly always
            taken.append(piece)
        else:
            _take(taken, piece)
    total = known = 0.0
    for piece in taken:
        inside = (min(piece.until, at) - max(piece.since, begins)).total_seconds() / 60
        total += piece.mm * inside / piece.minutes
        known += inside
    if most is not None and total < most.mm:
        total, known = most.mm, most.minutes
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
        if line.minutes not in sums:
            sums[line.minutes] = rain_sum(intervals, at, line.minutes)
        known = sums[line.minutes]
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


def _take(taken: list[_Piece], longer: _Piece) -> None:
    """Take a piece beside those taken, none of which is longer. They stay apart."""
    beside = [each for each in taken if each.until > longer.since and each.since < longer.until]
    if any(each.since < longer.since or each.until > longer.until for each in beside):
        return  # it begins or ends in the middle of another: what of it is new, nobody can tell
    filled = sum(each.minutes for each in beside)
    if beside and filled >= longer.minutes:
        return
    for each in beside:
        taken.remove(each)
    mm = max(longer.mm, sum(each.mm for each in beside))
    taken.append(_Piece(longer.since, longer.until, mm))
    taken.sort(key=lambda each: each.since, reverse=True)
