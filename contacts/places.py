"""Places with persons of their own inside a division: reservoirs, schools, hazard points. Pure.

A warning to a division is one to its places too; it may also be for one kind of them, or for one
place alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class PlaceKind(Enum):
    """What a place is; the value is the word of the places file."""

    RESERVOIR = "reservoir"
    DYKE = "dyke"
    HAZARD_POINT = "hazard_point"
    SCHOOL = "school"
    CARE_HOME = "care_home"
    CAMP = "camp"
    SCENIC_SPOT = "scenic_spot"
    SETTLEMENT = "settlement"  # 屯、组: below the village
    OTHER = "other"
    DEPARTMENT = "department"  # an office with liaisons (``contacts.organisations``): no danger


@dataclass(frozen=True, slots=True)
class Place:
    """One place. ``lon`` and ``lat`` are WGS-84 degrees; who is threatened there, if known."""

    code: str
    kind: PlaceKind
    name: str
    division_code: str
    lon: float | None = None
    lat: float | None = None
    households: int | None = None
    persons: int | None = None
    below: tuple[str, ...] = ()  # codes of the villages that its water reaches when it fails

    @property
    def token(self) -> str:
        """Stands for the code where only a few plain letters fit: in a button."""
        return token_of(self.code)


def token_of(code: str) -> str:
    """The token of the place with this code."""
    return hashlib.sha256(code.encode()).hexdigest()[:10]


def code_for(division_code: str, kind: PlaceKind, name: str) -> str:
    """The code of a place whose file gives none: the same at every import."""
    return f"{division_code}-{kind.value}-{''.join(name.split())}"[:80]


class KnownPlaces:
    """Places to be found by their code, or by their name in a division."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._by_code = {place.code: place for place in places}
        self._by_name: dict[str, list[Place]] = {}
        for place in self._by_code.values():
            self._by_name.setdefault(place.name, []).append(place)

    def get(self, code: str) -> Place | None:
        """The place of this code."""
        return self._by_code.get(code)

    def find(self, text: str, division_code: str = "") -> list[Place]:
        """The places that ``text`` may mean, by code or name; of a division, if one is given."""
        if (known := self._by_code.get(text)) is not None:
            return [known]
        named = self._by_name.get(text, [])
        inside = [place for place in named if place.division_code == division_code]
        return inside or named

    def name_at_start(self, text: str) -> str:
        """The longest name of a place that ``text`` begins with; empty where there is none."""
        return max(filter(text.startswith, self._by_name), key=len, default="")

    def of_kind(self, kind: PlaceKind) -> list[Place]:
        """All places of a kind."""
        return [place for place in self._by_code.values() if place.kind is kind]

    def all(self) -> list[Place]:
        """Every place."""
        return list(self._by_code.values())
