"""The progress cards as rows: which message of which chat shows which alert, and what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, not_, or_, select, update

from alerts.model import State
from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import GroupPost, MessageKind
from data.tables.alerts import alerts, cards

_FRESH_POST = "released 0 0 0 0"
"""What a post just sent shows (``progress_cards.digest``): no edit until somebody answers."""


@dataclass(frozen=True, slots=True)
class Card:
    """One message that shows an alert's progress, edited in place."""

    alert_id: int
    chat_id: int
    division_code: str
    language: str
    message_id: int | None
    shown: str | None


def note_message(connection: Connection, sent: Delivery, message_id: int | None) -> None:
    """A post or card was sent as this message: from now on it is edited in place."""
    if message_id is None or sent.alert_id is None:
        return
    before = card(connection, sent.alert_id, sent.chat_id)
    if before is not None and before.message_id == message_id:
        return  # it was edited, not sent
    connection.execute(
        delete(cards).where(cards.c.alert_id == sent.alert_id, cards.c.chat_id == sent.chat_id)
    )
    post = decode(GroupPost, sent.params) if sent.kind is MessageKind.POST else None
    connection.execute(
        insert(cards).values(
            alert_id=sent.alert_id,
            chat_id=sent.chat_id,
            division_code="" if post is None else post.division,
            language=sent.language,
            message_id=message_id,
            shown=None if post is None else _FRESH_POST,
        )
    )


def of_alert(connection: Connection, alert_id: int) -> list[Card]:
    """Every card of the alert."""
    query = select(cards).where(cards.c.alert_id == alert_id)
    return [_card(row) for row in connection.execute(query)]


def alerts_to_check(connection: Connection) -> list[int]:
    """Alerts in force that have cards, and those that ended since their cards were drawn."""
    ended = or_(cards.c.shown.is_(None), not_(cards.c.shown.startswith(alerts.c.state + " ")))
    query = (
        select(cards.c.alert_id)
        .join(alerts, alerts.c.id == cards.c.alert_id)
        .where(or_(alerts.c.state == State.RELEASED.value, ended))
        .distinct()
    )
    return list(connection.execute(query).scalars())


def card(connection: Connection, alert_id: int, chat_id: int) -> Card | None:
    """The alert's card in this chat, or ``None``."""
    query = select(cards).where(cards.c.alert_id == alert_id, cards.c.chat_id == chat_id)
    row = connection.execute(query).first()
    return None if row is None else _card(row)


def mark(connection: Connection, shown: Sequence[tuple[Card, str]]) -> None:
    """Remember what cards are about to show, so that each is edited only when that changes."""
    if shown:
        rows = [
            {"alert": card.alert_id, "chat": card.chat_id, "digest": digest}
            for card, digest in shown
        ]
        connection.execute(_MARK, rows)


_MARK = (
    update(cards)
    .where(cards.c.alert_id == bindparam("alert"), cards.c.chat_id == bindparam("chat"))
    .values(shown=bindparam("digest"))
)


def _card(row: Row[Any]) -> Card:
    return Card(**row._mapping)
