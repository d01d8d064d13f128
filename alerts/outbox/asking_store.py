"""Messages that asked one person something, looked up again: for a reply to one, or a sign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from alerts.model import IN_FORCE, State
from alerts.outbox.deliveries import Delivery, DeliveryState
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import NOT_QUEUED
from data.tables.alerts import alerts, deliveries

ASKING = (
    MessageKind.ERRAND,
    MessageKind.DUTY_ASKED,
    MessageKind.DUTY_HANDOVER,
    MessageKind.TASK_NEWS,
    MessageKind.TASK_CHECK,
    MessageKind.ROSTER_ASK,
    MessageKind.ROLL_CALL,
    MessageKind.HOTSPOT_TASK,
    MessageKind.RED_DAY,
    MessageKind.STAGE_ASK,
    MessageKind.PROPOSED,
    MessageKind.EXPIRY_ASKED,
    MessageKind.STILL_SEND,
    MessageKind.CONFIRM,
    MessageKind.CONFIRM_CHANGE,
)
"""What is answered by its own buttons, and is no warning's call."""

LATELY = timedelta(hours=12)
"""So long a word that names nothing may be meant for what was asked last (ours)."""

MOST = 5


def message_of(connection: Connection, chat_id: int, message_id: int) -> Delivery | None:
    """What this message of ours asked, if it asked one of these things."""
    row = connection.execute(_asked(chat_id).where(_C.message_id == message_id)).first()
    return None if row is None else _delivery(row)


def newest(connection: Connection, chat_id: int, now: datetime) -> list[Delivery]:
    """What was asked here lately, the newest first."""
    lately = _asked(chat_id).where(_C.sent_at >= now - LATELY)
    rows = connection.execute(lately.order_by(_C.id.desc()).limit(MOST))
    return [_delivery(row) for row in rows]


_C = deliveries.c
_KINDS = {kind.value: kind for kind in ASKING}
_RUNS = [state.value for state in (State.PENDING, *IN_FORCE)]


def _asked(chat_id: int) -> Select[Any]:
    """By alert and kind, which have an index: of no warning, or of one that is not over."""
    running = select(alerts.c.id).where(alerts.c.state.in_(_RUNS))
    return select(deliveries).where(
        or_(_C.alert_id.is_(None), _C.alert_id.in_(running)),
        _C.kind.in_(list(_KINDS)),
        NOT_QUEUED,
        _C.chat_id == chat_id,
        _C.state == DeliveryState.SENT.value,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id,
        _KINDS[row.kind],
        Lane(row.lane),
        row.place,
        row.chat_id,
        row.language,
        row.role,
        row.alert_id,
        row.call_id,
        row.person_id,
        row.params,
    )
