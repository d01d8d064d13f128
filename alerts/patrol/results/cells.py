"""How much of a route or zone was walked: it is cut into parts, and each was visited or not. Pure.

A route is cut into pieces of its length, an area into squares. All zones of a person together have
at most ``MOST`` parts, so that a day's visits are one number, a bit a part, and a month's are those
of its days joined. WGS-84 lon/lat, metres.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from alerts.patrol.results.model import Point
from alerts.patrol.zones.model import Zone, ZoneKind
from data.geo.coordinates import EARTH_RADIUS_M, distance_m
from data.geo.zone_geometry import Line, distance_to_m, inside

MOST = 256
"""Parts of all zones of one person (ours)."""

MOST_ZONES = 32
"""Of somebody with more zones only so many are looked at, by their numbers (ours)."""

LEAST_PIECE_M = 100.0
"""A short route is not cut finer than that (ours)."""

MOST_ACCURACY_M = 100.0
"""A position that may be farther wrong does not reach farther for it (ours)."""

_NORTH = math.radians(EARTH_RADIUS_M)  # metres a degree


@dataclass(frozen=True, slots=True)
class Parts:
    """The middles of the parts of one zone, and how near a position must be to visit one."""

    middles: tuple[tuple[float, float], ...]
    reach_m: float


def drawing_of(zones: Sequence[Zone]) -> str:
    """Names the drawing of these zones: visits to the parts of two drawings are not joined."""
    if not zones:
        return ""
    told = repr([(zone.id, zone.kind.value, zone.buffer_m, zone.lines) for zone in zones])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def parts_of(zones: Sequence[Zone]) -> tuple[Parts, ...]:
    """The parts of all zones of a person, in their order."""
    looked_at = zones[:MOST_ZONES]
    most = MOST // max(1, len(looked_at))
    return tuple(
        _parts(zone.kind, zone.lines, zone.buffer_m, most) if zone.lines else Parts((), 0.0)
        for zone in looked_at
    )


def visited(parts: Iterable[Parts], points: Sequence[Point]) -> int:
    """Which parts were visited, a bit each, the first part the lowest."""
    bits, first = 0, 0
    for each in parts:
        for number in _visited(each, points):
            bits |= 1 << (first + number)
        first += len(each.middles)
    return bits


def reach_of(parts: Iterable[Parts]) -> float:
    """How fine a way must be drawn for these parts, metres."""
    return max(20.0, min((each.reach_m for each in parts if each.middles), default=100.0) / 2)


def as_text(bits: int) -> str:
    """The bits, to be stored."""
    return f"{bits:x}" if bits else ""


def as_bits(text: str) -> int:
    """And back."""
    return int(text, 16) if text else 0


@lru_cache(2048)  # of a county's zones each is asked for by all its patrollers
def _parts(kind: ZoneKind, lines: tuple[Line, ...], buffer_m: float, most: int) -> Parts:
    if kind is ZoneKind.ROUTE:
        return _pieces(lines, buffer_m, most)
    return _squares(lines, most)


def _pieces(lines: Sequence[Line], buffer_m: float, most: int) -> Parts:
    length = sum(distance_m(*begin, *end) for line in lines for begin, end in pairwise(line))
    piece = max(LEAST_PIECE_M, length / most)
    middles: list[tuple[float, float]] = []
    left = piece / 2
    for line in lines:
        for (lon, lat), (to_lon, to_lat) in pairwise(line):
            away = distance_m(lon, lat, to_lon, to_lat)
            while left <= away and len(middles) < most:
                along = left / away if away else 0.0
                middles.append((lon + along * (to_lon - lon), lat + along * (to_lat - lat)))
                left += piece
            left -= away
    return Parts(tuple(middles or [lines[0][0]]), max(buffer_m, piece / 2))


def _squares(rings: Sequence[Line], most: int) -> Parts:
    lons = [lon for ring in rings for lon, _ in ring]
    lats = [lat for ring in rings for _, lat in ring]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    across = max(1.0, (east - west) * _NORTH * math.cos(math.radians((south + north) / 2)))
    up = max(1.0, (north - south) * _NORTH)
    side = max(LEAST_PIECE_M, math.sqrt(across * up / most))
    columns = min(most, math.ceil(across / side))
    rows = min(max(1, most // columns), math.ceil(up / side))
    middles = [
        (lon, lat)
        for column in range(columns)
        for row in range(rows)
        if inside(
            rings,
            lon := west + (column + 0.5) * (east - west) / columns,
            lat := south + (row + 0.5) * (north - south) / rows,
        )
    ]
    reach = math.hypot(across / columns, up / rows) / 2
    return Parts(tuple(middles or [rings[0][0]]), reach)


def _visited(parts: Parts, points: Sequence[Point]) -> Iterator[int]:
    """Looked for in boxes as wide as a position reaches: there may be thousands of both."""
    if not parts.middles or not points:
        return
    reach = parts.reach_m + MOST_ACCURACY_M
    north = reach / _NORTH
    east = north / max(0.1, math.cos(math.radians(parts.middles[0][1])))
    boxes: defaultdict[tuple[int, int], list[Point]] = defaultdict(list)
    for point in points:
        boxes[math.floor(point.lon / east), math.floor(point.lat / north)].append(point)
    for number, (lon, lat) in enumerate(parts.middles):
        x, y = math.floor(lon / east), math.floor(lat / north)
        near = (
            point
            for across in (x - 1, x, x + 1)
            for up in (y - 1, y, y + 1)
            for point in boxes.get((across, up), ())
        )
        if any(_reaches(point, lon, lat, parts.reach_m) for point in near):
            yield number


def _reaches(point: Point, lon: float, lat: float, reach_m: float) -> bool:
    away = distance_to_m([[(lon, lat)]], point.lon, point.lat)
    return away <= reach_m + min(point.accuracy_m, MOST_ACCURACY_M)
