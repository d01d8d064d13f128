"""What a warning's change makes of its tasks: withdrawn when it asks no more, owed again when it
does.

A warning may fall and rise again as often as it likes. What it owes no more is withdrawn; what was
withdrawn so is reopened when it is owed once more, with its history and a new term. What was done
and struck off stays done, and what a person withdrew stays withdrawn, for the whole warning.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from alerts.loop.tasks import lifecycle, store
from alerts.loop.tasks.acting import record, with_ladder
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import NewTask, Task, TaskEventKind, TaskState
from alerts.loop.tasks.telling import Told, take_buttons
from alerts.loop.tasks.whose import Whose, whose_many
from alerts.model import Alert
from alerts.outbox.task_messages import TaskWord
from data.database import Connection


def withdraw(connection: Connection, alert: Alert, over: Sequence[Task], now: datetime) -> None:
    """The warning, as it is now, asks for none of these; who took one on is told."""
    told = Told()
    theirs = whose_many(connection, over, now)
    for task in over:
        ended = with_ladder(lifecycle.withdrawn(task, None, now), TaskRules(), now)
        detail = {"why": "warning_changed", "alert": alert.id, "version": alert.version}
        record(connection, ended, TaskEventKind.WITHDRAWN, None, now, detail=detail)
        if task.state is not TaskState.OPEN:
            told.tell(task.id, Whose(theirs[task.id].told), TaskWord.WITHDRAWN)
    take_buttons(connection, over, now)
    told.queue(connection, now)


def reopen(
    connection: Connection,
    alert: Alert,
    owed: Collection[NewTask],
    rules: TaskRules,
    now: datetime,
) -> int:
    """Of what is owed now, open again what a change had withdrawn; returns how many.

    As it is owed now: by the post, with the words, the evidence and the term of today's template.
    """
    wanted = {task.key: task for task in owed if task.template and task.alert_id == alert.id}
    there = store.withdrawn_by_itself(connection, alert.id, wanted)
    again = [
        with_ladder(lifecycle.reopened(task, wanted[task.key], now), rules, now)
        for task in there
        if task.key in wanted
    ]
    told = Told()
    theirs = whose_many(connection, again, now)
    for task in again:
        told.tell(task.id, theirs[task.id], TaskWord.AGAIN)
        detail = {
            "why": "warning_changed",
            "alert": alert.id,
            "version": alert.version,
            "due": task.due_at.isoformat(),
            "told": [person.id for person in theirs[task.id].told],
        }
        record(connection, task, TaskEventKind.REOPENED, None, now, detail=detail)
    told.queue(connection, now)
    return len(again)
