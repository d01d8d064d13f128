"""The messages that ask the persons on a roll where they are, on their way in the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    String,
    cast,
    delete,
    insert,
    literal,
    literal_column,
    select,
    update,
)

from alerts.outbox.codec import encode
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import RollCallAsk
from alerts.outbox.store import queued
from alerts.patrol.roll_calls.model import Standing
from contacts.people_store import reachable
from data.tables.alerts import deliveries
from data.tables.columns import UtcDateTime
from data.tables.contacts import people
from data.tables.patrol import roll_call_entries as entries

_QUEUED = deliveries.c.state == literal_column("'queued'")


def queue_asks(
    connection: Connection, roll_call_id: int, now: datetime, *, again: bool = False
) -> int:
    """One message to each silent person who can be reached; one not sent yet is replaced."""
    prefix = f"roll-call:{roll_call_id}:"
    if again:
        keyed = deliveries.c.coalesce_key.startswith(prefix, autoescape=True)
        connection.execute(delete(deliveries).where(keyed, _QUEUED))
    at = literal(now, UtcDateTime)
    message = RollCallAsk(roll_call_id, again)
    values: dict[str, Any] = {
        "kind": literal(message.kind.value),
        "lane": literal(int(Lane.REST)),
        "place": literal(int(LaneOrder.VILLAGE)),
        "state": literal(DeliveryState.QUEUED.value),
        "bot_id": people.c.bot_id,
        "chat_id": people.c.telegram_id,
        "language": people.c.language,
        "role": people.c.role,
        "person_id": people.c.id,
        "params": literal(encode(message), JSON),
        "coalesce_key": literal(prefix).concat(cast(people.c.id, String)),
        "not_before": at,
        "created_at": at,
    }
    query = (
        select(*values.values())
        .join(entries, entries.c.person_id == people.c.id)
        .where(
            entries.c.roll_call_id == roll_call_id,
            entries.c.state == Standing.ASKED.value,
            reachable(),
        )
        .order_by(entries.c.division_code, entries.c.person_id)
    )
    queued(connection, Lane.REST)
    return connection.execute(
        insert(deliveries).from_select(list(values), query),
        execution_options={"preserve_rowcount": True},
    ).rowcount


def drop_asks(connection: Connection, roll_call_id: int) -> None:
    """Do not send what is still queued: the roll call is over."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.coalesce_key.startswith(f"roll-call:{roll_call_id}:", autoescape=True),
            _QUEUED,
        )
        .values(state=DeliveryState.DROPPED.value)
    )
