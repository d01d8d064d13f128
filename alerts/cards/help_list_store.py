"""Who wants help as rows: the calls reported so, and the lists of them that officers got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, text

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.calls import Call
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import NOT_QUEUED
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.alerts import calls, deliveries

# As text: databases use their index of such calls only for a condition that reads the same.
_WANTING = text("report IN ('cannot', 'help')")
_LIST = deliveries.c.kind == MessageKind.HELP_WANTED.value


def wanting(
    connection: Connection, alert_id: int, low: str, high: str, *, without: int, limit: int
) -> list[Call]:
    """The calls of the divisions in ``[low, high]`` whose persons want help, the newest first.

    :param without: the person who reads it: their own is not among them.
    """
    query = (
        select(*CALL_COLUMNS)
        .where(_of(alert_id, low, high, without), _WANTING)
        .order_by(calls.c.reported_at.desc(), calls.c.id.desc())
        .limit(limit)
    )
    return [as_call(row) for row in connection.execute(query)]


def count_wanting(
    connection: Connection, alert_id: int, low: str, high: str, *, without: int
) -> int:
    """How many there are."""
    query = select(func.count()).select_from(calls)
    query = query.where(_of(alert_id, low, high, without), _WANTING)
    return int(connection.execute(query).scalar_one())


def waiting_for(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of these coalesce keys under which a list waits to be sent."""
    query = select(deliveries.c.coalesce_key).where(
        deliveries.c.coalesce_key.in_(GIVEN_WORDS),
        deliveries.c.state == text("'queued'"),
    )
    return {str(key) for key in connection.execute(query, {"words": as_json(keys)}).scalars()}


def sent_since(connection: Connection, alert_id: int, since: datetime) -> dict[int, list[datetime]]:
    """By chat, when lists of this alert were sent after that moment, in order."""
    query = (
        select(deliveries.c.chat_id, deliveries.c.sent_at)
        .where(
            deliveries.c.alert_id == alert_id,
            _LIST,
            NOT_QUEUED,
            deliveries.c.state == DeliveryState.SENT.value,
            deliveries.c.sent_at > since,
        )
        .order_by(deliveries.c.sent_at)
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for chat_id, at in connection.execute(query):
        found[chat_id].append(at)
    return found


def newest(connection: Connection, alert_id: int, chat_id: int) -> int | None:
    """The message of the newest list of this alert in the chat, to be edited."""
    query = select(func.max(deliveries.c.message_id)).where(
        deliveries.c.alert_id == alert_id,
        _LIST,
        NOT_QUEUED,
        deliveries.c.state == DeliveryState.SENT.value,
        deliveries.c.chat_id == chat_id,
    )
    found: int | None = connection.execute(query).scalar_one()
    return found


def _of(alert_id: int, low: str, high: str, without: int) -> ColumnElement[bool]:
    return and_(
        calls.c.alert_id == alert_id,
        calls.c.division_code.between(low, high),
        calls.c.person_id != without,
    )
