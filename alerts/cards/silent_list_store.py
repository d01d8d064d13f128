"""The silent lists in officers' chats as rows: the newest of an alert in a chat is kept true.

A list is the delivery that brought it; what its message shows now is kept in that row's ``params``:
``page`` (null while the officer looks at one person) and ``shown``, the digest of what is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from alerts.model import State
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from data.tables.alerts import alerts, deliveries

_LISTED = (
    deliveries.c.kind == MessageKind.SILENT_LIST.value,
    deliveries.c.state == DeliveryState.SENT.value,
    deliveries.c.message_id.is_not(None),
)


@dataclass(frozen=True, slots=True)
class SilentList:
    """One message that lists who has not answered."""

    delivery_id: int
    alert_id: int
    chat_id: int
    person_id: int
    language: str
    message_id: int
    params: Mapping[str, Any]

    @property
    def division(self) -> str:
        """Whose silent are listed; empty: all of the alert."""
        return str(self.params.get("division", ""))

    @property
    def page(self) -> int | None:
        """The page shown, from 0; ``None`` while one person is looked at."""
        page: int | None = self.params.get("page", 0)
        return page

    @property
    def shown(self) -> str | None:
        """The digest of what is listed, as far as it is known."""
        shown: str | None = self.params.get("shown")
        return shown


def newest(connection: Connection, ended_after: datetime) -> list[SilentList]:
    """The newest list of each chat, of alerts in force or ended after that moment."""
    ended = (alerts.c.closed_at, alerts.c.cancelled_at, alerts.c.expires_at)
    query = (
        select(func.max(deliveries.c.id))
        .join(alerts, alerts.c.id == deliveries.c.alert_id)
        .where(
            *_LISTED,
            or_(
                alerts.c.state == State.RELEASED.value,
                *(moment > ended_after for moment in ended),
            ),
        )
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
    for one in _lists(connection, *_LISTED, *here):
        _save(connection, [(one, {**one.params, "page": page})])


def mark(connection: Connection, shown: list[tuple[SilentList, str]]) -> None:
    """Remember what lists are about to show, so that each is edited only when that changes."""
    _save(connection, [(one, {**one.params, "shown": digest}) for one, digest in shown])


def _lists(connection: Connection, *which: Any) -> list[SilentList]:
    query = select(
        deliveries.c.id.label("delivery_id"),
        deliveries.c.alert_id,
        deliveries.c.chat_id,
        deliveries.c.person_id,
        deliveries.c.language,
        deliveries.c.message_id,
        deliveries.c.params,
    ).where(*which)
    return [SilentList(**row._mapping) for row in connection.execute(query)]


def _save(connection: Connection, rows: list[tuple[SilentList, dict[str, Any]]]) -> None:
    if rows:
        connection.execute(
            _SAVE, [{"list": one.delivery_id, "now_shows": params} for one, params in rows]
        )


_SAVE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("list"))
    .values(params=bindparam("now_shows", type_=deliveries.c.params.type))
)
