"""The rings that CAP can hold of a GeoJSON shape: outer ones; CAP knows no holes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from alerts.publishing.cap import Position

MOST_POSITIONS = 2000
"""Of one ring (ours): of one with more, every second or third position is left out."""


def outer_rings(shape: str) -> tuple[tuple[Position, ...], ...]:
    """The outer rings of a Polygon, MultiPolygon, Feature or collection, WGS-84 lon/lat.

    Nothing where the text is empty or none of these: who wrote it was told then.
    """
    try:
        told = json.loads(shape) if shape else None
    except (ValueError, RecursionError):
        return ()
    return tuple(_thinned(ring) for ring in _rings(told) if len(ring) >= 3)


def _rings(told: Any) -> Iterator[tuple[Position, ...]]:
    if not isinstance(told, dict):
        return
    kind = told.get("type")
    if kind == "FeatureCollection":
        for feature in told.get("features") or ():
            yield from _rings(feature)
    elif kind == "Feature":
        yield from _rings(told.get("geometry"))
    elif kind == "GeometryCollection":
        for geometry in told.get("geometries") or ():
            yield from _rings(geometry)
    elif kind == "Polygon":
        yield from _outer(told.get("coordinates"))
    elif kind == "MultiPolygon":
        for polygon in told.get("coordinates") or ():
            yield from _outer(polygon)


def _outer(polygon: Any) -> Iterator[tuple[Position, ...]]:
    if isinstance(polygon, list) and polygon and isinstance(polygon[0], list):
        try:
            yield tuple((float(at[0]), float(at[1])) for at in polygon[0])
        except (TypeError, ValueError, IndexError):
            return


def _thinned(ring: tuple[Position, ...]) -> tuple[Position, ...]:
    step = -(-len(ring) // MOST_POSITIONS)
    return ring[::step]
