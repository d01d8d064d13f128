"""Rows to steady heat sources: learned from verdicts, or listed by a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, func, insert, or_, select, type_coerce, update

from alerts.patrol.hotspots.heat_source_model import (
    HeatKind,
    HeatSource,
    KnownSource,
    ListedSource,
)
from alerts.patrol.hotspots.model import Verdict
from alerts.patrol.hotspots.usual import Usual
from alerts.sources.hotspot_clusters import ONE_PASS
from data.tables.hotspots import heat_sources, hotspot_tasks, hotspots

LATELY = timedelta(days=7)
"""How far back officers are told what was seen at a heat source."""

_MILLISECOND = timedelta(milliseconds=1)


_KNOWN = tuple(
    heat_sources.c[name]
    for name in "id lon lat county_code verdicts learned_at name kind radius_m".split()
)


def known_sources(connection: Connection) -> list[HeatSource]:
    """The spots known to be always hot."""
    columns = heat_sources.c
    query = select(
        columns.id,
        columns.lon,
        columns.lat,
        columns.radius_m,
        columns.usual_pixels,
        columns.usual_frp_mw,
    ).where(columns.active)
    return [HeatSource(*row) for row in connection.execute(query.order_by(columns.id))]


def sources_in(connection: Connection, low: str, high: str, now: datetime) -> list[KnownSource]:
    """The spots known to be always hot in a range of counties, the newest first."""
    columns = heat_sources.c
    query = select(*_KNOWN).where(columns.active, columns.county_code.between(low, high))
    found = connection.execute(query.order_by(columns.learned_at.desc(), columns.id.desc())).all()
    seen = select(hotspots.c.heat_source_id, func.count(), func.max(hotspots.c.acquired_at)).where(
        hotspots.c.heat_source_id.in_([row.id for row in found]),
        hotspots.c.task_id.is_(None),
        hotspots.c.acquired_at >= now - LATELY,
    )
    lately = {
        source_id: (count, newest)
        for source_id, count, newest in connection.execute(seen.group_by(hotspots.c.heat_source_id))
    }
    return [_known(row, *lately.get(row.id, (0, None))) for row in found]


def count_in(connection: Connection, low: str, high: str) -> int:
    """How many spots are known to be always hot in a range of counties."""
    columns = heat_sources.c
    query = select(func.count()).where(columns.active, columns.county_code.between(low, high))
    return int(connection.execute(query).scalar_one())


def source(connection: Connection, source_id: int) -> KnownSource | None:
    """The heat source of this number while it is known, locked to be changed."""
    columns = heat_sources.c
    query = select(*_KNOWN).where(columns.id == source_id, columns.active)
    row = connection.execute(query.with_for_update()).first()
    return None if row is None else _known(row)


def source_of_task(connection: Connection, task_id: int) -> KnownSource | None:
    """The heat source at which a task's hotspots were more than usual, if they were."""
    pixel = select(hotspots.c.heat_source_id).where(
        hotspots.c.task_id == task_id, hotspots.c.heat_source_id.is_not(None)
    )
    query = select(*_KNOWN).where(heat_sources.c.id.in_(pixel)).order_by(heat_sources.c.id)
    row = connection.execute(query.limit(1)).first()
    return None if row is None else _known(row)


def usual_at(
    connection: Connection, source_ids: Collection[int], since: datetime
) -> Mapping[int, Usual]:
    """What was seen at these heat sources in one pass since then, at the most.

    What was asked about counts where somebody found that it was heat after all.
    """
    if not source_ids:
        return {}
    columns = hotspots.c
    # A pass that falls into two such spans counts as two smaller ones: the limit is lower then.
    span = type_coerce(columns.acquired_at, BigInteger) // (ONE_PASS // _MILLISECOND)
    one_pass = (
        select(
            columns.heat_source_id.label("source"),
            func.count().label("pixels"),
            func.max(columns.frp_mw).label("frp_mw"),
        )
        .outerjoin(hotspot_tasks, hotspot_tasks.c.id == columns.task_id)
        .where(
            columns.heat_source_id.in_(source_ids),
            columns.acquired_at >= since,
            or_(
                columns.task_id.is_(None),
                hotspot_tasks.c.verdict == Verdict.OTHER_HEAT_SOURCE.value,
            ),
        )
        .group_by(columns.heat_source_id, columns.satellite, span)
        .subquery()
    )
    query = select(
        one_pass.c.source, func.max(one_pass.c.pixels), func.max(one_pass.c.frp_mw)
    ).group_by(one_pass.c.source)
    found = {source: Usual(pixels, frp) for source, pixels, frp in connection.execute(query)}
    return {source_id: found.get(source_id, Usual()) for source_id in source_ids}


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


def listed_sources(connection: Connection) -> dict[tuple[str, str], ListedSource]:
    """Every heat source that a file listed, by county and name; those that mask no more too."""
    query = select(heat_sources).where(heat_sources.c.listed)
    return {
        (row.county_code, row.name): ListedSource(
            row.name,
            row.county_code,
            row.lon,
            row.lat,
            HeatKind(row.kind),
            row.radius_m,
            row.usual_pixels,
            row.usual_frp_mw,
            row.active,
        )
        for row in connection.execute(query)
    }


def save_listed(connection: Connection, new: ListedSource, now: datetime, *, known: bool) -> None:
    """Enter a heat source that a file lists; ``known``: the one of its county and name changes."""
    values = {**new.values(), "active": new.active, "forgotten_at": None if new.active else now}
    columns = heat_sources.c
    if known:
        where = (columns.listed, columns.county_code == new.county_code, columns.name == new.name)
        connection.execute(update(heat_sources).where(*where).values(**values))
        return
    connection.execute(
        insert(heat_sources).values(**values, listed=True, verdicts=0, learned_at=now)
    )


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


def _known(row: Row[Any], seen: int = 0, last_at: datetime | None = None) -> KnownSource:
    return KnownSource(
        row.id,
        row.lon,
        row.lat,
        row.county_code,
        row.verdicts,
        row.learned_at,
        row.name,
        None if row.kind is None else HeatKind(row.kind),
        row.radius_m,
        seen,
        last_at,
    )
