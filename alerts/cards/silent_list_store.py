"""The silent lists in officers' chats, and the posts that name the silent in groups, as rows: the
newest of an alert in a chat is kept true.

A list is the delivery that brought it; what its message shows now is kept in that row
(``outbox.messages.SilentList``, ``Chase``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, union, update

from alerts.model import Alert, State
from alerts.outbox.codec import decode, encode
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import Chase, MessageKind, SilentList
from alerts.outbox.store import NOT_QUEUED
from alerts.silence import ListPage
from data.tables.alerts import alerts, deliveries

_COLUMNS = (
    deliveries.c.id,
    deliveries.c.alert_id,
    deliveries.c.chat_id,
    deliveries.c.person_id,
    deliveries.c.language,
    deliveries.c.message_id,
    deliveries.c.kind,
    deliveries.c.params,
)
_LISTED = (
    NOT_QUEUED,
    deliveries.c.kind.in_([MessageKind.SILENT_LIST.value, MessageKind.CHASE.value]),
    deliveries.c.state == DeliveryState.SENT.value,
    deliveries.c.message_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class SentList:
    """A list in an officer's chat, or a post in a group; ``message`` says what of it is shown."""

    delivery_id: int
    alert_id: int
    chat_id: int
    person_id: int | None
    language: str
    message_id: int
    message: SilentList | Chase

    @property
    def turned_away(self) -> bool:
        """Whether the officer looks at one person of the list just now."""
        return isinstance(self.message, SilentList) and self.message.page is None


def newest(connection: Connection, ended_after: datetime) -> list[SentList]:
    """The newest list of each chat, of alerts in force or ended after that moment."""
    rows = connection.execute(_newest(), {"after": ended_after})
    return [_sent_list(row) for row in rows]


@cache  # asked every few seconds
def _newest() -> Select[Any]:
    ended = (alerts.c.closed_at, alerts.c.cancelled_at, alerts.c.lifted_at, alerts.c.expires_at)
    # Each by its index: lately, that is a few of the alerts of all years.
    concerned = union(
        select(alerts.c.id).where(alerts.c.state == State.RELEASED.value),
        *(select(alerts.c.id).where(moment > bindparam("after")) for moment in ended),
    ).subquery()
    newest_of_chats = (
        select(func.max(deliveries.c.id))
        .where(deliveries.c.alert_id.in_(select(concerned.c.id)), *_LISTED)
        .group_by(deliveries.c.alert_id, deliveries.c.chat_id)
    )
    return select(*_COLUMNS).where(deliveries.c.id.in_(newest_of_chats))


def turned(
    connection: Connection,
    alert_id: int,
    chat_id: int,
    message_id: int,
    page: ListPage | None,
) -> None:
    """The officer turned the list to another page, or (``None``) looks at no page of it now."""
    here = {"alert": alert_id, "chat": chat_id, "message": message_id}
    for row in connection.execute(_HERE, here).all():
        sent = _sent_list(row)
        if isinstance(sent.message, SilentList):
            _save(connection, [(sent.delivery_id, _showing(sent.message, page))])


def of_before(connection: Connection, alert: Alert, chat_id: int, message_id: int) -> bool:
    """Whether a list, or a naming, is of before everybody was asked anew."""
    if alert.asked_at is None:
        return False
    here = {"alert": alert.id, "chat": chat_id, "message": message_id}
    created = connection.execute(_CREATED, here).scalar()
    return created is not None and created < alert.asked_at


def mark(connection: Connection, shown: list[tuple[SentList, str]]) -> None:
    """Remember what lists are about to show, so that each is edited only when that changes."""
    _save(
        connection,
        [(sent.delivery_id, replace(sent.message, shown=digest)) for sent, digest in shown],
    )


def _sent_list(row: Any) -> SentList:
    delivery_id, alert_id, chat_id, person_id, language, message_id, kind, params = row
    message = decode(_MESSAGES[kind], params)
    return SentList(delivery_id, alert_id, chat_id, person_id, language, message_id, message)


_MESSAGES: dict[str, type[SilentList] | type[Chase]] = {
    MessageKind.SILENT_LIST.value: SilentList,
    MessageKind.CHASE.value: Chase,
}


def _showing(message: SilentList, page: ListPage | None) -> SilentList:
    if page is None:
        return replace(message, page=None)
    return replace(message, page=page.page, within=page.division, only=page.only)


def _save(connection: Connection, lists: list[tuple[int, SilentList | Chase]]) -> None:
    if lists:
        rows = [{"list": delivery_id, "shows": encode(message)} for delivery_id, message in lists]
        connection.execute(_SAVE, rows)


_HERE = select(*_COLUMNS).where(
    *_LISTED,
    deliveries.c.alert_id == bindparam("alert"),
    deliveries.c.chat_id == bindparam("chat"),
    deliveries.c.message_id == bindparam("message"),
)
_CREATED = select(deliveries.c.created_at).where(
    *_LISTED,
    deliveries.c.alert_id == bindparam("alert"),
    deliveries.c.chat_id == bindparam("chat"),
    deliveries.c.message_id == bindparam("message"),
)
_SAVE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("list"))
    .values(params=bindparam("shows", type_=deliveries.c.params.type))
)
