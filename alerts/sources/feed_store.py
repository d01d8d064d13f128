"""Rows to what is remembered of a feed between two polls: a restart asks no sooner for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from alerts.sources.feeds import FeedAnswer, backoff
from alerts.sources.hotspots import FeedFault
from data.tables.hotspots import feeds

LEASE = timedelta(minutes=5)
"""A poll that has not ended after so long died with its process: the feed is asked again."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a feed stands."""

    name: str
    next_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0
    fault: FeedFault | None = None
    tried_at: datetime | None = None
    succeeded_at: datetime | None = None
    rows: int = 0
    new_rows: int = 0
    bad_rows: int = 0
    newest_at: datetime | None = None


def feed_states(connection: Connection) -> list[FeedState]:
    """Every feed ever polled, by name."""
    return [_state(row) for row in connection.execute(select(feeds).order_by(feeds.c.name))]


def any_feed_due(connection: Connection, names: list[str], now: datetime) -> bool:
    """Whether one of these is to be asked now; one never asked is."""
    query = select(feeds.c.name, feeds.c.next_at).where(feeds.c.name.in_(names))
    known = {row.name: row.next_at for row in connection.execute(query)}
    return any(name not in known or known[name] <= now for name in names)


def claim(connection: Connection, name: str, fingerprint: str, now: datetime) -> FeedState | None:
    """Take a feed that is due, so that no other process asks at the same time; ``None``: not due.

    Another address than last time makes what was remembered void.
    """
    query = select(feeds).where(feeds.c.name == name)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        values = {"name": name, "fingerprint": fingerprint, "next_at": now + LEASE}
        connection.execute(insert(feeds).values(**values))
        return FeedState(name, now + LEASE)
    changed = row.fingerprint != fingerprint
    if row.next_at > now and not changed:
        return None
    fresh: dict[str, Any] = {"etag": None, "last_modified": None, "failures": 0} if changed else {}
    taken = connection.execute(
        update(feeds)
        .where(
            feeds.c.name == name,
            or_(feeds.c.next_at == row.next_at, feeds.c.fingerprint != fingerprint),
        )
        .values(next_at=now + LEASE, fingerprint=fingerprint, **fresh)
    )
    if taken.rowcount != 1:
        return None
    row = connection.execute(query).first()
    return None if row is None else _state(row)


def polled(
    connection: Connection,
    state: FeedState,
    answer: FeedAnswer,
    fault: FeedFault | None,
    every: timedelta,
    now: datetime,
    *,
    rows: int = 0,
    new_rows: int = 0,
    bad_rows: int = 0,
    newest_at: datetime | None = None,
) -> FeedState:
    """Record the end of a poll, in the transaction that takes in what it brought.

    :param fault: why nothing could be used, of the answer or of what it held.
    """
    values: dict[str, Any] = {"tried_at": now, "fault": None if fault is None else fault.value}
    if fault is None:
        values |= {
            "failures": 0,
            "succeeded_at": now,
            "next_at": now + every,
            "etag": answer.etag,
            "last_modified": answer.last_modified,
        }
        if not answer.unchanged:
            values |= {"rows": rows, "new_rows": new_rows, "bad_rows": bad_rows}
        if newest_at is not None and (state.newest_at is None or newest_at > state.newest_at):
            values["newest_at"] = newest_at
    else:
        failures = state.failures + 1
        wish = timedelta(seconds=answer.retry_after or 0)
        # Who answers well what nobody can read is spared nothing by a rest, and may mend it.
        rest = every if fault is FeedFault.UNREADABLE else backoff(failures, every)
        values |= {"failures": failures, "next_at": now + max(rest, wish)}
        if fault is FeedFault.UNREADABLE:
            values |= {"rows": 0, "new_rows": 0, "bad_rows": bad_rows}
    connection.execute(update(feeds).where(feeds.c.name == state.name).values(**values))
    row = connection.execute(select(feeds).where(feeds.c.name == state.name)).first()
    assert row is not None
    return _state(row)


def _state(row: Row[Any]) -> FeedState:
    return FeedState(
        row.name,
        row.next_at,
        row.etag,
        row.last_modified,
        row.failures,
        None if row.fault is None else FeedFault(row.fault),
        row.tried_at,
        row.succeeded_at,
        # ``rows`` of a Row could be taken for a method of its own.
        row._mapping["rows"],
        row.new_rows,
        row.bad_rows,
        row.newest_at,
    )
