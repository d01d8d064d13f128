"""What a shape covers: which positions lie in it, how much of a drawn division. Pure.

WGS-84 lon/lat in degrees. Positions are asked by the ten thousand: one call for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from data.errors import InvalidInput
from data.geo.coordinates import EARTH_RADIUS_M
from data.geo.shapes import Point, Shape, ShapeNote, ShapeProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from data.geo.boundaries import Boundaries

_METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)
_CORNER_SEGMENTS = 8


class Cover:
    """A shape ready to be asked.

    :raises InvalidInput: NO_AREA of ``ShapeProblem``.
    """

    def __init__(self, shape: Shape) -> None:
        import shapely

        if not shape.polygons:
            raise InvalidInput(ShapeProblem.NO_AREA)
        polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in shape.polygons]
        sound = all(polygon.is_valid for polygon in polygons)
        if not sound:
            polygons = [_mended(polygon) for polygon in polygons]
        # Several agencies draw the parts of one area so that they lie on each other.
        area = polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)
        area = _only_land(area)
        if area.is_empty:
            raise InvalidInput(ShapeProblem.NO_AREA)
        self._area: BaseGeometry = area
        self._sound = sound
        shapely.prepare(area)

    @cached_property
    def shape(self) -> Shape:
        """The land it covers, as sound polygons, with ``MENDED`` where it was none."""
        notes = frozenset() if self._sound else frozenset({ShapeNote.MENDED})
        return Shape(_polygons(self._area), notes)

    def contains(self, lons: Any, lats: Any) -> NDArray[Any]:
        """Which of the positions lie in it; on its edge counts, no position (NaN) does not."""
        import numpy
        import shapely

        lons, lats = numpy.asarray(lons), numpy.asarray(lats)
        west, south, east, north = self._area.bounds
        inside: NDArray[Any] = (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
        near = numpy.flatnonzero(inside)
        inside[near] = shapely.intersects_xy(self._area, lons[near], lats[near])
        return inside

    def overlap(self, boundaries: Boundaries) -> Overlap:
        """How it lies on the drawn divisions."""
        return Overlap(boundaries, self._area)


class Overlap:
    """How a shape lies on the drawn divisions. Areas are cut only where they are asked for: that is
    most of the time that a drawing takes."""

    def __init__(self, boundaries: Boundaries, area: BaseGeometry) -> None:
        self._boundaries, self._area, self._size = boundaries, area, float(area.area)
        self._sizes = boundaries.touched(area)
        self._parts: dict[str, float] = {}
        self.touched = self._sizes.keys()
        """The divisions that it meets, if only at their edge."""

    def share(self, code: str) -> float:
        """Which share of a division it covers, 0 to 1."""
        return self._part(code) / self._sizes[code] if code in self._sizes else 0.0

    def at_most(self, code: str) -> float:
        """What ``share`` cannot be more than: known without cutting."""
        return self._size / self._sizes[code] if code in self._sizes else 0.0

    def beyond(self, tops: Iterable[str], within: Callable[[str], bool]) -> float:
        """Which share of the shape lies outside of the divisions ``tops``; none: of all drawn.

        :param within: which of the drawn divisions are theirs; of a city and its counties, where
            both are drawn, the one or the others.
        """
        if any(self._boundaries.all_in(self._area, top) for top in tops or ("",)):
            return 0.0
        return 1.0 - sum(self._part(code) for code in self._sizes if within(code)) / self._size

    def _part(self, code: str) -> float:
        if code not in self._parts:
            self._parts[code] = self._boundaries.common(self._area, code)
        return self._parts[code]


def sound(shape: Shape, tolerance_m: float = 0.0) -> Shape:
    """The same land as sound polygons; drawn more simply, true to ``tolerance_m`` metres.

    :raises InvalidInput: NO_AREA of ``ShapeProblem``.
    """
    cover = Cover(shape)
    area = cover._area
    if tolerance_m:
        simpler = _only_land(area.simplify(tolerance_m / _METRES_PER_DEGREE))
        area = area if simpler.is_empty else simpler
    return Shape(_polygons(area), shape.notes | cover.shape.notes)


def together(shapes: Sequence[Shape]) -> Shape:
    """All of these as one.

    :raises InvalidInput: NO_AREA of ``ShapeProblem``: there is none.
    """
    return sound(Shape(tuple(polygon for shape in shapes for polygon in shape.polygons)))


KEPT_POINTS = 500
"""Points of a drawing as it is kept with a warning (ours): CAP and the board show it."""

_COARSER_M = (0.0, 10.0, 30.0, 100.0, 300.0)


def simple(shape: Shape) -> Shape:
    """The same land with few enough points to be kept, as far as 300 m of coarseness do that.

    :raises InvalidInput: NO_AREA of ``ShapeProblem``.
    """
    for metres in _COARSER_M:
        found = sound(shape, metres)
        if found.points <= KEPT_POINTS:
            break
    return found


def strip(lines: Iterable[Sequence[Point]], metres: float) -> Shape:
    """The strip of ``metres`` to both sides of lines: the banks of a river.

    :raises InvalidInput: NO_AREA of ``ShapeProblem``.
    """
    import shapely

    kept = [list(line) for line in lines if len(line) > 1]
    if not kept or metres <= 0:
        raise InvalidInput(ShapeProblem.NO_AREA)
    middle = sum(lat for line in kept for _, lat in line) / sum(len(line) for line in kept)
    # A plane true to scale at the middle latitude.
    narrow = math.cos(math.radians(middle))
    plane = shapely.MultiLineString([[(lon * narrow, lat) for lon, lat in line] for line in kept])
    wide = plane.buffer(metres / _METRES_PER_DEGREE, quad_segs=_CORNER_SEGMENTS)
    wide = wide.simplify(metres / 20 / _METRES_PER_DEGREE)
    area = shapely.transform(wide, lambda points: points / (narrow, 1.0))
    return Shape(_polygons(_only_land(area)))


def _mended(polygon: Any) -> BaseGeometry:
    import shapely

    return _only_land(shapely.make_valid(polygon))


def _only_land(area: BaseGeometry) -> BaseGeometry:
    """Without the lines and points that mending leaves."""
    import shapely

    if area.geom_type in ("Polygon", "MultiPolygon"):
        return area
    parts = shapely.get_parts(shapely.get_parts(area))
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])


def _polygons(area: BaseGeometry) -> Any:
    import shapely

    def ring(line: Any) -> tuple[Point, ...]:
        return tuple((round(lon, 6), round(lat, 6)) for lon, lat, *_ in line.coords)

    return tuple(
        tuple(ring(line) for line in (part.exterior, *part.interiors))
        for part in shapely.get_parts(area)
    )
