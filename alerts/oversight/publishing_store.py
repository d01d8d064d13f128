"""What did not go out to other systems, as rows: for the watch over jiaoying itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from alerts.oversight.store import Waiting
from alerts.publishing.model import Outcome
from data.tables.columns import constant
from data.tables.publishing import outgoing_events as events
from data.tables.publishing import webhook_deliveries as deliveries

PATIENCE = timedelta(minutes=15)
"""For so long another system may be down before an officer is told (ours): it is tried again."""


def not_told(connection: Connection, now: datetime, since: datetime) -> Waiting:
    """What webhooks were not told: given up since then, or tried for a while without success."""
    given_up = (deliveries.c.state == constant(Outcome.DEAD.value)) & (deliveries.c.done_at > since)
    tried = (
        (deliveries.c.state == constant(Outcome.WAITING.value))
        & (deliveries.c.attempts > 0)
        & (deliveries.c.queued_at < now - PATIENCE)
    )
    query = select(func.count(), func.min(deliveries.c.queued_at)).where(or_(given_up, tried))
    return Waiting(*connection.execute(query).one())


def not_filed(connection: Connection, now: datetime) -> Waiting:
    """CAP messages of which no file could be written for a while."""
    query = select(func.count(), func.min(events.c.at)).where(
        events.c.filed_at.is_(None),
        events.c.message_number.is_not(None),
        events.c.at < now - PATIENCE,
    )
    return Waiting(*connection.execute(query).one())
