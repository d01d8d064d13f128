"""Rows to what is remembered of each quantity of a station."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from alerts.sources.gauges.crossings import Standing
from alerts.sources.gauges.judging import Trace
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.watch import Watch
from data import set_aside
from data.tables.water import station_watches as table
from data.upserts import insert_into

Key = tuple[str, Quantity]


def watches(
    connection: Connection, codes: Iterable[str], *, lock: bool = False
) -> dict[Key, Watch]:
    """The watches of these stations."""
    query = select(table).where(table.c.station_code.in_(list(codes)))
    rows = connection.execute(query.with_for_update() if lock else query)
    found = [_watch(row) for row in rows]
    return {(watch.station, watch.quantity): watch for watch in found}


def put(connection: Connection, changed: Iterable[Watch]) -> None:
    """Store watches, new or known."""
    rows = [_values(watch) for watch in changed]
    if not rows:
        return
    statement = insert_into(connection, table)
    keys = ("station_code", "quantity")
    excluded = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(keys), set_=excluded), rows
    )


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether one is to be looked at without a reading."""
    query = select(table.c.station_code).where(table.c.next_at <= now).limit(1)
    return connection.execute(query).first() is not None


def due(connection: Connection, now: datetime, limit: int) -> list[Watch]:
    """Those to be looked at without a reading, first the longest due."""
    query = select(table).where(table.c.next_at <= now).order_by(table.c.next_at)
    return [_watch(row) for row in connection.execute(query.limit(limit).with_for_update())]


def set_first_aside(connection: Connection, now: datetime, error: Exception) -> bool:
    """The one that is due longest is looked at later: it failed. Whether there was one."""
    first = next(iter(due(connection, now, 1)), None)
    if first is None:
        return False
    key = (table.c.station_code == first.station, table.c.quantity == first.quantity.value)
    connection.execute(update(table).where(*key).values(next_at=now + set_aside.AGAIN_AFTER))
    set_aside.note(connection, "station", first.station, error, now)
    return True


def holding(connection: Connection, proposal_ids: Iterable[int]) -> list[Watch]:
    """Those that still hold a line, and whose last proposal is one of these."""
    query = select(table).where(table.c.held > 0, table.c.proposal_id.in_(list(proposal_ids)))
    return [_watch(row) for row in connection.execute(query)]


def _values(watch: Watch) -> dict[str, Any]:
    trace, standing = watch.trace, watch.standing
    return {
        "station_code": watch.station,
        "quantity": watch.quantity.value,
        "last_at": trace.last_at,
        "last_value": trace.last_value,
        "same_since": trace.same_since,
        "same": trace.same,
        "every_s": trace.every_s,
        "waits_at": trace.waits_at,
        "waits_value": trace.waits_value,
        "held": standing.held,
        "since": standing.since,
        "crossed_at": standing.crossed_at,
        "below_since": standing.below_since,
        "seen_at": standing.seen_at,
        "value": watch.value,
        "minutes": watch.minutes,
        "proposed": watch.proposed,
        "proposal_id": watch.proposal_id,
        "silent_at": watch.silent_at,
        "next_at": watch.next_at,
    }


def _watch(row: Row[Any]) -> Watch:
    return Watch(
        row.station_code,
        Quantity(row.quantity),
        Trace(
            row.last_at,
            row.last_value,
            row.same_since,
            row.same,
            row.every_s,
            row.waits_at,
            row.waits_value,
        ),
        Standing(row.held, row.since, row.crossed_at, row.below_since, row.seen_at),
        row.value,
        row.minutes,
        row.proposed,
        row.proposal_id,
        row.silent_at,
        row.next_at,
    )
