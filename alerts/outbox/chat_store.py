"""What is queued for a chat that is gone or has a new id, or for a bot that cannot speak."""

from __future__ import annotations

from sqlalchemy import Connection, Select, select, update

from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.outbox.store import PARAMS_WHEN_OVER
from data.tables.alerts import cards, deliveries
from data.tables.columns import constant

_QUEUED = constant(DeliveryState.QUEUED.value)


def drop_calls_of_bot(connection: Connection, bot_id: int, limit: int) -> int:
    """Do not send what is still queued of calls whose bot cannot speak: ``limit`` of them."""
    some = _calls_of_bot(bot_id).limit(limit).scalar_subquery()
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(some))
        .values(state=DeliveryState.DROPPED.value)
    ).rowcount


def calls_wait_for(connection: Connection, bot_id: int) -> bool:
    """Whether ``drop_calls_of_bot`` would find any."""
    return connection.execute(_calls_of_bot(bot_id).limit(1)).first() is not None


def _calls_of_bot(bot_id: int) -> Select[tuple[int]]:
    return select(deliveries.c.id).where(
        deliveries.c.bot_id == bot_id,
        deliveries.c.state == _QUEUED,
        deliveries.c.kind.in_([MessageKind.CALL.value, MessageKind.REMIND.value]),
    )


def drop_chat(connection: Connection, chat_id: int) -> int:
    """Nothing more can be sent to this chat: drop what is queued for it."""
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.chat_id == chat_id, deliveries.c.state == _QUEUED)
        .values(state=DeliveryState.DROPPED.value, params=PARAMS_WHEN_OVER)
    ).rowcount


def move_chat(connection: Connection, old: int, new: int) -> None:
    """The group became a supergroup: everything queued for it goes to its new id."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.chat_id == old, deliveries.c.state == _QUEUED)
        .values(chat_id=new)
    )
    connection.execute(update(cards).where(cards.c.chat_id == old).values(chat_id=new))
