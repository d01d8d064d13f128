"""Answering a call (收到): by its button, under a group's post, in words, or by proxy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts import alert_store, call_store, calls
from alerts.calls import Call, CallOutcome, Via
from alerts.cards import progress_card_store
from alerts.escalation import report_due
from alerts.lookup import Refusal, call_of_another, own_call, person_of
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from contacts.access import may_record_proxy
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotAllowed


class Proxy(Enum):
    """How a person was reached when not by Telegram (DOMAIN: the last rung is people)."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class CallResult:
    """Somebody tried to change a call: what became of it, and all that is said about it."""

    outcome: CallOutcome
    call: Call  # as it is now
    alert: Alert
    person: Person  # the call's addressee


def by_button(
    connection: Connection, call_id: int, telegram_id: int, rules: Rules, now: datetime
) -> CallResult:
    """The button of a call was pressed, by whoever it was.

    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    return _by_addressee(connection, call_id, telegram_id, Via.BUTTON, rules, now)


def by_group_button(
    connection: Connection, alert_id: int, telegram_id: int, rules: Rules, now: datetime
) -> CallResult:
    """The button under a group's post was pressed: it counts only for members who have a call.

    :raises NotAllowed: with a ``Refusal``: a stranger, or somebody who was not called.
    """
    person = person_of(connection, telegram_id)
    call = call_store.call_of(connection, alert_id, person.id)
    if call is None:
        raise NotAllowed(Refusal.NO_CALL, alert=alert_id)
    return _acknowledge(connection, call, person, Via.GROUP, rules, now)


def open_calls(connection: Connection, telegram_id: int) -> list[tuple[Call, Alert]]:
    """The calls this account has still to answer, the newest first: what a typed 收到 may mean.

    :raises NotAllowed: a stranger.
    """
    person = person_of(connection, telegram_id)
    found = []
    for call in call_store.open_calls_of(connection, [person.id]):
        alert = alert_store.alert(connection, call.alert_id)
        if alert is not None and alert.state in (State.RELEASED, State.CLOSED):
            found.append((call, alert))
    return sorted(found, key=lambda pair: pair[0].id, reverse=True)


def meant_by_reply(
    calls_open: list[tuple[Call, Alert]], message_id: int
) -> list[tuple[Call, Alert]]:
    """The call whose message was replied to; all of them when it was none of theirs. Pure."""
    return [pair for pair in calls_open if pair[0].message_id == message_id] or calls_open


def posted_in_group(
    connection: Connection, calls_open: list[tuple[Call, Alert]], chat_id: int
) -> list[tuple[Call, Alert]]:
    """Of these calls, those whose warning was posted in the group."""
    return [
        (call, alert)
        for call, alert in calls_open
        if progress_card_store.card(connection, alert.id, chat_id) is not None
    ]


def by_words(
    connection: Connection, call_id: int, telegram_id: int, rules: Rules, now: datetime
) -> CallResult:
    """收到 was typed, and can only mean this call.

    :raises NotFound: no such call.
    :raises NotAllowed: with a ``Refusal``: a stranger, or not the addressee.
    """
    return _by_addressee(connection, call_id, telegram_id, Via.WORDS, rules, now)


def by_proxy(
    connection: Connection, call_id: int, telegram_id: int, how: Proxy, now: datetime
) -> CallResult:
    """An officer reached the person otherwise; recorded with who said so and how.

    :raises NotFound: no such call.
    :raises NotAllowed: a stranger, or not an officer in charge of that person.
    """
    officer = person_of(connection, telegram_id)
    call, alert, person = call_of_another(connection, call_id, officer, may_record_proxy, now)
    changed, outcome = calls.proxy(call, officer.id, how.value, now)
    entry = Entry("call.proxied", f"call:{call.id}", officer.id, {"how": how.value})
    return saved(connection, CallResult(outcome, changed, alert, person), entry, now)


def saved(connection: Connection, attempt: CallResult, entry: Entry, now: datetime) -> CallResult:
    """Store the call as the attempt left it, with its audit entry; nothing if nothing changed."""
    if attempt.outcome is CallOutcome.RECORDED:
        call_store.save_call(connection, attempt.call)
        append(connection, now, [entry])
    return attempt


def _by_addressee(
    connection: Connection, call_id: int, telegram_id: int, via: Via, rules: Rules, now: datetime
) -> CallResult:
    person = person_of(connection, telegram_id)
    call = own_call(connection, call_id, person)
    return _acknowledge(connection, call, person, via, rules, now)


def _acknowledge(
    connection: Connection, call: Call, person: Person, via: Via, rules: Rules, now: datetime
) -> CallResult:
    alert = alert_store.alert(connection, call.alert_id)
    assert alert is not None
    changed, outcome = calls.acknowledge(call, via, now)
    if outcome is CallOutcome.RECORDED:
        call_store.save_call(
            connection, changed, report_due=report_due(rules.policies[alert.level], now)
        )
        append(
            connection,
            now,
            [
                Entry(
                    "call.acknowledged",
                    f"call:{call.id}",
                    person.id,
                    {"via": via.value, "alert": alert.id},
                )
            ],
        )
        delivery = to_person(
            person,
            MessageKind.ANSWERED,
            Lane.ANSWER,
            role=call.role,
            alert_id=alert.id,
            call_id=call.id,
        )
        outbox_store.add(connection, delivery, now)
    return CallResult(outcome, changed, alert, person)
