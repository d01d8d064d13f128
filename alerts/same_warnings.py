"""Warnings in force beside another: the same, named before a second one goes out; and those that
go on where one ends."""

from __future__ import annotations

from datetime import datetime

from alerts import alert_store
from alerts.lookup import may_know_of
from alerts.model import Alert, Draft, State, Status
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection


def others_in_force(connection: Connection, alert: Alert, by: Person, now: datetime) -> list[Alert]:
    """Warnings of the same places that hold after this one is over, newest first; not those that
    ``by`` must not see. Of a real warning no exercise is told, and of an exercise no warning."""
    found = alert_store.alerts(connection, State.RELEASED, State.CLOSED)
    return [
        other
        for other in found
        if other.id != alert.id
        and other.status is alert.status
        and other.expires_at > now
        and overlap(other.areas, alert.areas)
        and may_know_of(by, other)
    ]


def same_in_force(
    connection: Connection, draft: Draft | Alert, by: Person, now: datetime
) -> list[Alert]:
    """Warnings of the same hazard whose areas overlap, newest first; not those ``by`` must not see.

    What waits for a second person is one of them. An exercise is the same as another exercise only,
    and a response as one of the same command: a city's is another one than a county's.
    """
    status = Status.EXERCISE if draft.exercise else Status.ACTUAL
    found = alert_store.of_hazard(
        connection, draft.hazard, status, State.PENDING, State.RELEASED, State.CLOSED
    )
    return [
        alert
        for alert in found
        if alert.expires_at > now
        and alert.id != getattr(draft, "id", None)
        and overlap(alert.areas, draft.areas)
        and (not draft.hazard.response or set(alert.areas) == set(draft.areas))
        and (not alert.places or not draft.places or set(alert.places) & set(draft.places))
        and may_know_of(by, alert)
    ]
