"""Calls and alerts whose step fails again and again: put off, so that all others are chased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from alerts import alert_store
from data import set_aside
from data.database import DatabaseError
from data.errors import StoreError
from data.json_rows import GIVEN_IDS, as_json
from data.set_aside import DueColumn
from data.tables.alerts import calls

CALLS_DUE = DueColumn("call", calls.c.id, calls.c.due_at)
REPORTS_DUE = DueColumn("report", calls.c.id, calls.c.report_due_at)

MOST_OF_ALERT = 5
"""Calls of one alert that are set aside one by one; then all its calls are (ours): a province's
would take the better part of an hour."""


def set_call_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """Set aside the call whose step is due first, or its whole alert; whether there was one.

    An alert is at fault when it cannot be read, or when several of its calls fail.
    """
    call_id = set_aside.first_due(connection, CALLS_DUE, now)
    if call_id is None:
        return False
    alert_id = int(
        connection.execute(select(calls.c.alert_id).where(calls.c.id == call_id)).scalar_one()
    )
    if not _readable(connection, alert_id) or _set_aside(connection, alert_id, now) >= (
        MOST_OF_ALERT - 1
    ):
        set_aside.put_off(connection, CALLS_DUE, now, calls.c.alert_id == alert_id)
        set_aside.note(connection, "alert", alert_id, error, now)
        return True
    return set_aside.set_head_aside(connection, CALLS_DUE, now, error)


def _readable(connection: Connection, alert_id: int) -> bool:
    try:
        return alert_store.alert(connection, alert_id) is not None
    except (StoreError, DatabaseError):
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        return False


def _set_aside(connection: Connection, alert_id: int, now: datetime) -> int:
    """How many of its calls are set aside."""
    rows = [int(row) for row in set_aside.waiting(connection, CALLS_DUE.topic, now)]
    query = select(func.count()).where(calls.c.id.in_(GIVEN_IDS), calls.c.alert_id == alert_id)
    return int(connection.execute(query, {"ids": as_json(rows)}).scalar_one()) if rows else 0
