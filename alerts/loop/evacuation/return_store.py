"""Which calls home were made for which warning, as rows."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from alerts.model import State
from data.tables.alerts import alerts
from data.tables.household_moves import returns

_COUNTS = [state.value for state in (State.RELEASED, State.CLOSED, State.LIFTED, State.EXPIRED)]
"""One that was taken back, or never released, called nobody home."""


def add(connection: Connection, alert_id: int, of_alert_id: int) -> None:
    """A call home was made for this warning."""
    connection.execute(insert(returns).values(alert_id=alert_id, of_alert_id=of_alert_id))


def called_home(connection: Connection, of_alert_id: int) -> set[str]:
    """The villages that were called home for this warning."""
    query = (
        select(alerts.c.areas)
        .join(returns, returns.c.alert_id == alerts.c.id)
        .where(returns.c.of_alert_id == of_alert_id, alerts.c.state.in_(_COUNTS))
    )
    return {code for areas in connection.execute(query).scalars() for code in areas}


def calls_home(connection: Connection, of_alert_id: int) -> list[int]:
    """The numbers of the calls home made for this warning, the first first."""
    query = select(returns.c.alert_id).where(returns.c.of_alert_id == of_alert_id)
    return list(connection.execute(query.order_by(returns.c.alert_id)).scalars())
