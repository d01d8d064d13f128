"""A warning that is overdue by too much is held: nothing of it is sent until somebody says so.

After a power cut or a broken line of hours, what was to be sent then may not be what is to be said
now. Its sender, who confirmed it and those on duty over its area are asked; whoever may cancel it
sends it anew, with today's times, or cancels it. Until then nobody is called or chased.
"""

from __future__ import annotations

from datetime import datetime

from alerts import alert_store, call_store, release_store
from alerts.accounts import note_use
from alerts.lookup import AlertProblem, known_alert
from alerts.model import Alert, State
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.preview import groups_of, whom_of
from alerts.release import first_due, queue_posts
from alerts.rules import LANES, Rules
from alerts.validity import CALLING, CHASING, as_of, in_force
from contacts import people_store
from contacts.access import may_cancel, require
from contacts.divisions.codes import county_of
from contacts.duty_store import duty_officers_many
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict


def hold(connection: Connection, alert: Alert, now: datetime) -> None:
    """Send nothing more of a warning in force until it is decided; ask who is to decide."""
    if alert.held_at is not None or alert.state is not State.RELEASED or not in_force(alert, now):
        return
    alert_store.change_alert(connection, alert.id, held_at=now)
    call_store.stop_ladders(connection, alert.id)
    outbox_store.drop_queued(connection, alert.id, *CALLING, *CHASING)
    asked = _deciding(connection, alert, now)
    deliveries = [
        to_person(
            person,
            MessageKind.STILL_SEND,
            Lane.ANSWER,
            role=person.role.value,
            alert_id=alert.id,
            coalesce_key=f"held:{alert.id}:{person.id}",
        )
        for person in asked
    ]
    outbox_store.add_many(connection, deliveries, now)
    detail = {"asked": [person.id for person in asked]}
    append(connection, now, [Entry("alert.held", f"alert:{alert.id}", None, detail)])


def permit_send(connection: Connection, alert_id: int, by: Person, now: datetime) -> Alert:
    """The warning that is held, when ``by`` may decide now that it goes out.

    :raises NotFound: no such warning.
    :raises NotAllowed: not a commander of its area or above.
    :raises Conflict: it is not held any more, or it is over.
    """
    alert = known_alert(connection, alert_id)
    require(may_cancel(by, alert.areas), alert=alert_id)
    if alert.state is not State.RELEASED or not in_force(alert, now):
        state = as_of(alert, now).state
        raise Conflict(AlertProblem.OVER, alert=alert_id, state=state, hazard=alert.hazard)
    if alert.held_at is None:
        raise Conflict(AlertProblem.NOT_HELD, alert=alert_id, hazard=alert.hazard)
    return alert


def send_anew(
    connection: Connection, alert_id: int, by: Person, rules: Rules, now: datetime
) -> Alert:
    """Release what was held as if it were released now: to all who have not answered.

    :raises NotFound: see ``permit_send``.
    :raises NotAllowed: see ``permit_send``.
    :raises Conflict: see ``permit_send``.
    """
    held = permit_send(connection, alert_id, by, now)
    note_use(connection, by, now)
    alert_store.change_alert(
        connection,
        alert_id,
        held_at=None,
        released_at=now,
        # One that holds for longer, by its stages or by hand, goes on doing so.
        expires_at=max(held.expires_at, now + rules.lasts(held)),
    )
    alert = known_alert(connection, alert_id)
    called = 0
    if not release_store.is_unfinished(connection, alert_id):  # else it goes on by itself
        called = call_store.call_anew(connection, alert_id, now, first_due(alert, rules, now))
        queue_posts(
            connection, alert, groups_of(connection, alert, whom_of(connection, alert, rules)), now
        )
        everybody = (0, release_store.last_call(connection))
        outbox_store.add_calls_of(connection, alert_id, LANES[alert.level], now, ids=everybody)
    detail = {"calls": called}
    append(connection, now, [Entry("alert.sent_anew", f"alert:{alert_id}", by.id, detail)])
    return alert


def _deciding(connection: Connection, alert: Alert, now: datetime) -> list[Person]:
    """Who released it, and who is on duty over its areas."""
    ids = [person_id for person_id in (alert.sender_id, alert.confirmed_by) if person_id]
    known = people_store.people(connection, ids)
    asked = {person_id: known[person_id] for person_id in ids if person_id in known}
    # Of a county's thousand villages it is the county's.
    counties = {county_of(area) or area for area in alert.areas}
    for officers in duty_officers_many(connection, counties, now).values():
        asked.update((officer.id, officer) for officer in officers)
    return [person for person in asked.values() if person.reachable]
