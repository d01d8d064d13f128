"""What a person's positions of a day come to: time out, distance, parts of the route. Pure.

Only positions about which nothing is doubtful count, at the time they were taken: one that was long
on its way (no signal in the woods) counts for then. What remains doubtful is found by its
neighbours: nobody on patrol is 300 km away two hours later and back again. WGS-84 lon/lat, metres,
seconds. All numbers are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from alerts.patrol.positions.model import Doubt
from alerts.patrol.shifts.model import EARLY, ShiftRules
from data.geo.coordinates import distance_m

FASTEST = 80 / 3.6
"""Metres a second: who was faster was not on patrol, or their phone was wrong (80 km/h)."""

MOVED_M = 30.0
"""Less than that is the trembling of a phone that lies still."""

WALKED = timedelta(minutes=15)
"""Between two positions no farther apart in time the way was straight enough to be drawn."""

SPOILT = frozenset({Doubt.NULL_ISLAND, Doubt.OUTSIDE_PROVINCE, Doubt.INACCURATE, Doubt.FORWARDED})
"""A position with one of these counts for nothing; one that only came late (STALE) counts."""


@dataclass(frozen=True, slots=True)
class Point:
    """One position. ``accuracy_m``: the radius of uncertainty, 0 when the phone did not say."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Leg:
    """From one position to the next; ``metres`` is 0 for who stood still."""

    begin: Point
    end: Point
    metres: float


@dataclass(frozen=True, slots=True)
class Track:
    """What is left of positions when the impossible ones are taken out."""

    points: tuple[Point, ...] = ()
    legs: tuple[Leg, ...] = ()
    impossible: int = 0


@dataclass(frozen=True, slots=True)
class PatrolSum:
    """What patrols came to; two of them are added up with ``+``.

    ``persons`` are counted once for each day where days are added. ``cells``: the parts of the
    routes and zones that were to be walked, ``visited``: those that were; of each day.
    """

    persons: int = 0
    days: int = 0
    positions: int = 0
    doubtful: int = 0
    seconds: int = 0
    distance_m: float = 0.0
    cells: int = 0
    visited: int = 0
    reports: int = 0

    def __add__(self, other: PatrolSum) -> PatrolSum:
        return PatrolSum(
            self.persons + other.persons,
            self.days + other.days,
            self.positions + other.positions,
            self.doubtful + other.doubtful,
            self.seconds + other.seconds,
            self.distance_m + other.distance_m,
            self.cells + other.cells,
            self.visited + other.visited,
            self.reports + other.reports,
        )

    @property
    def hours(self) -> float:
        """Hours out."""
        return self.seconds / 3600

    @property
    def km(self) -> float:
        """Kilometres walked or ridden."""
        return self.distance_m / 1000

    @property
    def share(self) -> float | None:
        """The share of route or zone, 0 to 1; ``None``: nobody has one."""
        return self.visited / self.cells if self.cells else None


def longest_between(rules: ShiftRules) -> timedelta:
    """So far apart two check-ins may be of which both are on time: the time between is patrol."""
    return timedelta(minutes=rules.every_minutes) + EARLY + rules.late


def day_span(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when until before when a local day lasts, UTC."""
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def month_span(month: date) -> tuple[date, date]:
    """The first and the last day of the month of that day."""
    first = month.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def days_touched(at: datetime, zone: tzinfo, longest: timedelta) -> tuple[date, ...]:
    """The local days whose sums a position changes: its own, and a neighbour near midnight."""
    own = at.astimezone(zone).date()
    near = (at - longest, at + longest)
    return tuple(dict.fromkeys((own, *(each.astimezone(zone).date() for each in near))))


def track(points: Iterable[Point]) -> Track:
    """The way through these positions, in the order in which they were taken.

    One that nobody can have been at is left out. Where the next agrees with it, and not with what
    was before, the person was driven there, or the earlier ones were wrong: the way goes on from
    it, and nothing is counted between.
    """
    kept: list[Point] = []
    legs: list[Leg] = []
    odd: Point | None = None
    impossible = 0
    anchor: Point | None = None  # from here on distance is counted
    for point in sorted(points, key=lambda each: each.at):
        last = kept[-1] if kept else None
        if last is None or anchor is None:
            kept.append(point)
            anchor = point
        elif _possible(last, point):
            metres = _moved(anchor, point)
            legs.append(Leg(last, point, metres))
            anchor = point if metres else anchor
            kept.append(point)
            odd = None
        elif odd is not None and _possible(odd, point):
            metres = _moved(odd, point)
            legs.append(Leg(odd, point, metres))
            anchor = point if metres else odd
            kept += [odd, point]
            impossible -= 1
            odd = None
        else:
            odd = point
            impossible += 1
    return Track(tuple(kept), tuple(legs), impossible)


def of_span(way: Track, begin: datetime, end: datetime, longest: timedelta) -> tuple[int, float]:
    """Seconds out and metres, of what lies between two moments.

    A leg across one of them counts for its part. One longer than ``longest`` counts for nothing:
    nobody knows what was between.
    """
    seconds = metres = 0.0
    for leg in way.legs:
        whole = (leg.end.at - leg.begin.at).total_seconds()
        if whole > longest.total_seconds():
            continue
        part = (min(end, leg.end.at) - max(begin, leg.begin.at)).total_seconds()
        if whole <= 0:
            metres += leg.metres if begin <= leg.end.at < end else 0.0
        elif part > 0:
            seconds += part
            metres += leg.metres * part / whole
    return round(seconds), metres


def drawn(way: Track, begin: datetime, end: datetime, step_m: float) -> Sequence[Point]:
    """The positions between two moments, with steps between those that are near in time."""
    found = [point for point in way.points if begin <= point.at < end]
    for leg in way.legs:
        if not (begin <= leg.begin.at and leg.end.at < end):
            continue
        if leg.end.at - leg.begin.at > WALKED:
            continue
        away = distance_m(leg.begin.lon, leg.begin.lat, leg.end.lon, leg.end.lat)
        steps = min(int(away / step_m), _MOST_STEPS)
        for number in range(1, steps + 1):
            along = number / (steps + 1)
            found.append(
                Point(
                    leg.begin.at,
                    leg.begin.lon + along * (leg.end.lon - leg.begin.lon),
                    leg.begin.lat + along * (leg.end.lat - leg.begin.lat),
                )
            )
    return found


_MOST_STEPS = 400


def _possible(before: Point, after: Point) -> bool:
    """Whether somebody can have been at both; as far as the phones may be wrong, they can."""
    seconds = (after.at - before.at).total_seconds()
    away = distance_m(before.lon, before.lat, after.lon, after.lat)
    return away <= FASTEST * seconds + max(MOVED_M, before.accuracy_m + after.accuracy_m)


def _moved(before: Point, after: Point) -> float:
    away = distance_m(before.lon, before.lat, after.lon, after.lat)
    return away if away >= max(MOVED_M, before.accuracy_m, after.accuracy_m) else 0.0
