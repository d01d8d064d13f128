"""What the dispatcher asks and tells: which deliveries are next, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerts import alert_store, call_store, ladder_store
from alerts.calls import Call, CallState, Reach
from alerts.cards import progress_card_store
from alerts.escalation import next_step
from alerts.model import Alert, Level, State
from alerts.outbox import claim_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import Attempt, Delivery, DeliveryState, Kind, Result, backoff
from alerts.outbox.lanes import Lane
from alerts.patrol.roll_calls import store as roll_call_store
from alerts.rules import Rules
from contacts import people_store
from contacts.group_store import mark_group, migrate_group
from contacts.people import Contact
from data.database import Connection

MOST_ATTEMPTS = 50
"""Tries before a delivery that only ever fails in passing is given up: about 45 minutes."""

_CALLING = (Kind.CALL, Kind.REMIND)
_ROLL_CALL = (Kind.ROLL_CALL_RESULT, Kind.PICTURE)


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
    asked = {one.call_id for one in taken if one.kind in _CALLING and one.call_id is not None}
    if not asked:
        return taken
    answered = asked - call_store.still_open(connection, asked)
    if not answered:
        return taken
    overtaken = [one for one in taken if one.call_id in answered and one.kind in _CALLING]
    claim_store.finish(connection, [_end(one, DeliveryState.DROPPED, now) for one in overtaken])
    gone = {one.id for one in overtaken}
    return [one for one in taken if one.id not in gone]


def recover(connection: Connection, bot_id: int, now: datetime) -> int:
    """Queue again what a process that died had claimed: whether it was sent is unknown.

    Only for the holder of the bot's lease: nobody else is sending then.
    """
    return claim_store.give_back(connection, now, bot_id=bot_id)


def record(
    connection: Connection, attempts: Sequence[Attempt], rules: Rules, now: datetime
) -> None:
    """Write down what became of the requests, and what follows for their calls."""
    done: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    sent: dict[int, int | None] = {}
    called: dict[int, int | None] = {}
    for attempt in attempts:
        one = attempt.delivery
        if attempt.result is Result.SENT:
            sent[one.id] = attempt.message_id
            if one.kind in _CALLING and one.call_id is not None:
                called[one.call_id] = attempt.message_id
            elif one.kind in (Kind.CARD, Kind.POST):
                progress_card_store.shown(connection, one, attempt.message_id)
            elif one.kind in _ROLL_CALL and "roll_call" in (one.params or {}):
                roll_call_store.shown(connection, one, attempt.message_id)
        elif attempt.result is Result.DROPPED:
            done.append(_end(one, DeliveryState.DROPPED, now, error=attempt.error))
        elif attempt.result is Result.PERMANENT or one.attempts + 1 >= MOST_ATTEMPTS:
            done.append(_end(one, DeliveryState.FAILED, now, error=attempt.error))
            _unreachable(connection, attempt, rules, now)
        else:
            again.append(_retry(attempt, now))
            if attempt.result is Result.MIGRATED and attempt.new_chat_id is not None:
                migrate_group(connection, one.chat_id, attempt.new_chat_id, now)
                outbox_store.move_chat(connection, one.chat_id, attempt.new_chat_id)
    claim_store.sent(connection, sent, now)
    claim_store.finish(connection, done)
    claim_store.requeue(connection, again)
    if called:
        _delivered(connection, called, rules, now)


def _end(
    one: Delivery,
    state: DeliveryState,
    now: datetime,
    message_id: int | None = None,
    error: str | None = None,
) -> dict[str, Any]:
    return {
        "delivery_id": one.id,
        "new_state": state.value,
        "at": now,
        "new_message_id": message_id,
        "new_error": error,
    }


def _retry(attempt: Attempt, now: datetime) -> dict[str, Any]:
    one = attempt.delivery
    wait = (
        timedelta(seconds=attempt.retry_after)
        if attempt.retry_after
        else timedelta(0)
        if attempt.result is Result.MIGRATED
        else backoff(one.attempts)
    )
    return {
        "delivery_id": one.id,
        "at": now + wait,
        "new_attempts": one.attempts + 1,
        "new_error": attempt.error,
        "new_chat_id": attempt.new_chat_id or one.chat_id,
    }


def _delivered(
    connection: Connection, called: Mapping[int, int | None], rules: Rules, now: datetime
) -> None:
    """The calls reached their phones: their ladders count from now."""
    for standing in ladder_store.standing(connection, called):
        rang = Call(
            0,
            standing.alert_id,
            0,
            "",
            "",
            CallState(standing.state),
            Reach.DELIVERED,
            standing.called_at,
            delivered_at=standing.delivered_at or now,
            steps=standing.steps,
            last_step_at=standing.last_step_at,
        )
        chasing = standing.alert_state == State.RELEASED.value
        due = next_step(rules.policies[Level(standing.level)], rang) if chasing else None
        ladder_store.delivered(connection, standing, called, now, None if due is None else due.at)


def _unreachable(connection: Connection, attempt: Attempt, rules: Rules, now: datetime) -> None:
    """This person (or group) cannot be reached: the ladder moves on at once (DESIGN rule 5)."""
    one = attempt.delivery
    if attempt.contact is None:
        return
    contact = Contact(attempt.contact)
    if one.person_id is None:
        if one.chat_id < 0:
            mark_group(connection, one.chat_id, Contact.REMOVED, now)
            outbox_store.drop_chat(connection, one.chat_id)
        return
    lost(connection, one.person_id, contact, rules, now)


def lost(
    connection: Connection, person_id: int, contact: Contact, rules: Rules, now: datetime
) -> None:
    """A person cannot be reached any more: their open calls skip ahead."""
    people_store.set_contact(connection, {person_id: contact}, now)
    alerts: dict[int, Alert] = {}
    ladder_store.save_reach(
        connection,
        [
            {
                "call_id": call.id,
                "new_reach": Reach.UNREACHABLE.value,
                "new_delivered_at": call.delivered_at,
                "new_message_id": call.message_id,
                "due": _next_due(connection, alerts, replace(call, reach=Reach.UNREACHABLE), rules),
            }
            for call in call_store.open_calls_of(connection, [person_id])
        ],
    )


def _next_due(
    connection: Connection, alerts: dict[int, Alert], call: Call, rules: Rules
) -> datetime | None:
    if call.alert_id not in alerts:
        alert = alert_store.alert(connection, call.alert_id)
        assert alert is not None
        alerts[alert.id] = alert
    alert = alerts[call.alert_id]
    due = next_step(rules.policies[alert.level], call) if alert.chasing else None
    return None if due is None else due.at


def reached_again(
    connection: Connection, person_ids: Iterable[int], rules: Rules, now: datetime
) -> int:
    """Persons who just linked or unblocked the bot: their open calls are sent to them now.

    Returns how many calls were queued.
    """
    people = people_store.people(connection, person_ids)
    alerts: dict[int, Alert] = {}
    rows, queued = [], 0
    for call in call_store.open_calls_of(connection, people):
        person = people[call.person_id]
        if call.reach is not Reach.UNREACHABLE or not person.reachable:
            continue
        waiting = replace(call, reach=Reach.QUEUED)
        rows.append(
            {
                "call_id": call.id,
                "new_reach": Reach.QUEUED.value,
                "new_delivered_at": call.delivered_at,
                "new_message_id": call.message_id,
                "due": _next_due(connection, alerts, waiting, rules),
            }
        )
        assert person.telegram_id is not None
        if alerts[call.alert_id].chasing:
            outbox_store.add(
                connection,
                Kind.CALL,
                Lane.RED,
                person.telegram_id,
                now,
                language=person.language,
                role=call.role,
                alert_id=call.alert_id,
                call_id=call.id,
                person_id=person.id,
                coalesce_key=f"again:{call.id}",
            )
            queued += 1
    ladder_store.save_reach(connection, rows)
    return queued
