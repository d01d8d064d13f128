"""How many have answered is told to others: only what changed, and not each answer by itself."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from alerts import alert_store, report
from alerts.model import Alert, State
from alerts.publishing import store
from alerts.publishing.model import Event, Happened
from data.database import Connection

APART = timedelta(seconds=60)
"""Between two counts of a warning (ours): a receiver is told once a minute, not 60,000 times."""


def note_changed(connection: Connection, now: datetime) -> int:
    """Note the counts of each warning whose calling goes on, where they changed; how many."""
    changed = [
        (alert, counts)
        for alert in alert_store.alerts(connection, State.RELEASED, limit=200)
        if (counts := _changed(connection, alert, now)) is not None
    ]
    for alert, counts in changed:
        store.add(connection, Event(0, Happened.COUNTS, alert.id, now, detail=counts))
    return len(changed)


def note_event(connection: Connection, kind: Happened, alert: Alert, now: datetime) -> None:
    """Note what happened to a warning that no message says, with its numbers of that moment."""
    store.add(connection, Event(0, kind, alert.id, now, detail=counts_of(connection, alert)))


def any_changed(connection: Connection, now: datetime) -> bool:
    """Whether ``note_changed`` would note anything."""
    found = alert_store.alerts(connection, State.RELEASED, limit=200)
    return any(_changed(connection, alert, now) is not None for alert in found)


def counts_of(connection: Connection, alert: Alert) -> dict[str, int]:
    """The numbers of a warning as others get them; see ``alerts.progress``."""
    return asdict(report.progress(connection, alert))


def _changed(connection: Connection, alert: Alert, now: datetime) -> dict[str, int] | None:
    """The counts to be told now; ``None``: they are as they were, or were told just now."""
    last = store.last_counts(connection, alert.id)
    if last is not None and now - last.at < APART:
        return None
    counts = counts_of(connection, alert)
    return None if last is not None and last.detail == counts else counts
