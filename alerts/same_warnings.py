"""Warnings in force that say what a draft says: named before a second one goes out."""

from __future__ import annotations

from datetime import datetime

from alerts import alert_store
from alerts.lookup import may_know_of
from alerts.model import Alert, Draft, State, Status
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection


def same_in_force(
    connection: Connection, draft: Draft | Alert, by: Person, now: datetime
) -> list[Alert]:
    """Warnings of the same hazard whose areas overlap, newest first; not those ``by`` must not see.

    What waits for a second person is one of them. An exercise is the same as another exercise only.
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
        and (not alert.places or not draft.places or set(alert.places) & set(draft.places))
        and may_know_of(by, alert)
    ]
