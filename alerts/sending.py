"""The dispatcher's exchange with the outbox: what is next to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from alerts import call_store, ladder_store
from alerts.calls import Reach
from alerts.cards import progress_card_store
from alerts.outbox import claim_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import (
    IMPOSSIBLE,
    Attempt,
    Delivery,
    DeliveryState,
    End,
    Result,
    Retry,
    backoff,
)
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.reach import lost, next_due
from alerts.rules import Rules
from contacts.group_store import mark_group, migrate_group
from contacts.people import Contact
from data.database import Connection

MOST_ATTEMPTS = 50
"""Tries before a delivery that only ever fails in passing is given up: about 45 minutes."""

_CALLING = (MessageKind.CALL, MessageKind.REMIND)
_ROLL_CALL = (MessageKind.ROLL_CALL_RESULT, MessageKind.PICTURE)


def claim(
    connection: Connection,
    worker: str,
    now: datetime,
    room: Mapping[Lane, int],
    bot_id: int,
    *,
    per_chat: int = claim_store.ANY_NUMBER,
    full: Mapping[Lane, Collection[int]] | None = None,
    dropped: list[Delivery] | None = None,
) -> list[Delivery]:
    """Take the bot's next deliveries for ``worker``: up to ``room[lane]`` of each lane.

    What is not true any more is dropped, not sent.

    :param per_chat: how many of each lane for one chat.
    :param full: by lane, the chats for which nothing is taken.
    :param dropped: filled with what was dropped: it had its part of the room.
    """
    taken = claim_store.claim(connection, worker, now, room, bot_id, per_chat=per_chat, full=full)
    gone = overtaken(connection, taken, now)
    if not gone:
        return taken
    untrue = [delivery for delivery in taken if delivery.id in gone]
    ends = [End(delivery, DeliveryState.DROPPED) for delivery in untrue]
    claim_store.finish(connection, ends, now)
    if dropped is not None:
        dropped += untrue
    return [delivery for delivery in taken if delivery.id not in gone]


def overtaken(connection: Connection, deliveries: Iterable[Delivery], now: datetime) -> set[int]:
    """Those that need not be sent any more, by id; reads only.

    A call or reminder whose person has answered, or whose warning is over.
    """
    calling = [
        (delivery.id, delivery.call_id)
        for delivery in deliveries
        if delivery.kind in _CALLING and delivery.call_id is not None
    ]
    if not calling:
        return set()
    asked = call_store.still_asked(connection, {call_id for _, call_id in calling}, now)
    return {delivery_id for delivery_id, call_id in calling if call_id not in asked}


def still_true(connection: Connection, held: Sequence[Delivery], now: datetime) -> set[int]:
    """Those of these claimed deliveries that may still be sent, by id; reads only.

    Another process may have taken them over, or they were overtaken.
    """
    return claim_store.still_claimed(connection, held) - overtaken(connection, held, now)


def recover(connection: Connection, bot_id: int, now: datetime) -> int:
    """Queue again what a process that died had claimed: whether it was sent is unknown.

    Only for the holder of the bot's lease: nobody else is sending then.
    """
    return claim_store.give_back(connection, now, bot_id=bot_id)


def record(
    connection: Connection, attempts: Sequence[Attempt], rules: Rules, now: datetime
) -> None:
    """Write down what became of the requests, and what follows for their calls.

    Nothing of deliveries that another process has taken over: it will write down what came of them.
    """
    ends: list[tuple[Attempt, End]] = []
    retries: list[Retry] = []
    sent: list[Attempt] = []
    for attempt in attempts:
        if attempt.result is Result.SENT:
            sent.append(attempt)
        elif (state := _end_of(attempt)) is not None:
            ends.append((attempt, End(attempt.delivery, state, attempt.error)))
        else:
            retries.append(_retry(attempt, now))
    ours = claim_store.sent(connection, [(made.delivery, made.message_id) for made in sent], now)
    _sent(connection, [made for made in sent if made.delivery.id in ours], rules, now)
    ours = claim_store.finish(connection, [end for _, end in ends], now)
    for attempt, end in ends:
        if end.state is DeliveryState.FAILED and attempt.delivery.id in ours:
            _unreachable(connection, attempt, rules, now)
    moved = [attempt for attempt in attempts if attempt.result is Result.MIGRATED]
    claim_store.requeue(connection, retries, now)
    for attempt in moved:
        if attempt.new_chat_id is not None:
            migrate_group(connection, attempt.delivery.chat_id, attempt.new_chat_id, now)
            outbox_store.move_chat(connection, attempt.delivery.chat_id, attempt.new_chat_id)


def set_aside(connection: Connection, attempt: Attempt, now: datetime) -> None:
    """What came of this cannot be written down, because of a bug: it is not sent again."""
    if attempt.result in (Result.SENT, Result.UNCERTAIN):
        claim_store.may_have_arrived(connection, attempt.delivery, now)
    end = End(attempt.delivery, DeliveryState.FAILED, IMPOSSIBLE)
    claim_store.finish(connection, [end], now)


def _end_of(attempt: Attempt) -> DeliveryState | None:
    """How a delivery ends that was not sent; ``None``: it does not."""
    if attempt.result is Result.DROPPED:
        return DeliveryState.DROPPED
    if attempt.result in (Result.PERMANENT, Result.IMPOSSIBLE):
        return DeliveryState.FAILED
    return DeliveryState.FAILED if attempt.delivery.attempts + 1 >= MOST_ATTEMPTS else None


def _sent(connection: Connection, attempts: Iterable[Attempt], rules: Rules, now: datetime) -> None:
    """What follows from messages that arrived."""
    called: dict[int, int | None] = {}
    for attempt in attempts:
        delivery = attempt.delivery
        if delivery.kind in _CALLING and delivery.call_id is not None:
            called[delivery.call_id] = attempt.message_id
        elif delivery.kind in (MessageKind.CARD, MessageKind.POST):
            progress_card_store.note_message(connection, delivery, attempt.message_id)
        elif delivery.kind in _ROLL_CALL:
            roll_call_store.note_message(connection, delivery, attempt.message_id)
    if called:
        _delivered(connection, called, rules, now)


def _retry(attempt: Attempt, now: datetime) -> Retry:
    delivery = attempt.delivery
    wait = (
        timedelta(seconds=attempt.retry_after)
        if attempt.retry_after
        else timedelta(0)
        if attempt.result is Result.MIGRATED
        else backoff(delivery.attempts)
    )
    return Retry(
        delivery,
        attempt.new_chat_id or delivery.chat_id,
        now + wait,
        attempt.error,
        attempt.result is Result.UNCERTAIN,
    )


def _delivered(
    connection: Connection, called: Mapping[int, int | None], rules: Rules, now: datetime
) -> None:
    """The calls reached their phones: their ladders count from now."""
    for standing in ladder_store.standings(connection, called):
        due = next_due(standing, Reach.DELIVERED, standing.delivered_at or now, rules)
        ladder_store.delivered(connection, standing, called, now, due)


def _unreachable(connection: Connection, attempt: Attempt, rules: Rules, now: datetime) -> None:
    """This person (or group) cannot be reached: the ladder moves on at once (DESIGN rule 5)."""
    delivery = attempt.delivery
    if attempt.contact is None:
        return
    contact = Contact(attempt.contact)
    if delivery.person_id is not None:
        lost(connection, delivery.person_id, contact, rules, now)
    elif delivery.chat_id < 0:
        mark_group(connection, delivery.chat_id, Contact.REMOVED, now)
        outbox_store.drop_chat(connection, delivery.chat_id)
