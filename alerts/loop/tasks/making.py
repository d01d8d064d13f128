"""The tasks of a warning, made after it was released: division after division of those called.

A *maker* says what the posts of some divisions owe for a warning: the templates of lists are one,
the mechanism of departments is another. It is asked in pieces, never in the release itself; again
when the level has risen, when what was made already for a post is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from alerts import alert_store
from alerts.loop.tasks import making_store
from alerts.loop.tasks.creating import DEFAULT_RULES, create_many
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import NewTask
from alerts.model import Alert
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

Maker = Callable[[Connection, Alert, Sequence[str], datetime], Iterable[NewTask]]
"""What the posts of these divisions (all called by the warning, by code) owe; each with
``alert_id`` and ``template``, by which it is made once."""

PIECE = 100
"""Divisions for which tasks are made in one transaction (ours)."""


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``run_due`` would find something to do."""
    return making_store.any_due(connection, now)


def run_due(
    connection: Connection,
    makers: Sequence[Maker],
    rules: TaskRules,
    now: datetime,
    *,
    limit: int = PIECE,
) -> int:
    """One piece of the warning that waits longest; how many divisions it was, at least 1.

    0: there is nothing to make.
    """
    making_store.begin(connection, now)
    waiting = making_store.first_due(connection, now)
    if waiting is None:
        return 0
    alert = alert_store.alert(connection, waiting.alert_id)
    if alert is None or not alert.in_force:
        making_store.done(connection, waiting)
        return 1
    codes = making_store.divisions_called(connection, alert.id, waiting.upto, limit)
    made = made_by_template(connection, alert, now, makers, codes, rules)
    if len(codes) < limit:
        making_store.done(connection, waiting, made)
        if waiting.made + made:
            detail = {"level": waiting.level, "tasks": waiting.made + made}
            append(connection, now, [Entry("task.made_for", f"alert:{alert.id}", None, detail)])
    else:
        making_store.go_on(connection, waiting, codes[-1], made, now)
    return max(len(codes), 1)


def set_first_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """Put off the warning whose tasks cannot be made; whether there was one."""
    making_store.begin(connection, now)
    waiting = making_store.first_due(connection, now)
    if waiting is None:
        return False
    making_store.put_off(connection, waiting, now + set_aside.AGAIN_AFTER)
    set_aside.note(connection, "task_making", waiting.alert_id, error, now)
    return True


def made_by_template(
    connection: Connection,
    alert: Alert,
    now: datetime,
    makers: Sequence[Maker],
    codes: Sequence[str],
    rules: TaskRules = DEFAULT_RULES,
) -> int:
    """Make what the posts of these divisions owe for a warning; how many tasks are new."""
    new = [task for maker in makers for task in maker(connection, alert, codes, now)]
    return len(create_many(connection, new, now, rules))
