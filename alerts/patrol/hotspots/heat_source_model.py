"""Steady heat sources: a steel works, a kiln, a flare. Pure. WGS-84 lon/lat, metres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class HeatKind(Enum):
    """What a heat source is; the value is a word of the file."""

    STEELWORKS = "steelworks"
    POWER_PLANT = "power_plant"
    GAS_FLARE = "gas_flare"
    KILN = "kiln"
    GREENHOUSE = "greenhouse"
    LANDFILL = "landfill"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HeatSource:
    """A spot that is always hot. WGS-84 lon/lat; ``radius_m``: metres, if the file says so."""

    id: int
    lon: float
    lat: float
    radius_m: float | None = None
    usual_pixels: int | None = None
    usual_frp_mw: float | None = None


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A spot that is always hot, with what a commander wants to know of it."""

    id: int
    lon: float
    lat: float
    county_code: str
    verdicts: int  # that taught it
    learned_at: datetime  # or imported
    name: str = ""  # of those that a file lists
    kind: HeatKind | None = None
    radius_m: float | None = None
    seen: int = 0  # hotspots masked there in the last seven days
    last_at: datetime | None = None  # the newest of them


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A heat source as a file lists it, and whether it masks."""

    name: str
    county_code: str
    lon: float
    lat: float
    kind: HeatKind
    radius_m: float | None = None
    usual_pixels: int | None = None
    usual_frp_mw: float | None = None
    active: bool = True

    def values(self) -> dict[str, Any]:
        """Its columns."""
        return {
            "name": self.name,
            "county_code": self.county_code,
            "lon": self.lon,
            "lat": self.lat,
            "kind": self.kind.value,
            "radius_m": self.radius_m,
            "usual_pixels": self.usual_pixels,
            "usual_frp_mw": self.usual_frp_mw,
        }
