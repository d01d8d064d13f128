"""What every act on a task does: it is looked up, written, remembered and put in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.loop.tasks import event_store, store
from alerts.loop.tasks.ladder import TaskRules, first_due
from alerts.loop.tasks.model import Note, Task, TaskEvent, TaskEventKind, TaskProblem
from contacts import people_store
from contacts.people import Person
from contacts.phones import is_mobile
from data.audit import Entry, append, hidden, when_done
from data.database import Connection
from data.errors import NotFound

NO_NOTE = Note()


def known_task(connection: Connection, task_id: int, *, lock: bool = False) -> Task:
    """The task of this number.

    :raises NotFound: with ``UNKNOWN``.
    """
    task = store.task(connection, task_id, lock=lock)
    if task is None:
        raise NotFound(TaskProblem.UNKNOWN, task=task_id)
    return task


def with_ladder(task: Task, rules: TaskRules, now: datetime) -> Task:
    """The task with its ladder set anew, from now on."""
    step = first_due(task, rules, now)
    if step is None:
        return replace(task, next_step=None, next_due_at=None)
    return replace(task, next_step=step[0], next_due_at=step[1])


def record(
    connection: Connection,
    task: Task,
    kind: TaskEventKind,
    by: Person | None,
    now: datetime,
    *,
    note: Note = NO_NOTE,
    until: datetime | None = None,
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    save: bool = True,
) -> Task:
    """Write what a task has become, and that it happened, in the history and in the trail.

    The trail does not repeat people's words or files: they are in the history.

    :param at: when it happened, if that was before now.
    """
    if save:
        store.save(connection, task)
    actor = None if by is None else by.id
    kept = dict(detail) if detail else None
    happened = at or now
    event_store.add(connection, [TaskEvent(task.id, kind, happened, actor, note, until, kept)])
    told = {**(detail or {}), **when_done(happened, now)}
    if until is not None:
        told["until"] = until.isoformat()
    if note.shows:
        told["evidence"] = sorted(shown.value for shown in note.shows)
    told.pop("account", None)
    append(connection, now, [Entry(f"task.{kind.value}", f"task:{task.id}", actor, told or None)])
    return task


def same_person(connection: Connection, one: Person, other_id: int | None) -> bool:
    """Whether somebody is the other: by id, by a mobile of theirs, or by the account in use.

    An office's telephone is shared; a mobile is one person's, whatever names the roster has for it.
    """
    if other_id is None:
        return False
    if one.id == other_id:
        return True
    other = people_store.person(connection, other_id)
    if other is None:
        return False
    if one.telegram_id is not None and one.telegram_id == other.telegram_id:
        return True
    shared = set(one.numbers) & set(other.numbers)
    return any(is_mobile(number) for number in shared)


def account_of(connection: Connection, person: Person) -> str | None:
    """A stand-in for the account somebody acts by: the same for the same, and told to nobody."""
    return None if person.telegram_id is None else hidden(connection, str(person.telegram_id))
