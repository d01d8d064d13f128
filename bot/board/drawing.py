"""The map of a division as data for SVG: the shapes of its counties, their labels, a scale. Pure.

Positions are WGS-84 lon/lat. The plane is plate carrée, true to scale at the middle latitude: of a
province of 5 degrees no length is wrong by more than some four hundredths.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from contacts.divisions.codes import Tier, code_range, prefix_of, tier_of

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries

WIDTH = 1000.0
"""Units of the drawing from west to east; a county is drawn true to about one of them."""

MARGIN = 8.0
METRES_PER_DEGREE = 111_195.0
_SCALES = tuple(n * thousands * 1000 for thousands in (1, 10, 100, 1000) for n in (1, 2, 5))

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plane:
    """Turns lon/lat into units of the drawing: x to the east, y to the south."""

    west: float
    north: float
    per_degree_x: float
    per_degree_y: float
    width: float
    height: float

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> Plane:
        """The plane that shows this box (degrees) with a margin."""
        stretch = math.cos(math.radians((south + north) / 2))
        per_degree_y = (WIDTH - 2 * MARGIN) / max((east - west) * stretch, 1e-6)
        height = (north - south) * per_degree_y + 2 * MARGIN
        return cls(west, north, per_degree_y * stretch, per_degree_y, WIDTH, round(height, 1))

    def point(self, lon: float, lat: float) -> Point:
        """Where a position is drawn."""
        x = MARGIN + (lon - self.west) * self.per_degree_x
        y = MARGIN + (self.north - lat) * self.per_degree_y
        return round(x, 1), round(y, 1)

    @property
    def metres_per_unit(self) -> float:
        """Metres on the ground of one unit."""
        return METRES_PER_DEGREE / self.per_degree_y

    @property
    def scale_metres(self) -> int:
        """The longest round length that takes no more than a fifth of the width."""
        room = self.metres_per_unit * self.width / 5
        return max((length for length in _SCALES if length <= room), default=_SCALES[0])


def path(rings: Iterable[Sequence[Point]], plane: Plane) -> str:
    """Rings of lon/lat as the ``d`` of an SVG path."""
    pieces = []
    for ring in rings:
        points = [plane.point(lon, lat) for lon, lat in ring]
        drawn = [points[0]]
        drawn += [point for before, point in pairwise(points) if point != before]
        if len(drawn) > 3:
            pieces.append("M" + "L".join(f"{x:g} {y:g}" for x, y in drawn[:-1]) + "Z")
    return "".join(pieces)


def map_of(scope: str, boundaries: Boundaries, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The map of a division; ``None`` below the county and where no boundary is known.

    :param names: of the divisions drawn, by code.
    """
    if tier_of(scope).depth > Tier.COUNTY.depth or not boundaries.has(scope):
        return None
    low, high = code_range(scope)
    counties = [
        code for code in boundaries.codes if low <= code <= high and tier_of(code) is Tier.COUNTY
    ] or [code for code in boundaries.codes if low <= code <= high]
    plane = Plane.around(*boundaries.bounds(scope))
    tolerance = 1.0 / plane.per_degree_y
    cities = sorted({prefix_of(code)[:4] + "0" * 8 for code in counties})
    return {
        "scope": scope,
        "width": plane.width,
        "height": plane.height,
        "west": plane.west,
        "north": plane.north,
        "perDegreeX": plane.per_degree_x,
        "perDegreeY": plane.per_degree_y,
        "margin": MARGIN,
        "scale": {
            "metres": plane.scale_metres,
            "units": round(plane.scale_metres / plane.metres_per_unit, 2),
        },
        "shapes": [
            {
                "code": code,
                "name": names.get(code, code),
                "path": path(boundaries.rings(code, tolerance), plane),
                "label": plane.point(*boundaries.centroid(code)),
                "room": _room(boundaries.bounds(code), plane),
            }
            for code in counties
        ],
        "borders": [path(boundaries.rings(code, tolerance), plane) for code in cities]
        if len(cities) > 1
        else [],
    }


def _room(box: tuple[float, float, float, float], plane: Plane) -> float:
    """Units from west to east inside a county: whether its name fits."""
    west, _, east, _ = box
    return round((east - west) * plane.per_degree_x, 1)
