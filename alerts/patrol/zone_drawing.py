"""The drawing of one GeoJSON feature as the lines of a zone, checked and in WGS-84: pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from alerts.patrol.zones import ZoneKind
from data.coordinates import gcj02_to_wgs84
from data.zone_geometry import Flaw, Point, area_flaw, route_flaw

# Jilin, with room at its edges: degrees west, south, east, north. Latitudes and longitudes do not
# overlap here, so coordinates in the wrong order are told from those of another place.
PROVINCE = (121.0, 40.0, 132.0, 47.0)
MAX_POINTS = 5_000
"""Points of one zone: a position is judged against each of them."""

_DECIMALS = 6  # 0.1 m


class ZoneReason(Enum):
    """What is wrong with one feature."""

    NOT_A_FEATURE = "not_a_feature"
    NO_NAME = "no_name"
    NAME_TOO_LONG = "name_too_long"
    NAME_TWICE = "name_twice"
    NO_OWNER = "no_owner"
    DIVISION_UNKNOWN = "zone_division_unknown"
    PHONE_INVALID = "zone_phone_invalid"
    PERSON_UNKNOWN = "zone_person_unknown"
    MARK_UNKNOWN = "mark_unknown"
    BUFFER_INVALID = "buffer_invalid"
    ACTIVE_INVALID = "active_invalid"
    GEOMETRY_UNKNOWN = "geometry_unknown"
    TOO_MANY_POINTS = "too_many_points"
    NOT_NUMBERS = "not_numbers"
    SWAPPED = "swapped"
    NOT_DEGREES = "not_degrees"
    OUTSIDE_PROVINCE = "zone_outside_province"
    UNCLOSED = "unclosed"
    TOO_FEW_POINTS = "zone_too_few_points"
    SELF_CROSSING = "zone_self_crossing"
    PARTS_OVERLAP = "zone_parts_overlap"
    NO_LENGTH = "zone_no_length"


_FLAWS = {
    Flaw.TOO_FEW_POINTS: ZoneReason.TOO_FEW_POINTS,
    Flaw.SELF_CROSSING: ZoneReason.SELF_CROSSING,
    Flaw.PARTS_OVERLAP: ZoneReason.PARTS_OVERLAP,
    Flaw.NO_LENGTH: ZoneReason.NO_LENGTH,
}


class BadZone(Exception):
    """Ends the reading of one feature; what is wrong with it."""

    def __init__(self, reason: ZoneReason, **facts: Any) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a zone looks like: rings of an area or parts of a route, WGS-84."""

    kind: ZoneKind
    lines: tuple[tuple[Point, ...], ...]


def read_drawing(geometry: dict[str, Any], *, gcj02: bool) -> Drawing:
    """A GeoJSON geometry as a sound drawing; heights are dropped.

    :param gcj02: the coordinates are those of a Chinese web map: they are converted.
    :raises BadZone: when it is none, or its coordinates lie elsewhere.
    """
    kind, polygons = _drawn(geometry)
    _check_degrees([point for polygon in polygons for line in polygon for point in line])
    if gcj02:
        polygons = [[[gcj02_to_wgs84(*p) for p in line] for line in lines] for lines in polygons]
    lines = [line for polygon in polygons for line in polygon]
    if kind is ZoneKind.AREA:
        if any(line[0] != line[-1] for line in lines):
            raise BadZone(ZoneReason.UNCLOSED)
        unsound = area_flaw(polygons)
    else:
        unsound = route_flaw(lines)
    if unsound is not None:
        place = {} if unsound.lon is None else {"lon": unsound.lon, "lat": unsound.lat}
        raise BadZone(_FLAWS[unsound.flaw], **place)
    return Drawing(
        kind,
        tuple(
            tuple((round(lon, _DECIMALS), round(lat, _DECIMALS)) for lon, lat in line)
            for line in lines
        ),
    )


_DEPTHS = {
    "Polygon": (ZoneKind.AREA, 0),
    "MultiPolygon": (ZoneKind.AREA, 1),
    "LineString": (ZoneKind.ROUTE, -1),
    "MultiLineString": (ZoneKind.ROUTE, 0),
}


def _drawn(geometry: dict[str, Any]) -> tuple[ZoneKind, list[list[list[Point]]]]:
    """The kind and its polygons (lists of rings); a route is one list of its parts."""
    written = str(geometry.get("type"))
    if written not in _DEPTHS:
        raise BadZone(ZoneReason.GEOMETRY_UNKNOWN, text=written[:40])
    kind, depth = _DEPTHS[written]
    given = geometry.get("coordinates")
    for _ in range(1 - depth):
        given = [given]
    try:
        polygons = [[[_point(p) for p in line] for line in lines] for lines in given or []]
    except TypeError:
        raise BadZone(ZoneReason.NOT_NUMBERS) from None
    count = sum(len(line) for lines in polygons for line in lines)
    if count > MAX_POINTS:
        raise BadZone(ZoneReason.TOO_MANY_POINTS, total=count, most=MAX_POINTS)
    if not count or any(not line for lines in polygons for line in lines):
        raise BadZone(ZoneReason.TOO_FEW_POINTS)
    return kind, [lines for lines in polygons if lines]


def _point(given: Any) -> Point:
    if not isinstance(given, list) or len(given) < 2:
        raise BadZone(ZoneReason.NOT_NUMBERS)
    lon, lat = given[:2]  # heights are dropped
    if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in (lon, lat)):
        raise BadZone(ZoneReason.NOT_NUMBERS)
    return float(lon), float(lat)


def _check_degrees(points: list[Point]) -> None:
    west, south, east, north = PROVINCE
    strangers = [p for p in points if not (west <= p[0] <= east and south <= p[1] <= north)]
    if not strangers:
        return
    lon, lat = strangers[0]
    if all(west <= p[1] <= east and south <= p[0] <= north for p in points):
        raise BadZone(ZoneReason.SWAPPED, lon=lon, lat=lat)
    if abs(lon) > 180 or abs(lat) > 90:
        raise BadZone(ZoneReason.NOT_DEGREES, lon=lon, lat=lat)
    raise BadZone(ZoneReason.OUTSIDE_PROVINCE, lon=lon, lat=lat)
