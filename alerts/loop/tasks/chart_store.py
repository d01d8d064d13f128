"""What a chart of tasks counts: one statement, whatever the division."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, union_all

from alerts.loop.tasks.chart import DAYS, Counted, TaskChart, task_chart
from alerts.loop.tasks.model import Task, TaskList, TaskState
from alerts.loop.tasks.store import OPEN, OWED, as_task, inside
from data.tables.tasks import tasks as table

_C = table.c


def chart_of(connection: Connection, division_code: str, now: datetime) -> TaskChart:
    """The chart of a division and all below it."""
    return task_chart(division_code, _counted(connection, division_code, now))


def charted(connection: Connection, division_code: str, now: datetime) -> list[Task]:
    """The tasks that it counts: those not ended, the soonest due first; then those struck off."""
    found: list[Task] = []
    for condition in (OPEN, _struck_off(now)):
        query = select(table).where(inside([division_code]), condition)
        found += map(as_task, connection.execute(query.order_by(_C.due_at, _C.id)))
    return found


def _struck_off(now: datetime) -> ColumnElement[bool]:
    """Lately: charts are of a month."""
    since = now - timedelta(days=DAYS)
    return and_(_C.state == TaskState.STRUCK_OFF.value, _C.ended_at >= since)


def _counted(connection: Connection, division_code: str, now: datetime) -> list[Counted]:
    late = func.count(case((and_(OWED, _C.due_at <= now), 1)))
    counted = select(_C.responsible_division, _C.in_list, _C.state, func.count(), late).where(
        inside([division_code])
    )
    # Each by its own index: with OR every task there ever was would be read.
    both = [
        counted.where(condition).group_by(_C.responsible_division, _C.in_list, _C.state)
        for condition in (OPEN, _struck_off(now))
    ]
    return [
        (code, TaskList(in_list), TaskState(state), int(number), int(overdue))
        for code, in_list, state, number, overdue in connection.execute(union_all(*both))
    ]
