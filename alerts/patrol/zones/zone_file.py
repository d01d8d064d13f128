"""A GeoJSON file of patrol zones, checked feature by feature, in WGS-84. Pure.

Every feature's first problem is found in one go, so that a file is corrected once. What the file
says of a zone: properties ``name``, ``division_code`` or ``phones`` (or both), ``coordinates``
(``wgs84``, or ``gcj02`` for one drawn on a Chinese web map), ``buffer_m`` of a route, ``active``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

from alerts.patrol.zones.model import ZoneKind
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Person
from contacts.phones import normalise
from contacts.roster.rows import suggestion
from data.errors import InvalidInput
from data.geo.coordinates import gcj02_to_wgs84
from data.geo.zone_geometry import DrawingFlaw, Point, area_flaw, route_flaw

MAX_FEATURES = 50_000
MAX_NAME = 64
MAX_BUFFER_M = 20_000.0
# Jilin, with room at its edges: degrees west, south, east, north. Latitudes and longitudes do not
# overlap here, so coordinates in the wrong order are told from those of another place.
PROVINCE = (121.0, 40.0, 132.0, 47.0)
MAX_POINTS = 5_000
"""Points of one zone: a position is judged against each of them."""

# As our own files name them, then as offices do.
_NAMES = ("name", "名称", "管护区", "巡护区", "Name", "NAME")
_DIVISIONS = ("division_code", "区划代码", "区划", "村", "行政村", "division", "CODE")
_PHONES = ("phones", "电话", "手机", "联系电话", "phone")

_DECIMALS = 6  # 0.1 m


class ZoneFileProblem(Enum):
    """Why a file as a whole holds no zones."""

    NOT_GEOJSON = "zones_not_geojson"
    NO_FEATURES = "zones_no_features"
    TOO_MANY_FEATURES = "zones_too_many_features"


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
    NUMBER_INVALID = "zone_number_invalid"  # of a stretch of a river
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


@dataclass(frozen=True, slots=True)
class ZoneProblem:
    """One feature that cannot be used: its number from 1, its name as far as it has one, why."""

    feature: int
    name: str
    reason: ZoneReason
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone as the file has it, in WGS-84."""

    name: str
    division_code: str
    kind: ZoneKind
    buffer_m: float
    lines: tuple[tuple[Point, ...], ...]
    people: frozenset[int]
    active: bool
    converted: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a zone looks like: rings of an area or parts of a route, WGS-84."""

    kind: ZoneKind
    lines: tuple[tuple[Point, ...], ...]


class BadZone(Exception):
    """Ends the reading of one feature; what is wrong with it."""

    def __init__(self, reason: ZoneReason, **facts: Any) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


_FLAWS = {
    DrawingFlaw.TOO_FEW_POINTS: ZoneReason.TOO_FEW_POINTS,
    DrawingFlaw.SELF_CROSSING: ZoneReason.SELF_CROSSING,
    DrawingFlaw.PARTS_OVERLAP: ZoneReason.PARTS_OVERLAP,
    DrawingFlaw.NO_LENGTH: ZoneReason.NO_LENGTH,
}
_DEPTHS = {
    "Polygon": (ZoneKind.AREA, 0),
    "MultiPolygon": (ZoneKind.AREA, 1),
    "LineString": (ZoneKind.ROUTE, -1),
    "MultiLineString": (ZoneKind.ROUTE, 0),
}


def read_collection(content: bytes) -> list[Any]:
    """The features of a GeoJSON file, unchecked. UTF-8 with or without BOM, or GBK.

    :raises InvalidInput: with a ``ZoneFileProblem``.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode()
    except UnicodeDecodeError:
        content = content.decode("gb18030", "replace").encode()
    try:
        features = orjson.loads(content)["features"]
        orjson.dumps(features)  # nested deeper than it can be written again, it is no drawing
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput(ZoneFileProblem.NOT_GEOJSON) from None
    if not isinstance(features, list) or not features:
        raise InvalidInput(ZoneFileProblem.NO_FEATURES)
    if len(features) > MAX_FEATURES:
        raise InvalidInput(
            ZoneFileProblem.TOO_MANY_FEATURES, total=len(features), most=MAX_FEATURES
        )
    return features


def zone_rows(
    features: list[Any],
    gazetteer: Gazetteer,
    people: Mapping[str, Person],
    *,
    gcj02: bool = False,
    buffer_m: float = 200.0,
) -> tuple[list[ZoneRow], list[ZoneProblem]]:
    """The zones of ``features``, and what is wrong with the others.

    :param people: everybody stored, by phone.
    :param gcj02: features that do not say otherwise were drawn on a Chinese web map.
    :param buffer_m: the strip of a route that does not say.
    """
    rows, problems = [], []
    seen: dict[tuple[str, str], int] = {}
    for number, feature in enumerate(features, start=1):
        properties = as_dict(as_dict(feature).get("properties"))
        name = text_of(_given(properties, _NAMES))
        try:
            row = _row(feature, properties, name, gazetteer, people, gcj02, buffer_m)
            first = seen.setdefault((row.division_code, row.name), number)
            if first != number:
                raise BadZone(ZoneReason.NAME_TWICE, other=first)
        except BadZone as bad:
            problems.append(ZoneProblem(number, name[:MAX_NAME], bad.reason, bad.facts))
            continue
        rows.append(row)
    return rows, problems


def _row(
    feature: Any,
    properties: dict[str, Any],
    name: str,
    gazetteer: Gazetteer,
    people: Mapping[str, Person],
    gcj02: bool,
    buffer_m: float,
) -> ZoneRow:
    geometry = geometry_of(feature, name, MAX_NAME)
    division_code = _division(properties, gazetteer)
    if division_code and division_code not in gazetteer:
        hint = suggestion(gazetteer, division_code)
        raise BadZone(ZoneReason.DIVISION_UNKNOWN, text=division_code[:40], suggestion=hint)
    owners = frozenset(_people(_given(properties, _PHONES), people))
    if not division_code and not owners:
        raise BadZone(ZoneReason.NO_OWNER)
    mark = text_of(properties.get("coordinates")).lower().replace("-", "")
    if mark not in ("", "wgs84", "gcj02"):
        raise BadZone(ZoneReason.MARK_UNKNOWN, text=mark[:40])
    shifted = mark == "gcj02" or (gcj02 and not mark)
    drawing = read_drawing(geometry, gcj02=shifted)
    active = properties.get("active", True)
    if not isinstance(active, bool):
        raise BadZone(ZoneReason.ACTIVE_INVALID, text=text_of(active)[:40])
    route = drawing.kind is ZoneKind.ROUTE
    width = _buffer(properties.get("buffer_m"), buffer_m) if route else 0.0
    return ZoneRow(
        name,
        division_code,
        drawing.kind,
        width,
        drawing.lines,
        owners,
        active,
        shifted,
    )


def _given(properties: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first of these properties that says something."""
    for name in names:
        if properties.get(name) not in (None, ""):
            return properties[name]
    return None


def _division(properties: Mapping[str, Any], gazetteer: Gazetteer) -> str:
    """The code of the division a zone is of; what stands there where it names none.

    Written as a code or a name; else the folder of a KML file that is named after a division.
    """
    written = text_of(_given(properties, _DIVISIONS))
    folder = "" if written else text_of(properties.get("folder"))
    text = written or folder
    if not text or text in gazetteer or text.isascii():
        return text if text in gazetteer or not folder else ""
    found = gazetteer.find(text, careful=True).division
    return found.code if found is not None else written


def _people(given: Any, people: Mapping[str, Person]) -> Iterator[int]:
    if given is None:
        return
    phones = given if isinstance(given, list) else re.split("[,、，;；]", text_of(given))
    for phone in phones:
        text = text_of(phone)
        if not text:
            continue
        try:
            known = people.get(normalise(text))
        except InvalidInput:
            raise BadZone(ZoneReason.PHONE_INVALID, text=text[:40]) from None
        if known is None:
            raise BadZone(ZoneReason.PERSON_UNKNOWN, text=text[:40])
        yield known.id


def _buffer(given: Any, default: float) -> float:
    if given is None:
        return default
    try:
        metres = float(given) if not isinstance(given, bool) else math.nan
    except (TypeError, ValueError):
        metres = math.nan
    if not 0 < metres <= MAX_BUFFER_M:
        raise BadZone(ZoneReason.BUFFER_INVALID, text=text_of(given)[:40], most=int(MAX_BUFFER_M))
    return metres


def geometry_of(feature: Any, name: str, longest: int) -> dict[str, Any]:
    """The geometry of a feature that bears this name.

    :raises BadZone: it has none, or no name of at most ``longest`` characters.
    """
    geometry = as_dict(as_dict(feature).get("geometry"))
    if not geometry:
        raise BadZone(ZoneReason.NOT_A_FEATURE)
    if not name:
        raise BadZone(ZoneReason.NO_NAME)
    if len(name) > longest:
        raise BadZone(ZoneReason.NAME_TOO_LONG, length=len(name), most=longest)
    return geometry


def as_dict(value: Any) -> dict[str, Any]:
    """A part of a drawing that should hold others; empty where it is something else."""
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str:
    """What a property says, a number without needless decimals; empty for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() else str(value)
    return ""


def read_drawing(
    geometry: dict[str, Any], *, gcj02: bool, most_points: int = MAX_POINTS
) -> Drawing:
    """A GeoJSON geometry as a sound drawing; heights are dropped.

    :param gcj02: the coordinates are those of a Chinese web map: they are converted.
    :raises BadZone: when it is none, or its coordinates lie elsewhere.
    """
    kind, polygons = _drawn(geometry, most_points)
    _check_degrees([point for polygon in polygons for line in polygon for point in line])
    if gcj02:
        polygons = [
            [[gcj02_to_wgs84(*point) for point in line] for line in lines] for lines in polygons
        ]
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


def _drawn(geometry: dict[str, Any], most: int) -> tuple[ZoneKind, list[list[list[Point]]]]:
    """The kind and its polygons (lists of rings); a route is one list of its parts."""
    written = str(geometry.get("type"))
    if written not in _DEPTHS:
        raise BadZone(ZoneReason.GEOMETRY_UNKNOWN, text=written[:40])
    kind, depth = _DEPTHS[written]
    given = geometry.get("coordinates")
    for _ in range(1 - depth):
        given = [given]
    try:
        polygons = [[[_point(point) for point in line] for line in lines] for lines in given or []]
    except TypeError:
        raise BadZone(ZoneReason.NOT_NUMBERS) from None
    count = sum(len(line) for lines in polygons for line in lines)
    if count > most:
        raise BadZone(ZoneReason.TOO_MANY_POINTS, total=count, most=most)
    if not count or any(not line for lines in polygons for line in lines):
        raise BadZone(ZoneReason.TOO_FEW_POINTS)
    return kind, [lines for lines in polygons if lines]


def _point(given: Any) -> Point:
    if not isinstance(given, list) or len(given) < 2:
        raise BadZone(ZoneReason.NOT_NUMBERS)
    lon, lat = given[:2]  # heights are dropped
    if any(
        isinstance(degrees, bool) or not isinstance(degrees, (int, float)) for degrees in (lon, lat)
    ):
        raise BadZone(ZoneReason.NOT_NUMBERS)
    return float(lon), float(lat)


def _check_degrees(points: list[Point]) -> None:
    west, south, east, north = PROVINCE
    strangers = [
        (lon, lat) for lon, lat in points if not (west <= lon <= east and south <= lat <= north)
    ]
    if not strangers:
        return
    lon, lat = strangers[0]
    if all(west <= second <= east and south <= first <= north for first, second in points):
        raise BadZone(ZoneReason.SWAPPED, lon=lon, lat=lat)
    if abs(lon) > 180 or abs(lat) > 90:
        raise BadZone(ZoneReason.NOT_DEGREES, lon=lon, lat=lat)
    raise BadZone(ZoneReason.OUTSIDE_PROVINCE, lon=lon, lat=lat)
