"""Answering a call (收到): by its button, under a group's post, in words, or by proxy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts import alert_store, call_store, calls
from alerts.calls import Call, Outcome, Via
from alerts.escalation import report_due
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.rules import Rules
from contacts import people_store
from contacts.access import may_record_proxy, require
from contacts.duty_store import duty_divisions
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import NotAllowed, NotFound


class Refusal(Enum):
    """Why an answer was not taken."""

    NOT_LINKED = "not_linked"  # a stranger: this Telegram account belongs to nobody we know
    NOT_YOURS = "not_yours"  # another person's button, or forged
    NO_CALL = "no_call"  # a member of the group who was not called
    UNKNOWN = "unknown_call"


class Proxy(Enum):
    """How a person was reached when not by Telegram (DOMAIN: the last rung is people)."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an answer: enough to say so truthfully."""

    outcome: Outcome
    call: Call
    alert: Alert
    person: Person


def by_button(
    connection: Connection, call_id: int, telegram_id: int, rules: Rules, now: datetime
) -> Answer:
    """The button of a call was pressed, by whoever it was.

    :raises NotAllowed: with a ``Refusal``, when it is not the addressee.
    """
    return _by_addressee(connection, call_id, telegram_id, Via.BUTTON, rules, now)


def by_group_button(
    connection: Connection, alert_id: int, telegram_id: int, rules: Rules, now: datetime
) -> Answer:
    """The button under a group's post: counts only for members who have a call.

    :raises NotAllowed: with a ``Refusal``.
    """
    person = _person(connection, telegram_id)
    call = call_store.call_of(connection, alert_id, person.id)
    if call is None:
        raise NotAllowed(Refusal.NO_CALL, alert=alert_id)
    return _acknowledge(connection, call, person, Via.GROUP, rules, now)


def open_calls(connection: Connection, telegram_id: int) -> list[tuple[Call, Alert]]:
    """The calls this account has still to answer: what a typed 收到 may mean.

    :raises NotAllowed: with a ``Refusal``.
    """
    person = _person(connection, telegram_id)
    found = []
    for call in call_store.open_calls_of(connection, [person.id]):
        alert = alert_store.alert(connection, call.alert_id)
        if alert is not None and alert.state in (State.RELEASED, State.CLOSED):
            found.append((call, alert))
    return sorted(found, key=lambda pair: pair[0].id, reverse=True)


def by_words(
    connection: Connection, call_id: int, telegram_id: int, rules: Rules, now: datetime
) -> Answer:
    """收到, typed, for the call it can only mean.

    :raises NotAllowed: with a ``Refusal``.
    """
    return _by_addressee(connection, call_id, telegram_id, Via.WORDS, rules, now)


def by_proxy(
    connection: Connection, call_id: int, telegram_id: int, how: Proxy, now: datetime
) -> Answer:
    """An officer reached the person otherwise; recorded with who said so and how.

    :raises NotAllowed: not an officer in charge of that person (``contacts.access.Access``).
    """
    officer = _person(connection, telegram_id)
    call = call_store.call(connection, call_id)
    if call is None:
        raise NotFound(Refusal.UNKNOWN, call=call_id)
    person = people_store.person(connection, call.person_id)
    alert = alert_store.alert(connection, call.alert_id)
    assert person is not None and alert is not None
    require(
        may_record_proxy(officer, person, duty_divisions(connection, officer.id, now)), call=call_id
    )
    changed, outcome = calls.proxy(call, officer.id, how.value, now)
    if outcome is Outcome.RECORDED:
        call_store.save_call(connection, changed)
        append(
            connection,
            now,
            [Entry("call.proxied", f"call:{call.id}", officer.id, {"how": how.value})],
        )
    return Answer(outcome, changed, alert, person)


def _by_addressee(
    connection: Connection, call_id: int, telegram_id: int, via: Via, rules: Rules, now: datetime
) -> Answer:
    person = _person(connection, telegram_id)
    call = call_store.call(connection, call_id)
    if call is None:
        raise NotFound(Refusal.UNKNOWN, call=call_id)
    if call.person_id != person.id:
        raise NotAllowed(Refusal.NOT_YOURS, call=call_id)
    return _acknowledge(connection, call, person, via, rules, now)


def _acknowledge(
    connection: Connection, call: Call, person: Person, via: Via, rules: Rules, now: datetime
) -> Answer:
    alert = alert_store.alert(connection, call.alert_id)
    assert alert is not None
    changed, outcome = calls.acknowledge(call, via, now)
    if outcome is Outcome.RECORDED:
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
        assert person.telegram_id is not None
        outbox_store.add(
            connection,
            MessageKind.ANSWERED,
            Lane.ANSWER,
            person.telegram_id,
            now,
            language=person.language,
            role=call.role,
            alert_id=alert.id,
            call_id=call.id,
            person_id=person.id,
        )
    return Answer(outcome, changed, alert, person)


def _person(connection: Connection, telegram_id: int) -> Person:
    person = people_store.person_by_telegram(connection, telegram_id)
    if person is None or not person.active:
        raise NotAllowed(Refusal.NOT_LINKED)
    return person
