"""What a chart of tasks counts: one statement, whatever the division."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, select, union_all

from alerts.loop.tasks.chart import DAYS, Counted, TaskChart, task_chart
from alerts.loop.tasks.model import TaskList, TaskState
from alerts.loop.tasks.store import OPEN, OWED, inside
from data.tables.tasks import tasks as table

_C = table.c


def chart_of(connection: Connection, division_code: str, now: datetime) -> TaskChart:
    """The chart of a division and all below it."""
    return task_chart(division_code, _counted(connection, division_code, now))


def _counted(connection: Connection, division_code: str, now: datetime) -> list[Counted]:
    late = func.count(case((and_(OWED, _C.due_at <= now), 1)))
    struck_off = and_(
        _C.state == TaskState.STRUCK_OFF.value, _C.ended_at >= now - timedelta(days=DAYS)
    )
    counted = select(_C.responsible_division, _C.in_list, _C.state, func.count(), late).where(
        inside([division_code])
    )
    # Each by its own index: with OR every task there ever was would be read.
    both = [
        counted.where(condition).group_by(_C.responsible_division, _C.in_list, _C.state)
        for condition in (OPEN, struck_off)
    ]
    return [
        (code, TaskList(in_list), TaskState(state), int(number), int(overdue))
        for code, in_list, state, number, overdue in connection.execute(union_all(*both))
    ]
