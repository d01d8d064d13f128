"""What did not go out to other systems, as rows: for the watch over jiaoying itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from alerts.oversight.store import Waiting
from alerts.publishing.model import Outcome
from data.tables.columns import constant
from data.tables.publishing import outgoing_events as events
from data.tables.publishing import webhook_deliveries as deliveries

PATIENCE = timedelta(minutes=15)
"""For so long another system may be down before an officer is told (ours): it is tried again."""

# Asked twice a minute: built once.
_NOT_TOLD = select(func.count(), func.min(deliveries.c.queued_at)).where(
    or_(
        and_(
            deliveries.c.state == constant(Outcome.DEAD.value),
            deliveries.c.done_at > bindparam("since"),
        ),
        and_(
            deliveries.c.state == constant(Outcome.WAITING.value),
            deliveries.c.attempts > 0,
            deliveries.c.queued_at < bindparam("before"),
        ),
    )
)
_NOT_FILED = select(func.count(), func.min(events.c.at)).where(
    events.c.filed_at.is_(None),
    events.c.message_number.is_not(None),
    events.c.at < bindparam("before"),
)


def not_told(connection: Connection, now: datetime, since: datetime) -> Waiting:
    """What webhooks were not told: given up since then, or tried for a while without success."""
    given = {"since": since, "before": now - PATIENCE}
    return Waiting(*connection.execute(_NOT_TOLD, given).one())


def not_filed(connection: Connection, now: datetime) -> Waiting:
    """CAP messages of which no file could be written for a while."""
    return Waiting(*connection.execute(_NOT_FILED, {"before": now - PATIENCE}).one())
