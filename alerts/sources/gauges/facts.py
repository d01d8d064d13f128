"""What is known of a line that was reached: the figures of a proposed warning. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.sources.gauges.crossings import Sight
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rain import RainSum
from alerts.sources.gauges.rising import Point, rate, until
from alerts.sources.gauges.station import Line, Station, next_line


@dataclass(frozen=True, slots=True)
class Figures:
    """A quantity of a station at a moment: its value, the line it is at, and where it goes."""

    station: Station
    quantity: Quantity
    at: datetime
    value: float
    line: Line | None = None  # the highest reached, or still held
    slope: float | None = None  # a unit an hour, of a level or a flow
    next: Line | None = None
    until_next: timedelta | None = None
    rain: RainSum | None = None

    @property
    def over(self) -> float:
        """By how much the value is above its line; below is negative."""
        return 0.0 if self.line is None else round(self.value - self.line.value, 2)


def figures(
    station: Station, quantity: Quantity, seen: Sight, points: Iterable[Point], held: int = 0
) -> Figures:
    """The figures of a level or a flow.

    :param held: the rank of the line that is held though the value may be below it.
    """
    lines = station.lines_of(quantity)
    line = seen.line or _of_rank(lines, held)
    slope = rate(points, seen.at)
    above = next_line(lines, seen.value, 0 if line is None else line.kind.rank)
    left = None if above is None else until(seen.value, above.value, slope)
    return Figures(station, quantity, seen.at, seen.value, line, slope, above, left)


def rain_figures(station: Station, seen: Sight, total: RainSum | None, held: int = 0) -> Figures:
    """The figures of rain."""
    lines = station.lines_of(Quantity.RAIN)
    line = seen.line or _of_rank(lines, held)
    return Figures(station, Quantity.RAIN, seen.at, seen.value, line, rain=total)


def _of_rank(lines: Iterable[Line], rank: int) -> Line | None:
    return next((line for line in lines if line.kind.rank == rank), None)
