"""The dispatcher's exchange with the outbox: what is next to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from alerts import call_store, ladder_store
from alerts.calls import LadderState, Reach
from alerts.cards import progress_card_store
from alerts.escalation import next_step
from alerts.model import State
from alerts.outbox import claim_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import (
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
from alerts.reach import lost
from alerts.rules import Rules
from contacts.group_store import mark_group, migrate_group
from contacts.people import Contact
from data.database import Connection

MOST_ATTEMPTS = 50
"""Tries before a delivery that only ever fails in passing is given up: about 45 minutes."""

_CALLING = (MessageKind.CALL, MessageKind.REMIND)
_ROLL_CALL = (MessageKind.ROLL_CALL_RESULT, MessageKind.PICTURE)


def claim(
    connection: Connection, worker: str, now: datetime, room: Mapping[Lane, int], bot_id: int
) -> list[Delivery]:
    """Take the bot's next deliveries for ``worker``: up to ``room[lane]`` of each lane.

    A call or reminder whose person has answered meanwhile is dropped, not sent.
    """
    taken: list[Delivery] = []
    for lane, most in room.items():
        if most > 0:
            taken.extend(claim_store.claim(connection, worker, now, lane, most, bot_id))
    calling = [delivery for delivery in taken if delivery.kind in _CALLING]
    asked = {delivery.call_id for delivery in calling if delivery.call_id is not None}
    if not asked:
        return taken
    answered = asked - call_store.still_open(connection, asked)
    if not answered:
        return taken
    overtaken = {delivery.id for delivery in calling if delivery.call_id in answered}
    ends = [End(delivery_id, DeliveryState.DROPPED) for delivery_id in overtaken]
    claim_store.finish(connection, ends, now)
    return [delivery for delivery in taken if delivery.id not in overtaken]


def recover(connection: Connection, bot_id: int, now: datetime) -> int:
    """Queue again what a process that died had claimed: whether it was sent is unknown.

    Only for the holder of the bot's lease: nobody else is sending then.
    """
    return claim_store.give_back(connection, now, bot_id=bot_id)


def record(
    connection: Connection, attempts: Sequence[Attempt], rules: Rules, now: datetime
) -> None:
    """Write down what became of the requests, and what follows for their calls."""
    ends: list[End] = []
    retries: list[Retry] = []
    sent: dict[int, int | None] = {}
    called: dict[int, int | None] = {}
    for attempt in attempts:
        delivery = attempt.delivery
        if attempt.result is Result.SENT:
            sent[delivery.id] = attempt.message_id
            if delivery.kind in _CALLING and delivery.call_id is not None:
                called[delivery.call_id] = attempt.message_id
            elif delivery.kind in (MessageKind.CARD, MessageKind.POST):
                progress_card_store.note_message(connection, delivery, attempt.message_id)
            elif delivery.kind in _ROLL_CALL:
                roll_call_store.note_message(connection, delivery, attempt.message_id)
        elif attempt.result is Result.DROPPED:
            ends.append(End(delivery.id, DeliveryState.DROPPED, attempt.error))
        elif attempt.result is Result.PERMANENT or delivery.attempts + 1 >= MOST_ATTEMPTS:
            ends.append(End(delivery.id, DeliveryState.FAILED, attempt.error))
            _unreachable(connection, attempt, rules, now)
        else:
            retries.append(_retry(attempt, now))
            if attempt.result is Result.MIGRATED and attempt.new_chat_id is not None:
                migrate_group(connection, delivery.chat_id, attempt.new_chat_id, now)
                outbox_store.move_chat(connection, delivery.chat_id, attempt.new_chat_id)
    claim_store.sent(connection, sent, now)
    claim_store.finish(connection, ends, now)
    claim_store.requeue(connection, retries)
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
        delivery.id,
        attempt.new_chat_id or delivery.chat_id,
        now + wait,
        delivery.attempts + 1,
        attempt.error,
    )


def _delivered(
    connection: Connection, called: Mapping[int, int | None], rules: Rules, now: datetime
) -> None:
    """The calls reached their phones: their ladders count from now."""
    for standing in ladder_store.standings(connection, called):
        ladder_state = LadderState(
            standing.state,
            Reach.DELIVERED,
            standing.called_at,
            standing.delivered_at or now,
            standing.steps,
            standing.last_step_at,
        )
        chasing = standing.alert_state is State.RELEASED
        due = next_step(rules.policies[standing.level], ladder_state) if chasing else None
        ladder_store.delivered(connection, standing, called, now, None if due is None else due.at)


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
