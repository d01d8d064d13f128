"""What the sweep reads and writes of tasks: what is due, and the next step of thousands at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import starmap
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, String, bindparam, select, update

from alerts.loop.tasks.model import Responsible, Step, TaskState
from alerts.loop.tasks.store import ROLES, STATES, STEPS
from data.json_rows import GIVEN_IDS, as_json, given_rows
from data.set_aside import DueColumn
from data.tables.columns import UtcDateTime, to_milliseconds
from data.tables.tasks import tasks as table

DUE = DueColumn("task", table.c.id, table.c.next_due_at)

_C = table.c
_ANY_DUE = select(_C.id).where(_C.next_due_at <= bindparam("now", type_=UtcDateTime)).limit(1)
_DUE = (
    select(
        _C.id,
        _C.responsible_division,
        _C.responsible_role,
        _C.responsible_place,
        _C.responsible_id,
        _C.state,
        _C.since_at,
        _C.due_at,
        _C.created_by,
        _C.taken_by,
        _C.submitted_by,
        _C.submitted_at,
        _C.supervised_at,
        _C.next_step,
        _C.next_due_at,
        _C.climbed,
    )
    .where(_C.next_due_at <= bindparam("now", type_=UtcDateTime))
    .order_by(_C.next_due_at, _C.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MOVED = given_rows(task=BigInteger(), step=String(), at=BigInteger(), climbed=Integer()).subquery(
    "moved"
)
# One statement for all rungs of a chunk. The state stays: it is in the condition of most indexes.
_MOVE = (
    update(table)
    .where(_C.id == _MOVED.c.task)
    .values(next_step=_MOVED.c.step, next_due_at=_MOVED.c.at, climbed=_MOVED.c.climbed)
)
_OPEN_AGAIN = (
    update(table)
    .where(_C.id.in_(GIVEN_IDS))
    .values(state=TaskState.OPEN.value, taken_by=None, taken_at=None)
)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether the sweep would find anything."""
    return connection.execute(_ANY_DUE, {"now": now}).first() is not None


class DueTask(NamedTuple):
    """What the sweep looks at of a task: the rest, of five thousand, is a fifth of its work."""

    id: int
    responsible: Responsible
    state: TaskState
    since_at: datetime
    due_at: datetime
    created_by: int | None
    taken_by: int | None
    submitted_by: int | None
    submitted_at: datetime | None
    supervised_at: datetime | None
    next_step: Step | None
    next_due_at: datetime
    climbed: int


def due(connection: Connection, now: datetime, limit: int) -> list[DueTask]:
    """What is due, the longest overdue first; locked."""
    rows = connection.execute(_DUE, {"now": now, "most": limit}).all()
    return list(starmap(_due_task, rows))


def _due_task(
    key: int,
    code: str,
    role: str,
    place: str,
    person_id: int | None,
    state: str,
    since_at: datetime,
    due_at: datetime,
    created_by: int | None,
    taken_by: int | None,
    submitted_by: int | None,
    submitted_at: datetime | None,
    supervised_at: datetime | None,
    step: str | None,
    at: datetime,
    climbed: int,
) -> DueTask:
    return DueTask(
        key,
        Responsible(code, ROLES[role], place, person_id),
        STATES[state],
        since_at,
        due_at,
        created_by,
        taken_by,
        submitted_by,
        submitted_at,
        supervised_at,
        STEPS[step],
        at,
        climbed,
    )


def move_on(
    connection: Connection, rows: Sequence[tuple[int, Step | None, datetime | None, int, bool]]
) -> None:
    """Write the next step of many tasks: id, step, when, tiers told, whether it is open again."""
    given = [
        (task_id, step and step.value, at and to_milliseconds(at), climbed)
        for task_id, step, at, climbed, _ in rows
    ]
    if given:
        connection.execute(_MOVE, {"rows": as_json(given)})
    if left := [task_id for task_id, *_, owed in rows if owed]:
        connection.execute(_OPEN_AGAIN, {"ids": as_json(left)})
