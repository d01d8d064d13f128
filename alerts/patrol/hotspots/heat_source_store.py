"""Rows to steady heat sources: a steel works, a kiln, learned from verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from alerts.patrol.hotspots.model import Verdict
from data.tables.hotspots import heat_sources, hotspot_tasks


@dataclass(frozen=True, slots=True)
class HeatSource:
    """A spot that is always hot. WGS-84 lon/lat."""

    id: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class LearnedSource:
    """A spot that is always hot, with what a commander wants to know of it."""

    id: int
    lon: float
    lat: float
    county_code: str
    verdicts: int  # that taught it
    learned_at: datetime


_LEARNED = tuple(
    heat_sources.c[name] for name in "id lon lat county_code verdicts learned_at".split()
)


def known_sources(connection: Connection) -> list[HeatSource]:
    """The spots known to be always hot."""
    columns = heat_sources.c
    query = select(columns.id, columns.lon, columns.lat).where(columns.active)
    return [HeatSource(*row) for row in connection.execute(query.order_by(columns.id))]


def sources_in(connection: Connection, low: str, high: str) -> list[LearnedSource]:
    """The spots known to be always hot in a range of counties, the newest first."""
    columns = heat_sources.c
    query = select(*_LEARNED).where(columns.active, columns.county_code.between(low, high))
    rows = connection.execute(query.order_by(columns.learned_at.desc(), columns.id.desc()))
    return [LearnedSource(*row) for row in rows]


def source(connection: Connection, source_id: int) -> LearnedSource | None:
    """The heat source of this number while it is known, locked to be changed."""
    columns = heat_sources.c
    query = select(*_LEARNED).where(columns.id == source_id, columns.active)
    row = connection.execute(query.with_for_update()).first()
    return None if row is None else LearnedSource(*row)


def forget(connection: Connection, source_id: int, now: datetime) -> None:
    """From now on this heat source masks nothing."""
    connection.execute(
        update(heat_sources)
        .where(heat_sources.c.id == source_id)
        .values(active=False, forgotten_at=now)
    )


def forgotten_spots(connection: Connection) -> list[tuple[float, float, datetime]]:
    """lon, lat of every spot that was forgotten, and when."""
    columns = heat_sources.c
    query = select(columns.lon, columns.lat, columns.forgotten_at)
    rows = connection.execute(query.where(columns.forgotten_at.is_not(None)))
    return [(row.lon, row.lat, row.forgotten_at) for row in rows]


def add_source(
    connection: Connection, lon: float, lat: float, county: str, verdicts: int, now: datetime
) -> int:
    """Remember a spot; returns its id."""
    key = connection.execute(
        insert(heat_sources).values(
            lon=lon, lat=lat, county_code=county, verdicts=verdicts, learned_at=now, active=True
        )
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def found_to_be_heat(
    connection: Connection, lon: float, lat: float, degrees: float
) -> list[tuple[float, float, datetime]]:
    """lon, lat of tasks found to be other heat sources, within so many degrees, and found when."""
    columns = hotspot_tasks.c
    query = select(columns.lon, columns.lat, columns.verdict_at).where(
        columns.verdict == Verdict.OTHER_HEAT_SOURCE.value,
        columns.lon.between(lon - degrees, lon + degrees),
        columns.lat.between(lat - degrees, lat + degrees),
    )
    return [(row.lon, row.lat, row.verdict_at) for row in connection.execute(query)]
