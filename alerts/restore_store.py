"""The rows that a restored database must not act on as they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, or_, select, update

from alerts.calls import CallState
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import NOT_QUEUED, queued
from data.tables.alerts import calls, deliveries
from data.tables.channels import channel_deliveries
from data.tables.running import conversations

SET_ASIDE = "restored"
"""The ``error`` of a delivery that the restored database still meant to send."""

_KEPT_BACK = (
    NOT_QUEUED,
    deliveries.c.state == DeliveryState.DROPPED.value,
    deliveries.c.error == SET_ASIDE,
)


def set_deliveries_aside(connection: Connection, now: datetime) -> int:
    """Drop everything that waits or was about to be sent; returns how many.

    Any of it may have arrived since the backup was made: a cancellation goes to these chats too.
    """
    meant = deliveries.c.state.in_([DeliveryState.QUEUED.value, DeliveryState.CLAIMED.value])
    return connection.execute(
        update(deliveries)
        .where(meant)
        .values(
            state=DeliveryState.DROPPED.value, error=SET_ASIDE, coalesce_key=None, uncertain_at=now
        )
    ).rowcount


def forget_conversations(connection: Connection) -> None:
    """Nobody is in the middle of a dialogue any more."""
    connection.execute(delete(conversations))


def chase_nobody_before(connection: Connection, then: datetime) -> None:
    """Put off every step and reminder that is due earlier."""
    for column in (calls.c.due_at, calls.c.report_due_at):
        connection.execute(
            update(calls).where(column.is_not(None), column < then).values({column.name: then})
        )


def ring_nobody_before(connection: Connection, then: datetime) -> None:
    """Put off every call and message by other channels that waits or was about to be made."""
    waits = channel_deliveries.c.state.in_(("queued", "claimed"))
    put_off = {"state": "queued", "claimed_by": None, "not_before": then}
    connection.execute(update(channel_deliveries).where(waits).values(put_off))


def count_set_aside(connection: Connection, alert_id: int) -> int:
    """How many deliveries of the alert were set aside."""
    query = select(func.count()).where(deliveries.c.alert_id == alert_id, *_KEPT_BACK)
    return int(connection.execute(query).scalar_one())


def queue_set_aside(connection: Connection, alert_id: int, now: datetime) -> int:
    """Queue again the alert's calls that nobody has answered, and its posts; returns how many."""
    still_open = select(calls.c.id).where(
        calls.c.alert_id == alert_id, calls.c.state == CallState.WAITING.value
    )
    again = (
        deliveries.c.alert_id == alert_id,
        deliveries.c.kind.in_([MessageKind.CALL.value, MessageKind.POST.value]),
        or_(deliveries.c.call_id.is_(None), deliveries.c.call_id.in_(still_open)),
        *_KEPT_BACK,
    )
    lanes = connection.execute(select(deliveries.c.lane).where(*again).distinct()).scalars()
    for lane in lanes.all():
        queued(connection, lane)
    return connection.execute(
        update(deliveries)
        .where(*again)
        # As if queued now: somebody has just said that it is still to be sent.
        .values(state=DeliveryState.QUEUED.value, error=None, not_before=now, created_at=now)
    ).rowcount
