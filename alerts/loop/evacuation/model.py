"""An evacuation card: what whoever moves a village in the night has to know. Pure.

The five points of the national practice (DOMAIN): who organises, who moves, when, where to, and no
return without word. Positions are WGS-84 lon/lat.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts.model import Hazard
from data.geo.coordinates import distance_m
from data.geo.zone_geometry import Point

MOVING = frozenset(
    {
        Hazard.RAINSTORM,
        Hazard.FLASH_FLOOD,
        Hazard.RIVER_FLOOD,
        Hazard.GEOLOGICAL,
        Hazard.WATERLOGGING,
        Hazard.TYPHOON,
        Hazard.RESERVOIR,
        Hazard.FOREST_FIRE,
    }
)
"""The hazards before which people are moved out of their houses (ours)."""


class Frail(Enum):
    """Why somebody of a household cannot go alone (重点人员)."""

    BEDRIDDEN = "bedridden"
    DISABLED = "disabled"
    ILL = "ill"
    ELDERLY = "elderly"
    ALONE = "alone"  # lives alone: 独居、空巢
    PREGNANT = "pregnant"
    CHILD = "child"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Household:
    """Who moves: one household of a card. Its names and numbers are for those in charge only."""

    id: int
    card_id: int
    number: int
    head: str
    persons: int
    phone: str = ""
    frail: Frail | None = None
    frail_who: str = ""
    carer: str = ""
    carer_phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Shelter:
    """Where they go. ``capacity`` in persons."""

    id: int
    division_code: str
    name: str
    lon: float | None = None
    lat: float | None = None
    capacity: int | None = None
    key_holder: str = ""
    key_phone: str = ""

    @property
    def spot(self) -> Point | None:
        """Its position, if it is known."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Card:
    """One card: of a village, or of a hazard point or settlement in it (``place_code``).

    ``households`` and ``persons`` are who is to move (应转). ``households_listed`` is how many are
    listed by name.
    """

    id: int
    division_code: str
    place_code: str
    name: str
    hazards: frozenset[Hazard] = frozenset()  # none: any that makes people move
    organiser: str = ""
    organiser_phone: str = ""
    organiser_id: int | None = None
    signal: str = ""
    when_to_move: str = ""
    route: tuple[Point, ...] = ()
    route_words: str = ""
    households: int = 0
    persons: int = 0
    shelter: Shelter | None = None
    version: int = 1
    source: str = ""
    at: datetime | None = None
    households_listed: int = 0
    active: bool = True

    def meant_for(self, hazard: Hazard) -> bool:
        """Whether it says where to go when this threatens."""
        return meant_for(hazard, self.hazards)

    @property
    def route_m(self) -> float:
        """How long its route is, metres; 0 where none is drawn."""
        return length_m(self.route)


@dataclass(frozen=True, slots=True)
class Target:
    """Who is to move by one card when a warning is in force (应转)."""

    card_id: int
    division_code: str
    place_code: str
    name: str
    households: int
    persons: int


def meant_for(hazard: Hazard, hazards: frozenset[Hazard]) -> bool:
    """Whether a card for these hazards (none: for any) says where to go when one threatens."""
    return hazard in (hazards or MOVING)


def length_m(line: Iterable[Point]) -> float:
    """The length of a line in metres."""
    return sum(distance_m(*a, *b) for a, b in itertools.pairwise(line))


def frail_first(households: Iterable[Household]) -> list[Household]:
    """In the order in which they are gone to: whoever cannot go alone first, then by number."""
    order = list(Frail)
    return sorted(
        households,
        key=lambda each: (order.index(each.frail) if each.frail else len(order), each.number),
    )
