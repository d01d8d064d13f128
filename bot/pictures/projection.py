"""Turns WGS-84 lon/lat into pixels of a picture. Pure.

The plane is equirectangular, true to scale at the middle latitude: over a county no length is wrong
by a hundredth, over a province of five degrees by no more than four.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

METRES_PER_DEGREE = 111_195.0
"""Of latitude; of longitude times the cosine."""

Place = tuple[float, float]
"""Longitude, latitude."""

Spot = tuple[float, float]
"""Pixels to the right and down."""


@dataclass(frozen=True, slots=True)
class MapBounds:
    """A box of lon/lat, degrees."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, places: Iterable[Place]) -> MapBounds | None:
        """The smallest box with all of them; ``None`` for none."""
        found = list(places)
        if not found:
            return None
        lons, lats = [lon for lon, _ in found], [lat for _, lat in found]
        return cls(min(lons), min(lats), max(lons), max(lats))

    @classmethod
    def square(cls, lon: float, lat: float, half_m: float) -> MapBounds:
        """The square around a place that reaches ``half_m`` metres to each side."""
        up = half_m / METRES_PER_DEGREE
        across = up / _stretch(lat)
        return cls(lon - across, lat - up, lon + across, lat + up)

    @property
    def middle(self) -> Place:
        """The place in the middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def wider(self, factor: float) -> MapBounds:
        """The same middle, ``factor`` times as far to each side."""
        (lon, lat), half = self.middle, factor / 2
        across, up = (self.east - self.west) * half, (self.north - self.south) * half
        return MapBounds(lon - across, lat - up, lon + across, lat + up)

    def has(self, place: Place) -> bool:
        """Whether the place lies inside."""
        lon, lat = place
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def with_places(self, places: Iterable[Place]) -> MapBounds:
        """The box with these places too."""
        corners = [(self.west, self.south), (self.east, self.north)]
        found = MapBounds.around([*corners, *places])
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the picture the map fills, pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def has(self, spot: Spot, margin: float = 0.0) -> bool:
        """Whether a spot lies inside, ``margin`` pixels from the edge."""
        x, y = spot
        return (
            self.left + margin <= x <= self.right - margin
            and self.top + margin <= y <= self.bottom - margin
        )

    def nearest(self, spot: Spot, margin: float) -> Spot:
        """The spot itself, or the one at the edge that is nearest to it."""
        x = min(max(spot[0], self.left + margin), self.right - margin)
        y = min(max(spot[1], self.top + margin), self.bottom - margin)
        return x, y


@dataclass(frozen=True, slots=True)
class Projection:
    """Turns lon/lat into pixels."""

    lon: float
    lat: float
    x: float
    y: float
    per_degree_x: float
    per_degree_y: float

    @classmethod
    def fit(
        cls,
        bounds: MapBounds,
        frame: Frame,
        *,
        padding: float = 40.0,
        min_extent_m: float = 2_000.0,
    ) -> Projection:
        """The largest scale at which ``bounds`` fits into ``frame`` with ``padding`` pixels left.

        :param min_extent_m: what the shorter side shows at least, metres: one point is no map.
        """
        lon, lat = bounds.middle
        stretch = _stretch(lat)
        wide = (bounds.east - bounds.west) * stretch * METRES_PER_DEGREE
        high = (bounds.north - bounds.south) * METRES_PER_DEGREE
        across = frame.right - frame.left - 2 * padding
        down = frame.bottom - frame.top - 2 * padding
        per_pixel = max(wide / across, high / down, min_extent_m / min(across, down))
        per_degree = METRES_PER_DEGREE / per_pixel
        middle_x, middle_y = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
        return cls(lon, lat, middle_x, middle_y, per_degree * stretch, per_degree)

    def spot(self, place: Place) -> Spot:
        """Where a place is drawn."""
        lon, lat = place
        return (
            self.x + (lon - self.lon) * self.per_degree_x,
            self.y - (lat - self.lat) * self.per_degree_y,
        )

    def pixels(self, metres: float) -> float:
        """How long a length on the ground is drawn."""
        return metres / self.metres_per_pixel

    @property
    def metres_per_pixel(self) -> float:
        """Metres on the ground of one pixel."""
        return METRES_PER_DEGREE / self.per_degree_y


def _stretch(lat: float) -> float:
    return max(math.cos(math.radians(lat)), 0.01)
