"""The messages of a roll call on their way: one to each silent person, in one statement."""

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

from alerts.deliveries import DeliveryState, Kind, Place
from alerts.lanes import Lane
from alerts.outbox_store import QUEUED_IN
from alerts.patrol.rollcall import Standing
from contacts.people import Contact
from data.columns import UtcDateTime
from data.database import signal
from data.roll_call_tables import roll_call_entries as entries
from data.tables import deliveries, people

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
    params = {"roll_call": roll_call_id, "again": again}
    values: dict[str, Any] = {
        "kind": literal(Kind.ROLL_CALL.value),
        "lane": literal(int(Lane.REST)),
        "place": literal(int(Place.VILLAGE)),
        "state": literal(DeliveryState.QUEUED.value),
        "bot_id": people.c.bot_id,
        "chat_id": people.c.telegram_id,
        "language": people.c.language,
        "role": people.c.role,
        "person_id": people.c.id,
        "params": literal(params, JSON),
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
            people.c.telegram_id.is_not(None),
            people.c.contact == Contact.OK.value,
        )
        .order_by(entries.c.division_code, entries.c.person_id)
    )
    signal(connection, f"{QUEUED_IN}{int(Lane.REST)}")
    return connection.execute(
        insert(deliveries).from_select(list(values), query),
        execution_options={"preserve_rowcount": True},
    ).rowcount


def drop_asks(connection: Connection, roll_call_id: int) -> None:
    """Do not send what is still queued: it is over."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.coalesce_key.startswith(f"roll-call:{roll_call_id}:", autoescape=True),
            _QUEUED,
        )
        .values(state=DeliveryState.DROPPED.value)
    )
