"""Who can be sent to a hotspot: patrollers on duty, seen recently; the nearest first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.geo.nearest import Grid

CELL_M = 5000.0
"""Patrollers are kilometres apart; smaller cells make a search walk through empty ones (ours)."""


@dataclass(frozen=True, slots=True)
class Responder:
    """A patroller, by the person's id, and where they were seen last. WGS-84 lon/lat."""

    person_id: int
    lon: float
    lat: float
    seen_at: datetime


class Responders:
    """Everybody who can be sent now.

    ``unreadable`` is filled with those whose row could not be read when they were to be sent, and
    why, by the person's id; they are passed over.
    """

    def __init__(self, people: Sequence[Responder]) -> None:
        self.unreadable: dict[int, Exception] = {}
        self._people = people
        self._grid = Grid([(responder.lon, responder.lat) for responder in people], CELL_M)

    def __len__(self) -> int:
        return len(self._people)

    def nearest(
        self, lon: float, lat: float, reach_m: float, excluding: Collection[int]
    ) -> tuple[float, Responder] | None:
        """The nearest within ``reach_m`` whose person's id is not excluded, and metres away."""
        people = self._people
        found = self._grid.nearest(
            lon, lat, reach_m, lambda number: people[number].person_id not in excluding
        )
        return None if found is None else (found[0], people[found[1]])
