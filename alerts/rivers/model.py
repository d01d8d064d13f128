"""Stretches of a river in order, and the part of it below a point. Pure.

Lines are drawn as the water flows, from the source to the mouth; positions are WGS-84 lon/lat,
distances metres.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from data.geo.coordinates import EARTH_RADIUS_M
from data.geo.zone_geometry import distance_to_m

Point = tuple[float, float]
Lines = tuple[tuple[Point, ...], ...]

BUFFER_M = 1_000.0
"""How far from the line its villages lie, where the file does not say (ours)."""

ON_RIVER_M = 3_000.0
"""How far from the nearest line a reservoir's point may lie that the river comes out of (ours)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a river. ``number`` is its order from the source.

    ``villages`` are listed by the file: then these lie along it, else those within ``buffer_m``.
    """

    id: int
    river: str
    number: int
    name: str
    lines: Lines
    buffer_m: float = BUFFER_M
    villages: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Reach:
    """A part of a river that a warning is for: its stretches in order, the first perhaps cut."""

    stretches: tuple[Stretch, ...]
    below: str = ""  # the reservoir that it begins at

    @property
    def name(self) -> str:
        """牡丹江 敦化段—雁鸣湖段; below a reservoir, that is said."""
        first, last = self.stretches[0], self.stretches[-1]
        parts = first.name if first.id == last.id else f"{first.name}—{last.name}"
        where = f"{first.river} {parts}"
        return f"{self.below}下游 {where}" if self.below else where

    def until(self, last_id: int) -> Reach:
        """Down to this stretch; the whole where it is none of these."""
        ids = [stretch.id for stretch in self.stretches]
        kept = ids.index(last_id) + 1 if last_id in ids else len(ids)
        return replace(self, stretches=self.stretches[:kept])


def between(stretches: Iterable[Stretch], first_id: int, last_id: int) -> Reach | None:
    """The part of a river from one stretch to another, whichever is named first."""
    found = {stretch.id: stretch for stretch in stretches}
    ends = [found.get(first_id), found.get(last_id)]
    if ends[0] is None or ends[1] is None or ends[0].river != ends[1].river:
        return None
    low, high = sorted((ends[0].number, ends[1].number))
    there = [s for s in found.values() if s.river == ends[0].river and low <= s.number <= high]
    return Reach(tuple(sorted(there, key=lambda stretch: stretch.number)))


def nearest_stretch(stretches: Iterable[Stretch], lon: float, lat: float) -> Stretch | None:
    """The stretch that comes out of a reservoir at this point; ``None`` where no line is near."""
    measured = [
        (distance_to_m(stretch.lines, lon, lat), stretch.number, stretch)
        for stretch in stretches
        if stretch.lines
    ]
    best = min(measured, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] <= ON_RIVER_M else None


def below_point(reach: Reach, lon: float, lat: float, name: str) -> Reach:
    """The reach without what lies above a point on its first stretch.

    The villages that the file lists for that stretch stay all: nobody knows their order along it.
    """
    first, *others = reach.stretches
    cut = replace(first, lines=_below(first.lines, lon, lat)) if first.lines else first
    return Reach((cut, *others), name)


def _below(lines: Lines, lon: float, lat: float) -> Lines:
    """What is left of lines behind the point on them that is nearest to a position."""
    east = math.cos(math.radians(lat))
    best = (math.inf, 0, 0, (lon, lat))
    for part, line in enumerate(lines):
        for number, (start, end) in enumerate(pairwise(line)):
            near = _nearest_on(start, end, lon, lat, east)
            away = math.hypot((near[0] - lon) * east, near[1] - lat)
            if away < best[0]:
                best = (away, part, number, near)
    _, part, number, near = best
    rest = (near, *lines[part][number + 1 :])
    return (rest, *lines[part + 1 :]) if len(rest) > 1 else lines[part + 1 :] or (rest * 2,)


def _nearest_on(start: Point, end: Point, lon: float, lat: float, east: float) -> Point:
    dx, dy = (end[0] - start[0]) * east, end[1] - start[1]
    length = dx * dx + dy * dy
    if not length:
        return start
    along = ((lon - start[0]) * east * dx + (lat - start[1]) * dy) / length
    along = max(0.0, min(1.0, along))
    return start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])


def length_km(lines: Sequence[Sequence[Point]]) -> float:
    """How long lines are, kilometres."""
    metres = math.radians(EARTH_RADIUS_M)
    return (
        sum(
            math.hypot(
                (end[0] - start[0]) * math.cos(math.radians(start[1])) * metres,
                (end[1] - start[1]) * metres,
            )
            for line in lines
            for start, end in pairwise(line)
        )
        / 1000
    )
