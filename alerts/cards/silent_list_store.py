"""The silent lists in officers' chats as rows: the newest of an alert in a chat is kept true.

A list is the delivery that brought it; what its message shows now is kept in that row
(``outbox.messages.SilentList``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, union, update

from alerts.model import State
from alerts.outbox.codec import decode, encode
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind, SilentList
from alerts.outbox.store import NOT_QUEUED
from data.tables.alerts import alerts, deliveries

_LISTED = (
    NOT_QUEUED,
    deliveries.c.kind == MessageKind.SILENT_LIST.value,
    deliveries.c.state == DeliveryState.SENT.value,
    deliveries.c.message_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class SentList:
    """A list in an officer's chat; ``message`` says what of it is shown now."""

    delivery_id: int
    alert_id: int
    chat_id: int
    person_id: int
    language: str
    message_id: int
    message: SilentList


def newest(connection: Connection, ended_after: datetime) -> list[SentList]:
    """The newest list of each chat, of alerts in force or ended after that moment."""
    ended = (alerts.c.closed_at, alerts.c.cancelled_at, alerts.c.expires_at)
    # Each by its index: lately, that is a few of the alerts of all years.
    concerned = union(
        select(alerts.c.id).where(alerts.c.state == State.RELEASED.value),
        *(select(alerts.c.id).where(moment > ended_after) for moment in ended),
    ).subquery()
    query = (
        select(func.max(deliveries.c.id))
        .where(deliveries.c.alert_id.in_(select(concerned.c.id)), *_LISTED)
        .group_by(deliveries.c.alert_id, deliveries.c.chat_id)
    )
    return _lists(connection, deliveries.c.id.in_(query))


def turned(
    connection: Connection, alert_id: int, chat_id: int, message_id: int, page: int | None
) -> None:
    """The officer turned the list to another page, or (``None``) looks at one person."""
    here = (
        deliveries.c.alert_id == alert_id,
        deliveries.c.chat_id == chat_id,
        deliveries.c.message_id == message_id,
    )
    for sent in _lists(connection, *_LISTED, *here):
        _save(connection, [(sent.delivery_id, replace(sent.message, page=page))])


def mark(connection: Connection, shown: list[tuple[SentList, str]]) -> None:
    """Remember what lists are about to show, so that each is edited only when that changes."""
    _save(
        connection,
        [(sent.delivery_id, replace(sent.message, shown=digest)) for sent, digest in shown],
    )


def _lists(connection: Connection, *which: Any) -> list[SentList]:
    query = select(
        deliveries.c.id,
        deliveries.c.alert_id,
        deliveries.c.chat_id,
        deliveries.c.person_id,
        deliveries.c.language,
        deliveries.c.message_id,
        deliveries.c.params,
    ).where(*which)
    return [SentList(*row[:-1], decode(SilentList, row[-1])) for row in connection.execute(query)]


def _save(connection: Connection, lists: list[tuple[int, SilentList]]) -> None:
    if lists:
        rows = [{"list": delivery_id, "shows": encode(message)} for delivery_id, message in lists]
        connection.execute(_SAVE, rows)


_SAVE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("list"))
    .values(params=bindparam("shows", type_=deliveries.c.params.type))
)
