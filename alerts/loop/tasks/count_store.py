"""How many tasks stand how: by division for daily reports, by list for charts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from alerts.loop.tasks.model import TaskList, TaskState
from alerts.loop.tasks.store import OPEN, OWED, inside
from data.tables.tasks import tasks as table

_C = table.c


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How the tasks of a division's posts stand: numbers of tasks.

    ``made``, ``done`` and ``due`` are of a span of time; the others as things stand at its end, as
    far as is known now.
    """

    made: int = 0
    done: int = 0  # struck off
    due: int = 0  # whose deadline lay in it
    open: int = 0  # not ended: open, taken or submitted
    submitted: int = 0
    overdue: int = 0
    supervised: int = 0

    def __add__(self, other: TaskCounts) -> TaskCounts:
        return TaskCounts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def counts_by_division(
    connection: Connection, since: datetime, until: datetime
) -> dict[str, TaskCounts]:
    """By the division of the post that answers for them; divisions without any are left out.

    :param since: and ``until``: the span, the end not included.
    """
    there = _C.created_at < until
    running = and_(there, or_(_C.ended_at.is_(None), _C.ended_at >= until))
    struck_off = _C.state == TaskState.STRUCK_OFF.value
    done = and_(struck_off, _C.ended_at >= since, _C.ended_at < until)
    query = (
        select(
            _C.responsible_division,
            _count(and_(_C.created_at >= since, there)),
            _count(done),
            _count(and_(there, _C.due_at >= since, _C.due_at < until)),
            _count(running),
            _count(and_(running, _C.state == TaskState.SUBMITTED.value)),
            _count(and_(running, OWED, _C.due_at < until)),
            _count(and_(running, _C.supervised_at.is_not(None))),
        )
        .where(there, or_(_C.ended_at.is_(None), _C.ended_at >= since))
        .group_by(_C.responsible_division)
    )
    return {row[0]: TaskCounts(*map(int, row[1:])) for row in connection.execute(query)}


def of_views(connection: Connection, code: str, now: datetime) -> TaskCounts:
    """How many of a division and below have not ended, wait for a check, are overdue, are under
    supervision."""
    query = select(
        func.count(),
        _count(_C.state == TaskState.SUBMITTED.value),
        _count(and_(OWED, _C.due_at <= now)),
        _count(_C.supervised_at.is_not(None)),
    ).where(inside([code]), OPEN)
    found, submitted, overdue, supervised = map(int, connection.execute(query).one())
    return TaskCounts(open=found, submitted=submitted, overdue=overdue, supervised=supervised)


def counts_by_list(
    connection: Connection, codes: Iterable[str], now: datetime
) -> dict[tuple[str, TaskList], dict[str, int]]:
    """For charts: by division of the post and list, how many in each state; ``overdue`` beside."""
    query = (
        select(
            _C.responsible_division,
            _C.in_list,
            _C.state,
            func.count(),
            _count(and_(OWED, _C.due_at <= now)),
        )
        .where(inside(codes))
        .group_by(_C.responsible_division, _C.in_list, _C.state)
    )
    found: dict[tuple[str, TaskList], dict[str, int]] = {}
    for code, in_list, state, number, late in connection.execute(query):
        counted = found.setdefault((code, TaskList(in_list)), {"overdue": 0})
        counted[state] = int(number)
        counted["overdue"] += int(late)
    return found


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
