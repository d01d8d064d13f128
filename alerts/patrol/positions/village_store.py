"""Where villages are, where the divisions file does not say: as their own people reported."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, select

from contacts.people import Role
from data.tables.contacts import people
from data.tables.patrol import positions

LEARNED_FROM = timedelta(days=90)
"""Positions this old still say where a village is (ours)."""

_LOOKED_AT = 20
"""The newest positions of a person that are looked at."""


@dataclass(frozen=True, slots=True)
class VillageSpot:
    """Roughly where a village is. WGS-84 lon/lat."""

    code: str
    lon: float
    lat: float


def reported_villages(connection: Connection, now: datetime) -> list[VillageSpot]:
    """The middle of the good positions of those responsible for each village, by code.

    Patrollers roam, so theirs say nothing. Whoever reported from another county was away.
    """
    columns = positions.c
    query = (
        select(
            people.c.id,
            people.c.division_code,
            columns.lon,
            columns.lat,
            columns.doubts,
            columns.division_code.label("seen_in"),
        )
        .join(positions, columns.person_id == people.c.id)
        .where(
            people.c.active,
            people.c.role == Role.VILLAGE_RESPONSIBLE.value,
            ~people.c.division_code.endswith("000"),  # of a township, not of a village
            columns.taken_at >= now - LEARNED_FROM,
            columns.division_code.is_not(None),
            columns.live.is_(False),
        )
        .order_by(people.c.division_code, people.c.id, columns.taken_at.desc())
    )
    spots: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    counted: defaultdict[int, int] = defaultdict(int)
    for row in connection.execute(query):
        counted[row.id] += 1
        if counted[row.id] > _LOOKED_AT or row.doubts:
            continue
        if row.seen_in[:6] == row.division_code[:6]:
            spots[row.division_code].append((row.lon, row.lat))
    return [
        VillageSpot(code, median(lon for lon, _ in seen), median(lat for _, lat in seen))
        for code, seen in sorted(spots.items())
    ]
