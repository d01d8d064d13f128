"""What providers told us is taken once; what does not count any more is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Column, Connection, bindparam, delete, select

from alerts.channels.model import TRIES_REMEMBERED
from contacts.channels import Channel
from data.tables.channels import channel_events, channel_nonces, channel_tries
from data.upserts import insert_into

LONGEST_EVENT = 120
"""Characters of a provider's number that are stored as they are."""

EVENTS_KEPT = timedelta(days=7)
"""For so long a provider may tell us the same again (ours): it changes nothing."""


def take_event(connection: Connection, channel: Channel, event_id: str, now: datetime) -> bool:
    """Note that an event of a provider is taken; ``False``: it was taken before."""
    values = {"channel": channel.value, "event_id": _stored(event_id), "received_at": now}
    note = insert_into(connection, channel_events).values(values).on_conflict_do_nothing()
    entered = connection.execute(note.returning(channel_events.c.event_id))
    return entered.first() is not None


def any_forgettable(connection: Connection, now: datetime) -> bool:
    """Whether anything is kept that does not count any more."""
    return any(
        connection.execute(_FIRST[column], {"before": before}).first() is not None
        for column, before in _forgettable(now)
    )


def forget(connection: Connection, now: datetime) -> None:
    """Forget what was taken some days ago, when numbers were rung, requests that are void."""
    for column, before in _forgettable(now):
        connection.execute(delete(column.table).where(column < before))


def _forgettable(now: datetime) -> list[tuple[Column[datetime], datetime]]:
    return [
        (channel_events.c.received_at, now - EVENTS_KEPT),
        (channel_tries.c.at, now - TRIES_REMEMBERED),
        (channel_nonces.c.expires_at, now),
    ]


def _stored(event_id: str) -> str:
    """What is kept of a provider's number: as it is, or its hash where no column would hold it."""
    if len(event_id) <= LONGEST_EVENT and event_id.isprintable():
        return event_id
    return sha256(event_id.encode("utf-8", "backslashreplace")).hexdigest()


_FIRST = {
    column: select(column).where(column < bindparam("before")).limit(1)
    for column in (
        channel_events.c.received_at,
        channel_tries.c.at,
        channel_nonces.c.expires_at,
    )
}
