"""What departments owe no more, because their warning was changed: lowered, or narrowed."""

from __future__ import annotations

from datetime import datetime

from alerts.loop.mechanism.model import TEMPLATES, Mechanisms, still_owed
from alerts.loop.tasks import lifecycle, store
from alerts.loop.tasks.acting import record, with_ladder
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import TaskEventKind, TaskState
from alerts.loop.tasks.telling import Told
from alerts.loop.tasks.whose import Whose, whose_many
from alerts.model import Alert
from alerts.outbox.task_messages import TaskWord
from data.database import Connection


def follow_change(
    connection: Connection, alert: Alert, mechanisms: Mechanisms, now: datetime
) -> int:
    """Withdraw what the warning, as it is now, asks of no department any more; returns how many.

    Who took it on is told.
    """
    if not store.any_ending_with(connection, alert.id):
        return 0
    over = [
        task
        for task in store.of_alert(connection, alert.id, unfinished=True)
        if task.template.startswith(TEMPLATES)
        and not still_owed(
            mechanisms,
            alert,
            task.template,
            task.responsible.division_code,
            task.responsible.place_code,
        )
    ]
    if not over:
        return 0
    told = Told()
    theirs = whose_many(connection, over, now)
    for task in over:
        ended = with_ladder(lifecycle.withdrawn(task, None, now), TaskRules(), now)
        detail = {"why": "warning_changed", "alert": alert.id, "version": alert.version}
        record(connection, ended, TaskEventKind.WITHDRAWN, None, now, detail=detail)
        if task.state is not TaskState.OPEN:
            told.tell(ended, Whose(theirs[task.id].told), TaskWord.WITHDRAWN)
    told.queue(connection, now)
    return len(over)
