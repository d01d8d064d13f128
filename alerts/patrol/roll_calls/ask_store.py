"""The messages that ask the persons on a roll where they are, on their way in the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, update

from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.each_store import queue_for_each
from alerts.outbox.messages import RollCallAsk
from alerts.patrol.roll_calls.model import Standing
from data.tables.alerts import deliveries
from data.tables.columns import constant
from data.tables.patrol import roll_call_entries as entries

_QUEUED = deliveries.c.state == constant("queued")


def queue_asks(
    connection: Connection, roll_call_id: int, now: datetime, *, again: bool = False
) -> int:
    """One message to each silent person who can be reached; one not sent yet is replaced."""
    prefix = f"roll-call:{roll_call_id}:"
    if again:
        keyed = deliveries.c.coalesce_key.startswith(prefix, autoescape=True)
        connection.execute(delete(deliveries).where(keyed, _QUEUED))
    silent = and_(entries.c.roll_call_id == roll_call_id, entries.c.state == Standing.ASKED.value)
    message = RollCallAsk(roll_call_id, again)
    return queue_for_each(connection, entries, silent, message, now, key=prefix)


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
