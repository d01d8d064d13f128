"""Which village a hotspot is near. Pure. WGS-84 lon/lat, metres."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.patrol.hotspots.joining import NearestVillage
from alerts.patrol.positions.village_store import VillageSpot
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from data.geo.nearest import Grid

CELL_M = 5000.0
"""Size of a cell of the grid that is searched."""

FARTHEST_M = 50_000.0
FARTHEST_REPORTED_M = 10_000.0
"""A village whose place was worked out from positions is named within this distance (ours)."""


def nearest_village(gazetteer: Gazetteer) -> NearestVillage:
    """Finds the nearest village among those the divisions file gives a position for."""
    known = [
        (division.code, division.lon, division.lat)
        for division in gazetteer
        if division.tier is Tier.VILLAGE and division.lon is not None and division.lat is not None
    ]
    grid = Grid([(lon, lat) for _, lon, lat in known], CELL_M)

    def find(lon: float, lat: float) -> tuple[str, float] | None:
        near = grid.nearest(lon, lat, FARTHEST_M)
        return None if near is None else (known[near[1]][0], near[0])

    return find


def or_reported(filed: NearestVillage, reported: Sequence[VillageSpot]) -> NearestVillage:
    """Finds by ``filed``; where that knows none, by where the villages' people reported from."""
    grid = Grid([(village.lon, village.lat) for village in reported], CELL_M)

    def find(lon: float, lat: float) -> tuple[str, float | None] | None:
        found = filed(lon, lat)
        if found is not None:
            return found
        near = grid.nearest(lon, lat, FARTHEST_REPORTED_M)
        return None if near is None else (reported[near[1]].code, None)

    return find
