"""Calling that was complete (销号) is not after all: an answer that it rested on counts no more."""

from __future__ import annotations

from datetime import datetime

from alerts import alert_store
from alerts.lookup import known_alert
from alerts.model import Alert, State
from alerts.publishing.counts import note_event
from alerts.publishing.model import Happened
from data.audit import Entry, append
from data.database import Connection


def open_again(connection: Connection, alert: Alert, by_id: int | None, now: datetime) -> Alert:
    """The calling goes on, if it was closed; its cards show that. Returns the warning as it is now.

    Whoever was discharged with it stays discharged.
    """
    if alert.state is not State.CLOSED:
        return alert
    reopened = {"closed_at": None, "closed_by": None, "close_reason": None}
    alert_store.change_alert(connection, alert.id, state=State.RELEASED.value, **reopened)
    append(connection, now, [Entry("alert.reopened", f"alert:{alert.id}", by_id)])
    note_event(connection, Happened.REOPENED, alert, now)
    return known_alert(connection, alert.id)
