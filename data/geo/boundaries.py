"""Which division a position lies in: boundary files and the areas they draw. Pure.

Positions are WGS-84 lon/lat in degrees.

shapely is imported only when boundaries are built: importing it costs more than the rest of a
command's start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from data.errors import InvalidInput, NotFound
from data.geo.coordinates import EARTH_RADIUS_M, distance_m, gcj02_to_wgs84

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SLIVER_M = 200.0
"""A position this near to a county, in a gap between counties, belongs to it. Metres; ours."""

_SMALL_HOLE_DEG2 = 1e-4  # about 0.9 km²: a gap between drawings, not an enclave


class BoundaryProblem(Enum):
    """Why a boundary file cannot be used, or a boundary not be found."""

    NOT_GEOJSON = "not_geojson"
    NO_FEATURES = "no_features"
    BAD_CODE = "bad_code"  # property ``code`` is missing or not 12 digits
    DUPLICATE_CODE = "duplicate_code"
    NOT_A_POLYGON = "not_a_polygon"
    UNKNOWN_DIVISION = "unknown_division"  # neither drawn nor a union of what is drawn


def read_features(geojson: bytes) -> list[dict[str, Any]]:
    """The features of a boundary file, checked: each has a 12-digit ``code`` and is a polygon.

    :raises InvalidInput: with a ``BoundaryProblem``; ``feature`` counts from 1.
    """
    try:
        features = orjson.loads(geojson)["features"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput(BoundaryProblem.NOT_GEOJSON) from None
    if not isinstance(features, list) or not features:
        raise InvalidInput(BoundaryProblem.NO_FEATURES)
    seen: set[str] = set()
    for number, feature in enumerate(features, start=1):
        properties, geometry = (
            _dict(_dict(feature).get(key)) for key in ("properties", "geometry")
        )
        code = str(properties.get("code", ""))
        if not (len(code) == 12 and code.isascii() and code.isdigit()):
            raise InvalidInput(BoundaryProblem.BAD_CODE, feature=number, text=code[:40])
        if code in seen:
            raise InvalidInput(BoundaryProblem.DUPLICATE_CODE, feature=number, text=code)
        seen.add(code)
        properties["code"] = code  # written as a number in some files
        if geometry.get("type") not in ("Polygon", "MultiPolygon"):
            raise InvalidInput(BoundaryProblem.NOT_A_POLYGON, feature=number, text=code)
    return features


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def convert_boundaries(geojson: bytes) -> bytes:
    """A GCJ-02 boundary file as WGS-84, five decimals (1 m), one feature a line.

    :raises InvalidInput: as ``read_features`` does.
    """
    features = []
    for feature in read_features(geojson):
        geometry = feature["geometry"]
        try:
            if geometry["type"] == "Polygon":
                drawn: list[Any] = _converted(geometry["coordinates"])
            else:
                drawn = [_converted(polygon) for polygon in geometry["coordinates"]]
        except (KeyError, ValueError, TypeError):
            code = feature["properties"]["code"]
            raise InvalidInput(BoundaryProblem.NOT_A_POLYGON, text=code) from None
        features.append({**feature, "geometry": {**geometry, "coordinates": drawn}})
    return written_features(features)


def written_features(features: Iterable[dict[str, Any]]) -> bytes:
    """Features as a GeoJSON file, one a line."""
    lines = b",\n".join(orjson.dumps(feature) for feature in features)
    return b'{"type":"FeatureCollection","features":[\n' + lines + b"\n]}\n"


def _converted(rings: list[list[list[float]]]) -> list[list[tuple[float, float]]]:
    """One polygon's rings, each point in WGS-84; heights are dropped."""
    moved = [[gcj02_to_wgs84(lon, lat) for lon, lat, *_ in ring] for ring in rings]
    return [[(round(lon, 5), round(lat, 5)) for lon, lat in ring] for ring in moved]


def _prefix(code: str) -> str:
    """The leading digits that all codes below ``code`` share."""
    return next((code[:n] for n in (2, 4, 6, 9) if not code[n:].strip("0")), code)


class Boundaries:
    """The drawn divisions, and which of them a position lies in. Positions are WGS-84 lon/lat.

    A division that is not drawn itself (a city, the province) is the union of those drawn below
    it. Neighbours in public data do not share every vertex: a position in a gap belongs to the
    nearest division within ``SLIVER_M``, one in an overlap to the one it lies deepest in.
    """

    def __init__(self, geometries: Mapping[str, BaseGeometry]) -> None:
        """Use ``from_geojson``. ``geometries`` maps 12-digit codes to valid polygons."""
        import numpy
        import shapely

        self._codes = sorted(geometries)
        self._shapes = numpy.array([geometries[code] for code in self._codes], dtype=object)
        self._tree = shapely.STRtree(self._shapes)
        self._areas: dict[str, BaseGeometry] = dict(geometries)
        self._segments: dict[str, tuple[Any, Any]] = {}
        shapely.prepare(self._shapes)

    @classmethod
    def from_geojson(cls, geojson: bytes) -> Boundaries:
        """Read a WGS-84 boundary file; polygons that cross themselves are mended.

        :raises InvalidInput: with a ``BoundaryProblem``.
        """
        import shapely
        from shapely.geometry import shape

        geometries: dict[str, BaseGeometry] = {}
        for feature in read_features(geojson):
            code = feature["properties"]["code"]
            try:
                drawn = _mended(shape(feature["geometry"]))
            except (ValueError, TypeError, KeyError, IndexError, shapely.GEOSException):
                raise InvalidInput(BoundaryProblem.NOT_A_POLYGON, text=code) from None
            if drawn.is_empty:
                raise InvalidInput(BoundaryProblem.NOT_A_POLYGON, text=code)
            geometries[code] = drawn
        return cls(geometries)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that are drawn."""
        return tuple(self._codes)

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all that is drawn, degrees."""
        import shapely

        west, south, east, north = shapely.total_bounds(self._shapes)
        return float(west), float(south), float(east), float(north)

    def locate(self, lon: float, lat: float) -> str | None:
        """The code of the drawn division that the position lies in; None outside all of them."""
        import shapely

        if not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        point = shapely.points((lon, lat))
        near = self._tree.query(point)
        inside: list[int] = [i for i in near if shapely.intersects_xy(self._shapes[i], lon, lat)]
        if len(inside) == 1:
            return self._codes[inside[0]]
        if inside:
            codes = sorted(self._codes[i] for i in inside)
            # The finest tier first: a file may draw cities as well as their counties.
            finest = max(len(_prefix(code)) for code in codes)
            codes = [code for code in codes if len(_prefix(code)) == finest]
            return min(codes, key=lambda code: self.distance_m(code, lon, lat))
        return self._across_a_gap(point, lon, lat)

    def _across_a_gap(self, point: BaseGeometry, lon: float, lat: float) -> str | None:
        # Degrees of longitude are the shorter ones: this reaches far enough in every direction.
        east = math.degrees(SLIVER_M / EARTH_RADIUS_M) / max(0.01, math.cos(math.radians(lat)))
        near = self._tree.query(point, predicate="dwithin", distance=east)
        codes: list[str] = [self._codes[i] for i in near]
        away = sorted((self.distance_m(code, lon, lat), code) for code in codes)
        return away[0][1] if away and away[0][0] <= SLIVER_M else None

    def contains(self, code: str, lon: float, lat: float) -> bool:
        """Whether the position lies in ``code`` or in a drawn division below it."""
        found = self.locate(lon, lat)
        return found is not None and found.startswith(_prefix(code))

    def contains_province(self, lon: float, lat: float) -> bool:
        """Whether the position lies anywhere in the drawn land (gaps included)."""
        return self.locate(lon, lat) is not None

    def has(self, code: str) -> bool:
        """Whether ``code`` is drawn or a union; not so below the county and for zones."""
        prefix = _prefix(code)
        return any(drawn.startswith(prefix) for drawn in self._codes)

    def distance_m(self, code: str, lon: float, lat: float) -> float:
        """Metres from the position to the boundary of ``code``: positive outside, negative inside.

        :raises NotFound: ``code`` has no boundary.
        """
        import numpy
        import shapely

        start, step = self._edges(code)
        # A plane around the position; exact near it, where it matters.
        scale = numpy.array([math.cos(math.radians(lat)), 1.0])
        offset = (start - (lon, lat)) * scale
        way = step * scale
        length = numpy.maximum((way * way).sum(axis=1), 1e-30)
        along = numpy.clip(-(offset * way).sum(axis=1) / length, 0.0, 1.0)
        nearest = offset + way * along[:, None]
        best = nearest[(nearest * nearest).sum(axis=1).argmin()] / scale
        away = distance_m(lon, lat, lon + float(best[0]), lat + float(best[1]))
        return -away if shapely.intersects_xy(self._area(code), lon, lat) else away

    def centroid(self, code: str) -> tuple[float, float]:
        """The lon/lat of the middle of ``code``; a point inside it when the middle is not.

        :raises NotFound: ``code`` has no boundary.
        """
        area = self._area(code)
        middle = area.centroid
        point = middle if area.intersects(middle) else area.representative_point()
        return point.x, point.y

    def bounds(self, code: str) -> tuple[float, float, float, float]:
        """West, south, east, north of ``code`` in degrees.

        :raises NotFound: ``code`` has no boundary.
        """
        west, south, east, north = self._area(code).bounds
        return west, south, east, north

    def touched(self, area: BaseGeometry) -> dict[str, float]:
        """The drawn divisions that ``area`` meets, with their size in square degrees."""
        import shapely

        shapely.prepare(area)
        found = self._tree.query(area, predicate="intersects")
        sizes = shapely.area(self._shapes[found])
        return {self._codes[i]: float(size) for i, size in zip(found, sizes, strict=True)}

    def common(self, area: BaseGeometry, code: str) -> float:
        """How much of a drawn division lies in ``area``, in square degrees."""
        import shapely

        drawn = self._areas[code]
        if shapely.contains(area, drawn):
            return float(drawn.area)
        return float(shapely.intersection(drawn, area).area)

    def all_in(self, area: BaseGeometry, code: str = "") -> bool:
        """Whether all of ``area`` lies in ``code``, or without one in all that is drawn."""
        import shapely

        if code and not self.has(code):
            return False
        return bool(shapely.covers(self._area(code) if code else self._all, area))

    @cached_property
    def _all(self) -> BaseGeometry:
        return _joined(list(self._shapes))

    def rings(self, code: str, tolerance: float) -> list[list[tuple[float, float]]]:
        """The boundary of ``code`` for drawing: rings of lon/lat, true to ``tolerance`` degrees.

        :raises NotFound: ``code`` has no boundary.
        """
        import shapely

        drawn = shapely.get_rings(shapely.get_parts(self._area(code).simplify(tolerance)))
        return [[(lon, lat) for lon, lat in ring.coords] for ring in drawn]

    def _area(self, code: str) -> BaseGeometry:
        if code not in self._areas:
            prefix = _prefix(code)
            parts = [
                s
                for c, s in zip(self._codes, self._shapes, strict=True)
                if c[: len(prefix)] == prefix
            ]
            if not parts:
                raise NotFound(BoundaryProblem.UNKNOWN_DIVISION, division=code)
            self._areas[code] = _joined(parts)
        return self._areas[code]

    def _edges(self, code: str) -> tuple[Any, Any]:
        """Start and step of every segment of the boundary, degrees; kept, for repeated use."""
        if code not in self._segments:
            import numpy
            import shapely

            points, ring = shapely.get_coordinates(
                shapely.get_rings(shapely.get_parts(self._area(code))), return_index=True
            )
            same = ring[1:] == ring[:-1]
            self._segments[code] = points[:-1][same], numpy.diff(points, axis=0)[same]
        return self._segments[code]


def _mended(drawn: BaseGeometry) -> BaseGeometry:
    """A drawing that crosses itself as the land it encloses; spikes without area are dropped."""
    import shapely

    if drawn.is_valid:
        return drawn
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(drawn)))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _joined(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """The union of neighbours, without the slits between drawings that do not quite meet."""
    import shapely

    kept = []
    for polygon in shapely.get_parts(shapely.union_all(list(parts))):
        holes = [
            ring for ring in polygon.interiors if shapely.Polygon(ring).area > _SMALL_HOLE_DEG2
        ]
        kept.append(shapely.Polygon(polygon.exterior, holes))
    area = shapely.MultiPolygon(kept)
    shapely.prepare(area)
    return area
