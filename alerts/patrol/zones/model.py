"""Patrol zones, and whether a position lies in one. Pure. WGS-84 lon/lat, metres.

A zone is an area (its rings) or a route with a strip to either side. It is for the persons named
with it, or else for everybody of its division and below who has no zone of their own and none of a
nearer division.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from data.geo.zone_geometry import Line, distance_to_m, inside


class ZoneKind(Enum):
    """How a zone is drawn: as an area or as a route."""

    AREA = "area"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone. ``lines`` are its rings or the parts of its route; ``buffer_m`` is a route's."""

    id: int
    name: str
    division_code: str  # empty: only for ``people``
    kind: ZoneKind
    lines: tuple[Line, ...]
    buffer_m: float = 0.0
    people: frozenset[int] = frozenset()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a position lies: the zone it is in, or the nearest one and how far outside of it."""

    zone: Zone
    outside_m: float = 0.0

    @property
    def inside(self) -> bool:
        """Whether it lies in the zone."""
        return not self.outside_m


def outside_m(zone: Zone, lon: float, lat: float) -> float:
    """Metres from the position to the zone; 0 inside."""
    if zone.kind is ZoneKind.AREA and inside(zone.lines, lon, lat):
        return 0.0
    away = distance_to_m(zone.lines, lon, lat)
    return max(0.0, away - zone.buffer_m) if zone.kind is ZoneKind.ROUTE else away


def locate(
    zones: Iterable[Zone], lon: float, lat: float, accuracy_m: float | None = None
) -> Whereabouts | None:
    """Where the position lies among ``zones``; ``None`` when there are none.

    A position no farther outside than the phone may be wrong (``accuracy_m``) is inside.
    """
    nearest: Whereabouts | None = None
    for zone in zones:
        away = outside_m(zone, lon, lat)
        if away <= (accuracy_m or 0.0):
            return Whereabouts(zone)
        if nearest is None or away < nearest.outside_m:
            nearest = Whereabouts(zone, away)
    return nearest
