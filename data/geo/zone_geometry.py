"""The drawing of a patrol zone: is it sound, how far is a position from it. Pure.

Positions are WGS-84 lon/lat, distances metres.

A zone is kept as lines, each a list of (lon, lat): the rings of an area, outer ones and holes, or
the parts of a route. Whether a drawing is sound is shapely's question, asked once, at import;
a position is judged with plain arithmetic on a plane around it, exact near it, where it matters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from data.geo.coordinates import EARTH_RADIUS_M

Point = tuple[float, float]
Line = Sequence[Point]

# Where GEOS says that something is wrong: ``Self-intersection[128.1 43.2]``.
_PLACE = re.compile(r"\[(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)\]")


_FIRST_TOLERANCE = 0.000_01  # degrees: about a metre


class DrawingFlaw(Enum):
    """What is wrong with a drawing."""

    TOO_FEW_POINTS = "too_few_points"
    SELF_CROSSING = "self_crossing"
    PARTS_OVERLAP = "parts_overlap"  # a hole outside its ring, parts that lie on each other
    NO_LENGTH = "no_length"  # a route or area of a single spot


@dataclass(frozen=True, slots=True)
class Unsound:
    """A flaw and, where it is known, the place of it."""

    flaw: DrawingFlaw
    lon: float | None = None
    lat: float | None = None


def area_flaw(polygons: Sequence[Sequence[Line]]) -> Unsound | None:
    """What is wrong with an area; ``None`` when it is sound.

    :param polygons: each a list of closed rings, the outer one first, then its holes.
    """
    import shapely

    if any(len(ring) < 4 for polygon in polygons for ring in polygon):
        return Unsound(DrawingFlaw.TOO_FEW_POINTS)
    if _flat(polygons):
        return Unsound(DrawingFlaw.NO_LENGTH)
    drawn = shapely.MultiPolygon(
        [shapely.Polygon(rings[0], rings[1:]) for rings in polygons if rings]
    )
    return None if drawn.is_valid else _unsound(shapely.is_valid_reason(drawn))


def route_flaw(lines: Sequence[Line]) -> Unsound | None:
    """What is wrong with a route; ``None`` when it is sound. A path may cross itself."""
    if any(len(line) < 2 for line in lines):
        return Unsound(DrawingFlaw.TOO_FEW_POINTS)
    if any(all(point == line[0] for point in line) for line in lines):
        return Unsound(DrawingFlaw.NO_LENGTH)
    return None


def simplified(line: Sequence[Point], most: int) -> tuple[Point, ...]:
    """The line with at most ``most`` points (two or more), its ends kept (Douglas and Peucker)."""
    import shapely

    points = tuple(line)
    tolerance = _FIRST_TOLERANCE
    while len(points) > most:
        drawn = shapely.LineString(points).simplify(tolerance, preserve_topology=False)
        points = tuple((lon, lat) for lon, lat in drawn.coords)
        tolerance *= 3
    return points


def inside(rings: Sequence[Line], lon: float, lat: float) -> bool:
    """Whether the position lies in the area of ``rings`` (even-odd: a hole is not in it)."""
    within = False
    for ring in rings:
        before_lon, before_lat = ring[-1]
        for here_lon, here_lat in ring:
            if (here_lat > lat) != (before_lat > lat):
                along = (lat - here_lat) / (before_lat - here_lat)
                if lon < here_lon + along * (before_lon - here_lon):
                    within = not within
            before_lon, before_lat = here_lon, here_lat
    return within


def distance_to_m(lines: Sequence[Line], lon: float, lat: float) -> float:
    """Metres from the position to the nearest point of ``lines``."""
    east = math.radians(EARTH_RADIUS_M) * math.cos(math.radians(lat))
    north = math.radians(EARTH_RADIUS_M)
    best = math.inf
    for line in lines:
        x1 = y1 = 0.0
        for number, (point_lon, point_lat) in enumerate(line):
            x2, y2 = (point_lon - lon) * east, (point_lat - lat) * north
            # A line of one point is that point.
            best = min(best, _to_segment(x1, y1, x2, y2) if number else x2 * x2 + y2 * y2)
            x1, y1 = x2, y2
    return math.sqrt(best)


def _to_segment(x1: float, y1: float, x2: float, y2: float) -> float:
    """The square of the distance from the origin to a segment."""
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, -(x1 * dx + y1 * dy) / length))
    x, y = x1 + along * dx, y1 + along * dy
    return x * x + y * y


def _flat(polygons: Sequence[Sequence[Line]]) -> bool:
    """Whether an outer ring's points all lie on one straight line."""
    import shapely

    return any(
        shapely.MultiPoint(list(rings[0])).convex_hull.geom_type != "Polygon" for rings in polygons
    )


def _unsound(reason: str) -> Unsound:
    """What GEOS says, as a flaw: ``Self-intersection[128.1 43.2]``."""
    if "elf-intersection" in reason:
        flaw = DrawingFlaw.SELF_CROSSING
    elif "Too few points" in reason:
        flaw = DrawingFlaw.TOO_FEW_POINTS
    else:
        flaw = DrawingFlaw.PARTS_OVERLAP
    place = _PLACE.search(reason)
    if place is None:
        return Unsound(flaw)
    return Unsound(flaw, float(place[1]), float(place[2]))
