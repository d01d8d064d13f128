"""What became of warnings since a moment: for whoever decides later than they thought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts import alert_store
from alerts.model import Alert
from contacts.divisions.codes import overlap
from data.database import Connection

MOST_CHANGES = 5
"""Warnings named (ours)."""

LOOKED_AT = 50
"""The newest warnings; what changed of older ones is history."""


def changes_since(connection: Connection, areas: Iterable[str], since: datetime) -> list[Alert]:
    """Warnings of these areas, or of parts, that were released or ended since; newest first."""
    codes = list(areas)
    found = [
        alert
        for alert in alert_store.alerts(connection, limit=LOOKED_AT)
        if _changed(alert, since) and overlap(codes, alert.areas)
    ]
    return found[:MOST_CHANGES]


def _changed(alert: Alert, since: datetime) -> bool:
    times = (alert.released_at, alert.cancelled_at, alert.lifted_at, alert.closed_at)
    return alert.released_at is not None and any(at is not None and at > since for at in times)
