"""A piece of land as somebody drew it: polygons with holes, WGS-84 lon/lat. Pure.

What people and agencies send is read leniently where only one thing can be meant (a ring that is
not closed, latitude before longitude), and every such reading is said in ``notes``.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from data.errors import InvalidInput
from data.geo.coordinates import EARTH_RADIUS_M, gcj02_to_wgs84, wgs84_to_gcj02

Point = tuple[float, float]
Ring = tuple[Point, ...]
Polygon = tuple[Ring, ...]
Box = tuple[float, float, float, float]

MOST_BYTES = 8 * 1024 * 1024
"""A file of one shape (ours): 200,000 points and more; the border of a province has fewer."""

MOST_POINTS = 200_000

_DECIMALS = 6  # 0.1 m
_CIRCLE_POINTS = 64


class ShapeProblem(Enum):
    """Why something cannot be read as a piece of land."""

    NOT_GEOJSON = "shape_not_geojson"
    TOO_LARGE = "shape_too_large"
    NO_POLYGON = "shape_no_polygon"  # only points and lines; ``found`` says which
    NOT_NUMBERS = "shape_not_numbers"
    TOO_FEW_POINTS = "shape_too_few_points"
    NOT_DEGREES = "shape_not_degrees"  # metres of a projection
    ELSEWHERE = "shape_elsewhere"  # all of it far from the divisions of this installation
    NO_AREA = "shape_no_area"  # all points on one line
    CIRCLE = "shape_circle"  # a radius that is none, or wider than a province


class ShapeNote(Enum):
    """What was read otherwise than it stands there."""

    CLOSED = "closed"  # a ring's last point was not its first
    MENDED = "mended"  # a ring crosses itself: taken as the land it encloses
    SWAPPED = "swapped"  # latitude stood before longitude
    SEVERAL = "several"  # several polygons: all of them together
    HOLES = "holes"  # what lies in a hole does not belong to it
    IGNORED = "ignored"  # points and lines beside the polygons
    CONVERTED = "converted"  # GCJ-02, as the file or its sender said
    MAP_UNSAID = "map_unsaid"  # drawn with a program of Chinese maps, which are mostly GCJ-02


@dataclass(frozen=True, slots=True)
class Shape:
    """Land: polygons, each its outer ring and then its holes; rings are closed. WGS-84 lon/lat."""

    polygons: tuple[Polygon, ...]
    notes: frozenset[ShapeNote] = frozenset()

    @property
    def points(self) -> int:
        """How many points its rings have."""
        return sum(len(ring) for polygon in self.polygons for ring in polygon)

    @property
    def box(self) -> Box:
        """West, south, east, north in degrees."""
        outer = [point for polygon in self.polygons for point in polygon[0]]
        lons, lats = [lon for lon, _ in outer], [lat for _, lat in outer]
        return min(lons), min(lats), max(lons), max(lats)

    def geojson(self) -> str:
        """Its geometry as GeoJSON: Polygon, or MultiPolygon where it has several."""
        several = len(self.polygons) != 1
        kind = "MultiPolygon" if several else "Polygon"
        coordinates: Any = self.polygons if several else self.polygons[0]
        return orjson.dumps({"type": kind, "coordinates": coordinates}).decode()

    def from_gcj02(self) -> Shape:
        """The same drawing, read as one on a Chinese web map."""
        notes = (self.notes | {ShapeNote.CONVERTED}) - {ShapeNote.MAP_UNSAID}
        return Shape(_moved(self.polygons, gcj02_to_wgs84), notes)

    def as_drawn_in_gcj02(self) -> Shape:
        """``from_gcj02`` taken back."""
        return Shape(_moved(self.polygons, wgs84_to_gcj02), self.notes - {ShapeNote.CONVERTED})


def shape_of_geojson(text: str) -> Shape:
    """A stored shape: what ``Shape.geojson`` wrote.

    :raises InvalidInput: with a ``ShapeProblem``.
    """
    return shape_of_polygons(_polygons_of(_loaded(text.encode()))[0])


def together(first: str, second: str) -> str:
    """Two stored shapes as one."""
    shapes = shape_of_geojson(first), shape_of_geojson(second)
    return Shape(tuple(polygon for shape in shapes for polygon in shape.polygons)).geojson()


def shape_of_rings(rings: Iterable[Sequence[Point]], box: Box | None = None) -> Shape:
    """Land that an agency gives as single rings (CAP polygons), each an area of its own.

    :param box: where it must lie, degrees: tells latitude before longitude. See
        ``shape_of_polygons``.
    :raises InvalidInput: with a ``ShapeProblem``.
    """
    return shape_of_polygons([[list(ring)] for ring in rings], box)


def circle(lon: float, lat: float, radius_m: float) -> Shape:
    """A circle as a polygon of 64 sides, not smaller than it.

    :raises InvalidInput: CIRCLE of ``ShapeProblem``.
    """
    if not (0 < radius_m <= 2_000_000):
        raise InvalidInput(ShapeProblem.CIRCLE, metres=radius_m)
    reach = math.degrees(radius_m / EARTH_RADIUS_M) / math.cos(math.pi / _CIRCLE_POINTS)
    wide = reach / max(0.01, math.cos(math.radians(lat)))
    turns = [2 * math.pi * n / _CIRCLE_POINTS for n in range(_CIRCLE_POINTS)]
    ring = [(lon + wide * math.cos(turn), lat + reach * math.sin(turn)) for turn in turns]
    return shape_of_polygons([[[*ring, ring[0]]]])


def shape_of_polygons(
    polygons: Iterable[Iterable[Iterable[Sequence[float]]]], box: Box | None = None
) -> Shape:
    """Land from polygons as they stand in a file; rings that are open are closed.

    :param box: where this installation's divisions lie, degrees: latitude before longitude is told
        by it, and a shape that lies wholly elsewhere is refused.
    :raises InvalidInput: with a ``ShapeProblem``.
    """
    notes: set[ShapeNote] = set()
    read = tuple(_polygon(polygon, notes) for polygon in polygons if polygon)
    if not read:
        raise InvalidInput(ShapeProblem.NO_POLYGON, found="")
    shape = Shape(read)
    if shape.points > MOST_POINTS:
        raise InvalidInput(ShapeProblem.TOO_LARGE, points=shape.points, most=MOST_POINTS)
    if box is not None:
        shape = _right_way_round(shape, box, notes)
    west, south, east, north = shape.box
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidInput(ShapeProblem.NOT_DEGREES, lon=west, lat=south)
    if len(read) > 1:
        notes.add(ShapeNote.SEVERAL)
    if any(len(polygon) > 1 for polygon in read):
        notes.add(ShapeNote.HOLES)
    return Shape(shape.polygons, frozenset(notes))


def read_shape(content: bytes, box: Box | None = None, *, gcj02: bool = False) -> Shape:
    """The polygons of a GeoJSON file, all together.

    A feature, or the file, may say ``"coordinates": "gcj02"`` in its properties.

    :param box: see ``shape_of_polygons``.
    :param gcj02: it was drawn on a Chinese web map, says whoever sends it.
    :raises InvalidInput: with a ``ShapeProblem``.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(ShapeProblem.TOO_LARGE, bytes=len(content), most=MOST_BYTES)
    whole = _loaded(content)
    polygons, others, shifted = _polygons_of(whole)
    if not polygons:
        raise InvalidInput(ShapeProblem.NO_POLYGON, found=", ".join(sorted(others))[:60])
    shape = shape_of_polygons(polygons, box)
    if others:
        shape = Shape(shape.polygons, shape.notes | {ShapeNote.IGNORED})
    return shape.from_gcj02() if gcj02 or shifted else shape


def _loaded(content: bytes) -> Any:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError:
        content = content.decode("gb18030", "replace").encode()
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise InvalidInput(ShapeProblem.NOT_GEOJSON) from None
    if not isinstance(whole, dict):
        raise InvalidInput(ShapeProblem.NOT_GEOJSON)
    return whole


def _polygons_of(whole: dict[str, Any]) -> tuple[list[Any], set[str], bool]:
    """The coordinates of all polygons, the kinds of what is none, and whether it says GCJ-02."""
    polygons: list[Any] = []
    others: set[str] = set()
    shifted = False
    waiting: deque[Any] = deque([whole])
    while waiting:
        found = waiting.popleft()
        if not isinstance(found, dict):
            continue
        kind = found.get("type")
        properties = found.get("properties")
        if isinstance(properties, dict):
            said = properties.get("coordinates")
            known = isinstance(said, str) and said.lower().replace("-", "") == "gcj02"
            shifted = shifted or known
        if kind == "FeatureCollection" and isinstance(found.get("features"), list):
            waiting += found["features"]
        elif kind == "Feature":
            waiting.append(found.get("geometry"))
        elif kind == "GeometryCollection" and isinstance(found.get("geometries"), list):
            waiting += found["geometries"]
        elif kind == "Polygon":
            polygons.append(found.get("coordinates"))
        elif kind == "MultiPolygon" and isinstance(found.get("coordinates"), list):
            polygons += found["coordinates"]
        elif isinstance(kind, str):
            others.add(kind)
        else:
            raise InvalidInput(ShapeProblem.NOT_GEOJSON)
    return polygons, others, shifted


def _polygon(given: Any, notes: set[ShapeNote]) -> Polygon:
    if not isinstance(given, (list, tuple)):
        raise InvalidInput(ShapeProblem.NOT_NUMBERS)
    return tuple(_ring(ring, notes) for ring in given)


def _ring(given: Any, notes: set[ShapeNote]) -> Ring:
    """A closed ring; heights and points written twice in a row are dropped."""
    if not isinstance(given, (list, tuple)):
        raise InvalidInput(ShapeProblem.NOT_NUMBERS)
    ring: list[Point] = []
    for point in given:
        here = _point(point)
        if not ring or ring[-1] != here:
            ring.append(here)
    if len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    elif len(ring) > 2:
        notes.add(ShapeNote.CLOSED)
    if len(set(ring)) < 3:
        raise InvalidInput(ShapeProblem.TOO_FEW_POINTS, points=len(set(ring)))
    return (*ring, ring[0])


def _point(given: Any) -> Point:
    if not isinstance(given, (list, tuple)) or len(given) < 2:
        raise InvalidInput(ShapeProblem.NOT_NUMBERS)
    lon, lat = given[:2]
    if type(lon) is float and type(lat) is float and math.isfinite(lon + lat):
        return round(lon, _DECIMALS), round(lat, _DECIMALS)  # as almost always
    for degrees in (lon, lat):
        number = isinstance(degrees, (int, float)) and not isinstance(degrees, bool)
        if not number or not math.isfinite(degrees):
            raise InvalidInput(ShapeProblem.NOT_NUMBERS)
    return round(float(lon), _DECIMALS), round(float(lat), _DECIMALS)


def _right_way_round(shape: Shape, box: Box, notes: set[ShapeNote]) -> Shape:
    """As it is, or with latitude and longitude changed over, whichever lies in ``box``."""
    if _meet(shape.box, box):
        return shape
    west, south, east, north = shape.box
    if _meet((south, west, north, east), box):
        notes.add(ShapeNote.SWAPPED)
        return Shape(_moved(shape.polygons, lambda lon, lat: (lat, lon)))
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 180:
        raise InvalidInput(ShapeProblem.NOT_DEGREES, lon=west, lat=south)
    raise InvalidInput(ShapeProblem.ELSEWHERE, lon=west, lat=south)


def _meet(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def _moved(polygons: tuple[Polygon, ...], move: Any) -> tuple[Polygon, ...]:
    def moved(lon: float, lat: float) -> Point:
        x, y = move(lon, lat)
        return round(x, _DECIMALS), round(y, _DECIMALS)

    return tuple(
        tuple(tuple(moved(lon, lat) for lon, lat in ring) for ring in polygon)
        for polygon in polygons
    )
