"""One message to each person of a list that rows of the database hold, queued in one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, String, Table, cast, insert, literal, select

from alerts.outbox.codec import encode
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import Message
from alerts.outbox.store import queued
from contacts.people_store import reachable
from data.tables.alerts import deliveries
from data.tables.columns import UtcDateTime
from data.tables.contacts import people


def key_of_each(prefix: str) -> ColumnElement[str]:
    """SQL: the ``coalesce_key`` of each person's message."""
    return literal(prefix).concat(cast(people.c.id, String))


def queue_for_each(
    connection: Connection,
    listed: Table,
    whom: ColumnElement[bool],
    message: Message,
    now: datetime,
    *,
    key: str,
) -> int:
    """Queue a message to each person listed whom the bot reaches; returns how many.

    :param listed: a table with the persons and their divisions, in whose order they are told.
    :param whom: of whom of ``listed`` it is, people's own columns included.
    :param key: what their ``coalesce_key`` begins with (``key_of_each``).
    """
    at = literal(now, UtcDateTime)
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
        "coalesce_key": key_of_each(key),
        "not_before": at,
        "created_at": at,
    }
    query = (
        select(*values.values())
        .join(listed, listed.c.person_id == people.c.id)
        .where(whom, reachable())
        .order_by(listed.c.division_code, listed.c.person_id)
    )
    queued(connection, Lane.REST)
    return connection.execute(
        insert(deliveries).from_select(list(values), query),
        execution_options={"preserve_rowcount": True},
    ).rowcount
