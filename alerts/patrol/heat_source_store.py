"""Rows to steady heat sources: a steel works, a kiln, learned from verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from alerts.patrol.hotspot_tasks import Verdict
from data.hotspot_tables import heat_sources, hotspot_tasks


@dataclass(frozen=True, slots=True)
class HeatSource:
    """A spot that is always hot. WGS-84 lon/lat."""

    id: int
    lon: float
    lat: float


def known_sources(connection: Connection) -> list[HeatSource]:
    """The spots known to be always hot."""
    columns = heat_sources.c
    query = select(columns.id, columns.lon, columns.lat).where(columns.active)
    return [HeatSource(*row) for row in connection.execute(query.order_by(columns.id))]


def add_source(connection: Connection, lon: float, lat: float, verdicts: int, now: datetime) -> int:
    """Remember a spot; returns its id."""
    key = connection.execute(
        insert(heat_sources).values(
            lon=lon, lat=lat, verdicts=verdicts, learned_at=now, active=True
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def found_to_be_heat(
    connection: Connection, lon: float, lat: float, degrees: float
) -> list[tuple[float, float]]:
    """Where tasks found to be other heat sources were, within so many degrees."""
    columns = hotspot_tasks.c
    query = select(columns.lon, columns.lat).where(
        columns.verdict == Verdict.OTHER_HEAT_SOURCE.value,
        columns.lon.between(lon - degrees, lon + degrees),
        columns.lat.between(lat - degrees, lat + degrees),
    )
    return [(row.lon, row.lat) for row in connection.execute(query)]
