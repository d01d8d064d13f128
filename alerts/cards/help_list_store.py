"""Who wants help as rows: the requests of an officer's divisions, and the lists officers got."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, text

from alerts.help_store import COLUMNS, as_request
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import NOT_QUEUED
from alerts.reports import HelpRequest
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.alerts import deliveries
from data.tables.alerts import help_requests as requests

_LIST = deliveries.c.kind == MessageKind.HELP_WANTED.value


def wanting(
    connection: Connection, alert_id: int, low: str, high: str, *, without: int, limit: int
) -> list[HelpRequest]:
    """The requests of the divisions in ``[low, high]``: those that nobody has taken on, then those
    taken on, then the settled; of each the newest first.

    :param without: the person who reads it: their own is not among them.
    """
    order = (requests.c.resolved_at.is_not(None), requests.c.taken_at.is_not(None))
    query = (
        select(*COLUMNS)
        .where(_of(alert_id, low, high, without))
        .order_by(*order, requests.c.id.desc())
        .limit(limit)
    )
    return [as_request(row) for row in connection.execute(query)]


def count_wanting(
    connection: Connection, alert_id: int, low: str, high: str, *, without: int
) -> int:
    """How many there are."""
    query = select(func.count()).select_from(requests)
    query = query.where(_of(alert_id, low, high, without))
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


def before(connection: Connection, alert_id: int, chat_id: int, message_id: int) -> int | None:
    """The message of the list of this alert that the chat got before this one."""
    query = select(func.max(deliveries.c.message_id)).where(
        deliveries.c.alert_id == alert_id,
        _LIST,
        NOT_QUEUED,
        deliveries.c.state == DeliveryState.SENT.value,
        deliveries.c.chat_id == chat_id,
        deliveries.c.message_id < message_id,
    )
    found: int | None = connection.execute(query).scalar_one()
    return found


def readers(connection: Connection, alert_id: int) -> list[int]:
    """Who got a list of this alert: person ids."""
    query = select(deliveries.c.person_id).distinct()
    query = query.where(
        NOT_QUEUED,
        deliveries.c.alert_id == alert_id,
        _LIST,
        deliveries.c.state == DeliveryState.SENT.value,
    )
    return [person_id for person_id in connection.execute(query).scalars() if person_id is not None]


def _of(alert_id: int, low: str, high: str, without: int) -> ColumnElement[bool]:
    return and_(
        requests.c.alert_id == alert_id,
        requests.c.division_code.between(low, high),
        requests.c.person_id != without,
    )
