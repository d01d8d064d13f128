"""The progress cards as rows: which message of which chat shows which alert, and what it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Connection,
    Row,
    bindparam,
    delete,
    insert,
    select,
    text,
    update,
)

from alerts.model import State
from alerts.outbox import store as outbox_store
from alerts.outbox.codec import decode
from alerts.outbox.deliveries import Delivery, NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import GroupPost, MessageKind, Over
from data.json_rows import GIVEN_IDS, as_json
from data.tables.alerts import alerts, cards

_FRESH_POST = "released 0 0 0"
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
    asks_until: datetime | None = None


def note_message(
    connection: Connection, sent: Delivery, message_id: int | None, now: datetime
) -> None:
    """A post or card was sent as this message: from now on it is edited in place."""
    if message_id is None or sent.alert_id is None:
        return
    post = decode(GroupPost, sent.params) if sent.kind is MessageKind.POST else None
    fresh = Card(
        sent.alert_id,
        sent.chat_id,
        "" if post is None else post.division,
        sent.language,
        message_id,
        None if post is None else _FRESH_POST,
    )
    take_over(connection, fresh, now)


def take_over(connection: Connection, fresh: Card, now: datetime) -> None:
    """This message is the alert's card in its chat from now on.

    An officer's card of before says so, without its buttons: it would not be kept true. (What a
    group's post of before becomes, whoever posts it anew decides.)
    """
    before = card(connection, fresh.alert_id, fresh.chat_id)
    if before is not None and before.message_id == fresh.message_id:
        return  # it was edited, not sent
    here = (cards.c.alert_id == fresh.alert_id, cards.c.chat_id == fresh.chat_id)
    connection.execute(delete(cards).where(*here))
    connection.execute(insert(cards).values(**asdict(fresh)))
    if before is None or before.message_id is None or fresh.chat_id < 0:
        return
    pointing = NewDelivery(
        Over(MessageKind.CARD, before.message_id),
        Lane.CARD,
        fresh.chat_id,
        LaneOrder.GROUP,
        fresh.language,
        alert_id=fresh.alert_id,
    )
    outbox_store.add(connection, pointing, now)


class Drawn(NamedTuple):
    """A card that is about to show this, and the alert's state that it then shows."""

    card: Card
    digest: str
    state: State


def unsettled(connection: Connection) -> dict[int, list[Card]]:
    """By alert, the cards that may have to be edited: not those that show how theirs ended."""
    found: dict[int, list[Card]] = defaultdict(list)
    for row in connection.execute(select(*_CARD_COLUMNS).where(_UNSETTLED)):
        found[row.alert_id].append(_card(row))
    return found


def card(connection: Connection, alert_id: int, chat_id: int) -> Card | None:
    """The alert's card in this chat, or ``None``."""
    here = (cards.c.alert_id == alert_id, cards.c.chat_id == chat_id)
    query = select(*_CARD_COLUMNS).where(*here)
    row = connection.execute(query).first()
    return None if row is None else _card(row)


def mark(connection: Connection, drawn: Sequence[Drawn]) -> None:
    """Remember what cards are about to show, so that each is edited only when that changes.

    A card that shows how its alert ended is settled, unless the alert has changed since it was
    looked at.
    """
    if drawn:
        rows = [
            {
                "alert": card.alert_id,
                "chat": card.chat_id,
                "digest": digest,
                "state": state.value,
                "over": state is not State.RELEASED,
            }
            for card, digest, state in drawn
        ]
        connection.execute(_MARK, rows)


def leave_alone(connection: Connection, chat_id: int, message_id: int, until: datetime) -> None:
    """If this message is a card, something else stands in its place now: a menu, a list. An edit
    would take it away from whoever is choosing; after ``until``, or ``go_on``, it is a card again.
    """
    here = (_UNSETTLED, cards.c.chat_id == chat_id, cards.c.message_id == message_id)
    connection.execute(update(cards).where(*here).values(asks_until=until, shown=None))


def go_on(connection: Connection, alert_id: int, chat_id: int) -> None:
    """The question is answered, or was left: the card is a card again."""
    here = (cards.c.alert_id == alert_id, cards.c.chat_id == chat_id)
    asked = update(cards).where(*here, cards.c.asks_until.is_not(None))
    connection.execute(asked.values(asks_until=None))


def forget(connection: Connection, alert_id: int, chats: Iterable[int]) -> None:
    """What stands in these chats shows the alert's progress no more."""
    there = cards.c.chat_id.in_(sorted(chats))
    connection.execute(delete(cards).where(cards.c.alert_id == alert_id, there))


def look_again(connection: Connection, alert_ids: Iterable[int]) -> None:
    """These alerts changed after their calling was complete: their cards are drawn anew."""
    connection.execute(_LOOK_AGAIN, {"ids": as_json(alert_ids)})


_LOOK_AGAIN = (
    update(cards).where(cards.c.alert_id.in_(GIVEN_IDS), cards.c.settled).values(settled=False)
)
_CARD_COLUMNS = [cards.c[name] for name in Card.__dataclass_fields__]
# As text: SQLite uses its index of such cards only for a condition that reads the same.
_UNSETTLED = text("NOT settled")

_MARK = (
    update(cards)
    .where(cards.c.alert_id == bindparam("alert"), cards.c.chat_id == bindparam("chat"))
    .values(
        shown=bindparam("digest"),
        settled=bindparam("over", type_=Boolean)
        & (
            select(alerts.c.state).where(alerts.c.id == cards.c.alert_id).scalar_subquery()
            == bindparam("state")
        ),
    )
)


def _card(row: Row[Any]) -> Card:
    return Card(**row._mapping)
