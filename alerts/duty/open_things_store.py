"""What is open in a division: what whoever hands over a watch must not forget to say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from alerts import alert_store
from alerts.calls import CallState
from alerts.loop.tasks import count_store
from alerts.model import IN_FORCE
from contacts.divisions.codes import code_range, overlap
from data.tables.alerts import calls, help_requests
from data.tables.contacts import people
from data.tables.duty import duty_gaps
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import check_in_watches, distress_calls

KINDS = (
    "warnings",
    "silent",
    "help",
    "distress",
    "hotspots",
    "patrol_silent",
    "tasks",
    "tasks_overdue",
    "gaps",
)
"""What is counted, the order in which it is said."""


def open_things(connection: Connection, code: str, now: datetime) -> dict[str, int]:
    """How many of each kind are open in a division and below; what there is none of is left out."""
    low, high = code_range(code)
    running = [
        alert for alert in alert_store.alerts(connection, *IN_FORCE) if overlap([code], alert.areas)
    ]
    ids = [alert.id for alert in running]
    counts: dict[str, int] = {"warnings": len(running)}
    if ids:
        counts["silent"] = _count(
            connection,
            calls.c.alert_id.in_(ids),
            calls.c.state == CallState.WAITING.value,
            calls.c.division_code.between(low, high),
        )
        counts["help"] = _count(
            connection,
            help_requests.c.alert_id.in_(ids),
            help_requests.c.resolved_at.is_(None),
            help_requests.c.division_code.between(low, high),
        )
    there = people.c.division_code.between(low, high)
    counts["distress"] = _count(
        connection,
        distress_calls.c.cleared_at.is_(None),
        distress_calls.c.sent_at.is_not(None),
        distress_calls.c.person_id == people.c.id,
        there,
    )
    counts["hotspots"] = _count(
        connection,
        hotspot_tasks.c.verdict.is_(None),
        hotspot_tasks.c.due_at.is_not(None),
        hotspot_tasks.c.county_code.between(low, high),
    )
    counts["patrol_silent"] = _count(
        connection,
        check_in_watches.c.missed_at.is_not(None),
        check_in_watches.c.person_id == people.c.id,
        there,
    )
    counts["gaps"] = _count(
        connection,
        duty_gaps.c.division_code == code,
        duty_gaps.c.closed_at.is_(None),
        duty_gaps.c.ends_at > now,
    )
    tasks = count_store.of_views(connection, code, now)
    counts["tasks"], counts["tasks_overdue"] = tasks.open, tasks.overdue
    return {kind: counts[kind] for kind in KINDS if counts.get(kind)}


def _count(connection: Connection, *wanted: Any) -> int:
    return int(connection.execute(select(func.count()).where(*wanted)).scalar_one())
