"""Asking whether a warning is to hold longer: those in charge, then those on duty, then nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts import alert_store
from alerts.accounts import note_use
from alerts.closing import permit_end
from alerts.expiry import store
from alerts.expiry.model import (
    ExpiryAnswer,
    ExpiryQuestion,
    came_of,
    duty_due,
    minute_of,
    to_be_asked,
)
from alerts.lookup import AlertProblem, known_alert
from alerts.model import Alert
from alerts.outbox import end_store
from alerts.outbox import store as outbox_store
from alerts.outbox.change_messages import ExpiryAsked
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from contacts import people_store
from contacts.access import may_cancel
from contacts.divisions.codes import tier_of
from contacts.duty_store import commanders_of, duty_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict


def due(connection: Connection, now: datetime) -> list[int]:
    """The warnings of which something of the question is due, by id."""
    found = [*store.near(connection, now), *store.moving(connection, now)]
    return [alert_id for alert_id in dict.fromkeys(found) if _something(connection, alert_id, now)]


def _something(connection: Connection, alert_id: int, now: datetime) -> bool:
    """Whether anything is done: not for a warning too short to be asked about."""
    alert = alert_store.alert(connection, alert_id)
    if alert is None:
        return False
    last = store.newest(connection, alert_id)
    asked_at = None if last is None else last.asked_at
    return bool(store.open_questions(connection, alert_id)) or to_be_asked(alert, now, asked_at)


def move_on(connection: Connection, alert_id: int, now: datetime) -> None:
    """Ask about one warning, ask those on duty, or close what was answered by what was done."""
    alert = known_alert(connection, alert_id)
    asked_about = False
    for question in store.open_questions(connection, alert_id):
        answer = came_of(question, alert)
        if answer is not None:
            store.answered(connection, question.id, answer, None, now)
            end_store.take_buttons(connection, alert_id, (MessageKind.EXPIRY_ASKED,), now)
            continue
        asked_about = True
        if question.due_at is not None and question.due_at <= now:
            _ask_duty(connection, alert, question, now)
    last = store.newest(connection, alert_id)
    asked_about = asked_about or (last is not None and last.expires_at == alert.expires_at)
    if not asked_about and to_be_asked(alert, now, None if last is None else last.asked_at):
        _ask(connection, alert, now)


def let_expire(
    connection: Connection, alert_id: int, until: int, by: Person, now: datetime
) -> Alert:
    """⌛ 到时自动到期: nobody else is asked.

    :param until: the end that was asked about, as ``minute_of``.

    :raises NotFound: no such warning.
    :raises NotAllowed: not a commander of its area or above.
    :raises Conflict: it is over, or holds until another time by now.
    """
    alert = permit_end(connection, alert_id, by, now)
    if minute_of(alert.expires_at) != until:
        raise Conflict(
            AlertProblem.PROLONGED, alert=alert_id, until=alert.expires_at, hazard=alert.hazard
        )
    note_use(connection, by, now)
    questions = store.open_questions(connection, alert_id)
    for question in questions:
        store.answered(connection, question.id, ExpiryAnswer.LET, by.id, now)
    if questions:
        end_store.take_buttons(connection, alert_id, (MessageKind.EXPIRY_ASKED,), now)
        detail = {"until": alert.expires_at.isoformat()}
        append(connection, now, [Entry("alert.may_expire", f"alert:{alert_id}", by.id, detail)])
    return alert


def in_charge(connection: Connection, alert: Alert) -> list[Person]:
    """Who is asked first: who wrote it, who confirmed it; else the nearest who command there."""
    ids = [person_id for person_id in (alert.sender_id, alert.confirmed_by) if person_id]
    known = people_store.people(connection, ids)
    found = [known[person_id] for person_id in dict.fromkeys(ids) if person_id in known]
    deciding = [person for person in found if _decides(person, alert) and person.reachable]
    if deciding:
        return deciding
    others = [person for person in commanders_of(connection, alert.areas) if person.reachable]
    if not others:
        return []
    nearest = max(tier_of(person.division_code).depth for person in others)
    return [person for person in others if tier_of(person.division_code).depth == nearest]


def _ask(connection: Connection, alert: Alert, now: datetime) -> None:
    asked = in_charge(connection, alert)
    due_at = duty_due(alert.expires_at, now) if asked else now
    store.add(connection, alert.id, alert.expires_at, due_at, now)
    _tell(connection, alert, asked, now, duty=False)
    _note(connection, "alert.expiry_asked", alert, asked, now)


def _ask_duty(
    connection: Connection, alert: Alert, question: ExpiryQuestion, now: datetime
) -> None:
    """Those on duty, and everybody else who may decide; who was asked keeps the question."""
    before = {person.id for person in in_charge(connection, alert)}
    on_duty = duty_officers_many(connection, alert.areas, now)
    found = [officer for area in alert.areas for officer in on_duty[area]]
    found += commanders_of(connection, alert.areas)
    asked = {person.id: person for person in found if person.id not in before and person.reachable}
    store.duty_asked(connection, question.id)
    _tell(connection, alert, asked.values(), now, duty=True)
    _note(connection, "alert.expiry_asked_duty", alert, asked.values(), now)


def _tell(
    connection: Connection, alert: Alert, people: Iterable[Person], now: datetime, *, duty: bool
) -> None:
    deliveries = [
        to_person(
            person,
            ExpiryAsked(alert.expires_at, duty),
            Lane.ANSWER,
            role=person.role.value,
            alert_id=alert.id,
            coalesce_key=f"expiry:{alert.id}:{person.id}",
        )
        for person in people
        if person.telegram_id is not None
    ]
    outbox_store.add_many(connection, deliveries, now)


def _note(
    connection: Connection, action: str, alert: Alert, people: Iterable[Person], now: datetime
) -> None:
    detail = {
        "until": alert.expires_at.isoformat(),
        "asked": [person.id for person in people],
    }
    append(connection, now, [Entry(action, f"alert:{alert.id}", None, detail)])


def _decides(person: Person, alert: Alert) -> bool:
    return may_cancel(person, alert.areas).allowed
