"""Tasks are made: one by hand, many by a template, a mechanism or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.loop.tasks import event_store, store, sweep_store
from alerts.loop.tasks.ladder import TaskRules, first_due
from alerts.loop.tasks.lifecycle import check_new, unfinished
from alerts.loop.tasks.model import (
    NewTask,
    Task,
    TaskEvent,
    TaskEventKind,
    TaskProblem,
)
from alerts.loop.tasks.telling import Told
from alerts.loop.tasks.whose import whose_many
from alerts.outbox.task_messages import TaskWord
from contacts import people_store
from contacts.access import may_be_informed, require
from contacts.divisions.codes import contains
from data.audit import Entry, append
from data.database import Connection
from data.errors import InvalidInput, NotFound

DEFAULT_RULES = TaskRules()


def create(
    connection: Connection, new: NewTask, now: datetime, rules: TaskRules = DEFAULT_RULES
) -> Task:
    """Make one task, and tell whoever has it; the one that is there, if it was made by the same
    template, of the same warning for the same post.

    :raises InvalidInput: with a ``TaskProblem``: no title, a deadline that has passed, a place that
        is not in the post's line of divisions.
    :raises NotAllowed: ``created_by`` is nobody who is informed of the post's division.
    :raises NotFound: with ``UNKNOWN``: no such parent.
    :raises Conflict: with ``ENDED``: the parent has ended.
    """
    made = create_many(connection, [new], now, rules)
    if made:
        return made[0]
    assert new.alert_id is not None
    there = store.by_template(connection, new.alert_id, new.key)
    assert there is not None
    return there


def create_many(
    connection: Connection,
    new: Sequence[NewTask],
    now: datetime,
    rules: TaskRules = DEFAULT_RULES,
) -> list[Task]:
    """Make many in a few statements; each person is told once of all that is theirs.

    What was made already by the same template, of the same warning for the same post, is left out.

    :raises: as ``create``, for the first that is refused: then none is made.
    """
    checked = _not_made_yet(connection, [_checked(connection, one, now) for one in new])
    ids = store.add_many(connection, checked, now)
    made = list(store.tasks(connection, ids).values())
    made.sort(key=lambda task: task.id)
    told, events, moves, entries = Told(), [], [], []
    holders = whose_many(connection, made, now)
    for at, task in enumerate(made):
        step = first_due(task, rules, now)
        assert step is not None
        made[at] = replace(task, next_step=step[0], next_due_at=step[1])
        moves.append((task.id, step[0], step[1], 0, False))
        theirs = holders[task.id]
        told.tell(task.id, theirs, TaskWord.NEW)
        detail: dict[str, object] = {"told": [person.id for person in theirs.told]}
        events.append(
            TaskEvent(task.id, TaskEventKind.CREATED, now, task.created_by, detail=detail)
        )
        if theirs.handed_over:
            why = "vacant" if theirs.vacant else "out_of_reach"
            events.append(
                TaskEvent(task.id, TaskEventKind.HANDED_OVER, now, detail={**detail, "why": why})
            )
        entries.append(Entry("task.created", f"task:{task.id}", task.created_by, _about(task)))
    sweep_store.move_on(connection, moves)
    event_store.add(connection, events)
    told.queue(connection, now)
    append(connection, now, entries)
    return made


def _checked(connection: Connection, new: NewTask, now: datetime) -> NewTask:
    new = check_new(new, now)
    post = new.responsible.division_code
    if not (contains(post, new.division_code) or contains(new.division_code, post)):
        raise InvalidInput(TaskProblem.OUTSIDE, place=new.division_code, post=post)
    if new.created_by is not None:
        by = people_store.person(connection, new.created_by)
        require(may_be_informed(by, post), division=post)
    if new.parent_id is not None:
        parent = store.task(connection, new.parent_id)
        if parent is None:
            raise NotFound(TaskProblem.UNKNOWN, task=new.parent_id)
        unfinished(parent)
    return new


def _not_made_yet(connection: Connection, new: list[NewTask]) -> list[NewTask]:
    by_alert: dict[int, list[NewTask]] = {}
    for one in new:
        if one.template and one.alert_id is not None:
            by_alert.setdefault(one.alert_id, []).append(one)
    made: set[tuple[int, tuple[str, str]]] = set()
    for alert_id, some in by_alert.items():
        there = store.made_already(connection, alert_id, {one.key for one in some})
        made |= {(alert_id, key) for key in there}
    kept = []
    for one in new:
        if one.template and one.alert_id is not None:
            key = one.alert_id, one.key
            if key in made:
                continue
            made.add(key)
        kept.append(one)
    return kept


def _about(task: Task) -> dict[str, object]:
    post = task.responsible
    about: dict[str, object] = {
        "list": task.in_list.value,
        "title": task.title,
        "division": post.division_code,
        "role": post.role.value,
        "due": task.due_at.isoformat(),
    }
    more = {
        "place": post.place_code,
        "alert": task.alert_id,
        "template": task.template,
        "version": task.template_version,
        "parent": task.parent_id,
        "cause": None if task.cause is None else f"{task.cause.kind.value}:{task.cause.id}",
    }
    return about | {key: value for key, value in more.items() if value}
