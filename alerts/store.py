"""Rows to alerts, and back; with ``Calls``, all a use case needs. No rule lives here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    bindparam,
    func,
    insert,
    select,
    update,
)

from alerts.call_store import Calls
from alerts.calls import Call
from alerts.model import Alert, Hazard, Level, State, Status
from data.tables.alerts import alerts, calls
from data.tables.contacts import divisions

_BY_ID = select(alerts).where(alerts.c.id == bindparam("key"))


class Alerts(Calls):
    """Alerts and their calls, on one connection: inside a unit of work, or for reading."""

    def add(self, values: Mapping[str, Any]) -> int:
        """Store a new alert; returns its id."""
        key = self.connection.execute(insert(alerts).values(values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def alert(self, alert_id: int) -> Alert | None:
        """The alert, or ``None``."""
        row = self.connection.execute(_BY_ID, {"key": alert_id}).first()
        return None if row is None else as_alert(row)

    def alerts(self, *states: State, limit: int = 50) -> list[Alert]:
        """The newest alerts in these states (all states when none is named), newest first."""
        query = select(alerts).order_by(alerts.c.id.desc()).limit(limit)
        if states:
            query = query.where(alerts.c.state.in_([state.value for state in states]))
        return [as_alert(row) for row in self.connection.execute(query)]

    def change_alert(self, alert_id: int, **values: Any) -> None:
        """Set columns of an alert."""
        self.connection.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))

    def last_serial(self, prefix: str) -> int:
        """How many identifiers already begin with ``prefix``."""
        query = select(func.count()).where(alerts.c.identifier.startswith(prefix))
        return int(self.connection.execute(query).scalar_one())

    def ended(self, now: datetime) -> list[Alert]:
        """Alerts still pending or in force whose time is over."""
        query = select(alerts).where(
            alerts.c.state.in_([State.PENDING.value, State.RELEASED.value, State.CLOSED.value]),
            alerts.c.expires_at <= now,
        )
        return [as_alert(row) for row in self.connection.execute(query)]

    def known_divisions(self, codes: Iterable[str]) -> set[str]:
        """Those of ``codes`` that are divisions."""
        query = select(divisions.c.code).where(divisions.c.code.in_(list(codes)))
        return set(self.connection.execute(query).scalars())

    def calls_of_person(self, person_id: int, *, limit: int = 20) -> list[tuple[Call, Alert]]:
        """The person's newest calls with their alerts, newest first."""
        query = (
            select(calls.c.id, calls.c.alert_id)
            .where(calls.c.person_id == person_id)
            .order_by(calls.c.id.desc())
            .limit(limit)
        )
        found = []
        for row in self.connection.execute(query).all():
            call, alert = self.call(row.id), self.alert(row.alert_id)
            assert call is not None and alert is not None
            found.append((call, alert))
        return found


def as_alert(row: Row[Any]) -> Alert:
    """The alert of a row of ``alerts``."""
    values = dict(row._mapping)
    values.update(
        status=Status(row.status),
        level=Level(row.level),
        hazard=Hazard(row.hazard),
        state=State(row.state),
        areas=tuple(row.areas),
    )
    return Alert(**values)
