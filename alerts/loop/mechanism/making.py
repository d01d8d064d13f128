"""What departments owe for a warning, as tasks: a maker (``alerts.loop.tasks.making``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.loop.mechanism import store
from alerts.loop.mechanism.holding import holding
from alerts.loop.mechanism.model import Mechanisms, owed_for, still_owed, template_key
from alerts.loop.mechanism.standing import Answer
from alerts.loop.tasks.model import Cause, CauseKind, NewTask, Responsible, Task, post_of
from alerts.model import Alert
from contacts.divisions.codes import tier_of
from contacts.organisations import place_code
from contacts.people import Role
from data.database import Connection


def any_owed(mechanisms: Mechanisms, connection: Connection, alert: Alert) -> bool:
    """Whether any department that a warning called owes something for it."""
    rows = owed_for(holding(connection, mechanisms), alert.hazard, alert.level)
    return bool(rows and store.called(connection, alert.id))


def owed_tasks(
    mechanisms: Mechanisms,
    connection: Connection,
    alert: Alert,
    codes: Sequence[str],
    now: datetime,
) -> Iterator[NewTask]:
    """What each department that was called in these divisions owes.

    The minutes count from the release, or the rise that asked everybody again; what is late before
    it is made is due a minute from now, so that it is told at once and then climbs.
    """
    rows = owed_for(holding(connection, mechanisms), alert.hazard, alert.level)
    if not rows or not codes:
        return
    begun = alert.asked_at or alert.released_at or alert.created_at
    there = set(codes)
    for department in store.called(connection, alert.id, min(codes), max(codes)):
        code = department.division_code
        if code not in there or department.answer is Answer.ENDED:
            continue
        for mechanism, at, owed in rows:
            if owed.organisation is not department.organisation or tier_of(code) not in owed.tiers:
                continue
            due = max(begun + timedelta(minutes=owed.minutes), now + timedelta(minutes=1))
            yield NewTask(
                owed.title,
                due,
                Responsible(code, Role.DEPARTMENT, place_code(code, department.organisation)),
                measure=owed.measure,
                alert_id=alert.id,
                ends_with_alert=True,
                cause=Cause(CauseKind.MECHANISM, alert.id),
                template=template_key(mechanism, at),
            )


def owed_still(
    mechanisms: Mechanisms, connection: Connection, alert: Alert, tasks: Sequence[Task]
) -> set[int]:
    """Which of these tasks of departments a warning, as it is now, still asks for."""
    owed, mechanisms = set(), holding(connection, mechanisms)
    for task in tasks:
        post = post_of(task.made_for)
        if still_owed(mechanisms, alert, task.template, post.division_code, post.place_code):
            owed.add(task.id)
    return owed
