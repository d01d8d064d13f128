"""What whoever has a task does with it: 接手, 进展, 完成, 延期申请."""

from __future__ import annotations

from datetime import datetime

from alerts.loop.tasks import event_store, lifecycle
from alerts.loop.tasks.acting import account_of, known_task, record, with_ladder
from alerts.loop.tasks.checking import checkers
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import Note, Task, TaskEventKind, TaskProblem, TaskState
from alerts.loop.tasks.telling import ask_check
from alerts.loop.tasks.whose import answers_for
from contacts import people_store
from contacts.access import Access
from contacts.people import Person
from data.database import Connection
from data.errors import Conflict, NotAllowed


def take(connection: Connection, task_id: int, by: Person, rules: TaskRules, now: datetime) -> Task:
    """接手. Twice by the same person is once; of whoever has left it can be taken over.

    :raises NotFound: no such task.
    :raises NotAllowed: with ``NOT_YOURS``: neither of the post, nor named, nor in charge there.
    :raises Conflict: with ``TAKEN``, ``SUBMITTED``, ``ENDED``, ``WITH_WARNING``.
    """
    task = _of(connection, task_id, by)
    took = lifecycle.taken(task, by.id, now)
    if took is task:
        return task
    return record(connection, with_ladder(took, rules, now), TaskEventKind.TAKEN, by, now)


def add_progress(
    connection: Connection,
    task_id: int,
    by: Person,
    note: Note,
    rules: TaskRules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> Task:
    """进展: words, a file, a position. Of what is submitted already it is kept with it.

    Whoever tells of something nobody has taken takes it.

    :param done_at: when it was told, if that was before now; told before the task ended, it is
        kept with it.
    :raises NotFound: no such task.
    :raises NotAllowed: see ``take``.
    :raises InvalidInput: with ``TOO_LONG``.
    :raises Conflict: with ``TAKEN``, ``ENDED``, ``WITH_WARNING``.
    """
    task = _of(connection, task_id, by)
    lifecycle.check_words(note.words)
    if lifecycle.ended_since(task, done_at):
        return _keep(connection, task, TaskEventKind.PROGRESS, by, note, done_at, now)
    lifecycle.unfinished(task)
    if task.state is TaskState.SUBMITTED:
        if by.id != task.submitted_by:
            raise Conflict(TaskProblem.SUBMITTED, task=task.id)
    elif task.state is TaskState.OPEN:
        task = take(connection, task_id, by, rules, now)
    else:
        lifecycle.taken(task, by.id, now)
    at = _when(task, done_at, now)
    return record(connection, task, TaskEventKind.PROGRESS, by, now, note=note, at=at, save=False)


def submit(
    connection: Connection,
    task_id: int,
    by: Person,
    note: Note,
    rules: TaskRules,
    now: datetime,
    *,
    done_at: datetime | None = None,
) -> Task:
    """完成: it waits for a second person, who gets what shows it.

    :param done_at: when it was said to be done, if that was before now; said before the task
        ended, it is kept with it, and nobody need check it any more.
    :raises NotFound: no such task.
    :raises NotAllowed: see ``take``.
    :raises InvalidInput: with ``NO_EVIDENCE`` (the facts name what is ``missing``), ``TOO_LONG``.
    :raises Conflict: with ``TAKEN``, ``SUBMITTED``, ``ENDED``, ``WITH_WARNING``.
    """
    task = _of(connection, task_id, by)
    lifecycle.check_words(note.words)
    if lifecycle.ended_since(task, done_at):
        return _keep(connection, task, TaskEventKind.SUBMITTED, by, note, done_at, now)
    # What was sent before it was sent back shows nothing any more.
    shown = event_store.shown(connection, task.id) | note.shows
    at = _when(task, done_at, now)
    done = with_ladder(lifecycle.submitted(task, by.id, shown, at), rules, now)
    detail = {"account": account_of(connection, by)}
    record(connection, done, TaskEventKind.SUBMITTED, by, now, note=note, detail=detail, at=at)
    fresh = event_store.since_returned(event_store.of_task(connection, task.id))
    files = [event.id for event in fresh if event.note.shows]
    ask_check(connection, done, checkers(connection, done, now), files[-MOST_FILES:], now)
    return done


MOST_FILES = 6
"""Files sent along with the question whether it is done (ours); the others are in the history."""


def ask_extension(
    connection: Connection,
    task_id: int,
    by: Person,
    until: datetime,
    reason: str,
    now: datetime,
) -> Task:
    """延期申请: whoever may check it decides. A second one takes the place of the first.

    :raises NotFound: no such task.
    :raises NotAllowed: see ``take``.
    :raises InvalidInput: with ``PAST``, ``NOT_LATER``, ``NO_REASON``, ``TOO_LONG``.
    :raises Conflict: with ``TAKEN``, ``SUBMITTED``, ``ENDED``, ``WITH_WARNING``.
    """
    task = _of(connection, task_id, by)
    lifecycle.check_reason(task, reason)
    asked = lifecycle.extension_asked(task, by.id, until, now)
    if task.state is TaskState.TAKEN:
        lifecycle.taken(task, by.id, now)
    record(
        connection,
        asked,
        TaskEventKind.EXTENSION_ASKED,
        by,
        now,
        note=Note(reason.strip()),
        until=until,
    )
    ask_check(connection, asked, checkers(connection, asked, now), (), now)
    return asked


def _keep(
    connection: Connection,
    task: Task,
    kind: TaskEventKind,
    by: Person,
    note: Note,
    done_at: datetime | None,
    now: datetime,
) -> Task:
    """What was told before the task ended, and is heard now: it is in its history from then."""
    at = _when(task, done_at, now)
    return record(connection, task, kind, by, now, note=note, at=at, save=False)


def _when(task: Task, done_at: datetime | None, now: datetime) -> datetime:
    """When something was done: not before it was owed, or taken."""
    return min(now, max(done_at or now, task.since_at, task.taken_at or task.since_at))


def _of(connection: Connection, task_id: int, by: Person) -> Task:
    """The task, for whoever may work on it; open again when whoever took it has left."""
    task = known_task(connection, task_id, lock=True)
    if not by.active:
        raise NotAllowed(Access.INACTIVE)
    if not answers_for(by, task):
        raise NotAllowed(TaskProblem.NOT_YOURS, task=task_id)
    if task.state is TaskState.TAKEN and task.taken_by not in (None, by.id):
        had = people_store.person(connection, task.taken_by or 0)
        if had is None or not had.active:
            task = lifecycle.given_up(task)
    return task
