"""Stations that say nothing any more, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from data.tables.water import station_watches, stations

_LAST = func.max(station_watches.c.last_at).label("last_at")

# Built once: it is asked every half minute and at each scrape.
_SILENT = (
    select(stations.c.code, stations.c.name, _LAST)
    .join(station_watches, station_watches.c.station_code == stations.c.code)
    .where(stations.c.active, station_watches.c.silent_at.is_not(None))
    .group_by(stations.c.code, stations.c.name)
    .having(func.max(station_watches.c.silent_at) <= bindparam("now"))
    .order_by(_LAST, stations.c.code)
)


def silent(connection: Connection, now: datetime) -> list[tuple[str, str, datetime]]:
    """Code, name and last reading of the stations in use of which nothing comes any more.

    Whichever of its quantities spoke last counts. The longest silent first.
    """
    rows = connection.execute(_SILENT, {"now": now})
    return [(row.code, row.name, row.last_at) for row in rows]
