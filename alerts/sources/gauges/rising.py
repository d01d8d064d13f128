"""How fast a level rises, and when it would reach its next line. Pure. Metres an hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

Point = tuple[datetime, float]

LOOK_BACK = timedelta(minutes=90)
"""The slope is that of so long: shorter it flutters, longer it is late (ours)."""

SHORTEST = timedelta(minutes=5)
"""Two readings nearer to each other than this make no slope (ours)."""

STEADY = 0.02
"""Metres an hour, or the same of another unit, that are no trend (ours)."""

FARTHEST = timedelta(hours=24)
"""Nobody extends a slope for longer than this (ours)."""


def rate(points: Iterable[Point], at: datetime) -> float | None:
    """The slope of the last ``LOOK_BACK`` before ``at``, a unit an hour; ``None``: unknown.

    Hourly gauges have one reading in it: then the one before it counts, up to three hours back.
    """
    known = sorted(point for point in points if at - 2 * LOOK_BACK <= point[0] <= at)
    recent = [point for point in known if point[0] >= at - LOOK_BACK]
    if len(recent) < 2:
        recent = known[-2:]
    if len(recent) < 2 or recent[-1][0] - recent[0][0] < SHORTEST:
        return None
    hours = [(when - at).total_seconds() / 3600 for when, _value in recent]
    middle = sum(hours) / len(hours)
    mean = sum(value for _when, value in recent) / len(recent)
    spread = sum((hour - middle) ** 2 for hour in hours)
    slope = sum(
        (hour - middle) * (value - mean) for hour, (_when, value) in zip(hours, recent, strict=True)
    )
    return round(slope / spread, 3)


def until(value: float, line: float, slope: float | None) -> timedelta | None:
    """How long until a value that goes on like this reaches a line; ``None``: it does not."""
    if slope is None or slope <= STEADY or line <= value:
        return None
    left = timedelta(hours=(line - value) / slope)
    return left if left <= FARTHEST else None
