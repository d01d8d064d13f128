"""Positions are kept for some days and then deleted: where somebody walked is nobody's for ever.

The one position that belongs to a call for help, a report from the spot or a hotspot's verdict
stays with that record, which says what happened and where. The trail never held a position. Updates
that could not be handled hold positions and numbers too: they go as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.patrol.positions.store import Batch, delete_positions, next_batch
from data import inbox
from data.audit import Entry, append
from data.database import Connection
from data.tables.columns import to_milliseconds

CHUNK = 2000
"""Positions looked at in one transaction: a tap never waits long for the writer."""


def old_positions(
    connection: Connection, now: datetime, days: float, after_id: int = 0, *, limit: int = CHUNK
) -> Batch:
    """The next positions older than ``days``, after those already looked at; only reads."""
    return next_batch(connection, now - timedelta(days=days), after_id, limit)


def delete_old(
    connection: Connection, now: datetime, days: float, after_id: int = 0, *, limit: int = CHUNK
) -> Batch:
    """Delete one chunk of positions older than ``days``; returns what went."""
    batch = old_positions(connection, now, days, after_id, limit=limit)
    if batch.ids:
        count = delete_positions(connection, batch.ids)
        before = to_milliseconds(now - timedelta(days=days))
        detail = {"count": count, "received_before": before}
        append(connection, now, [Entry("positions.deleted", "positions", detail=detail)])
    return batch


def old_updates(connection: Connection, now: datetime, days: float) -> bool:
    """Whether ``forget_updates`` would find work; only reads."""
    return inbox.any_set_aside(connection, now - timedelta(days=days))


def forget_updates(connection: Connection, now: datetime, days: float) -> int:
    """Delete updates set aside so long ago: as they came, with positions and numbers in them."""
    count = inbox.delete_set_aside(connection, now - timedelta(days=days))
    if count:
        detail = {"count": count}
        append(connection, now, [Entry("updates.deleted", "positions", detail=detail)])
    return count
