"""The tasks of a warning, made after it was released or changed: division after division.

A *way* says what the posts of some divisions owe for a warning: the templates of lists are one,
the mechanism of departments is another. It is asked in pieces, never in the release itself; again
after every change, when what was made already for a post is left out, what was withdrawn by an
earlier change is opened again, and what the warning asks for no more is withdrawn. So whatever rose
and fell, what is open is what the warning owes as it is now, less what was done or given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import alert_store
from alerts.loop.tasks import following, making_store, store
from alerts.loop.tasks.creating import DEFAULT_RULES, create_many
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.making_store import Making
from alerts.loop.tasks.model import NewTask, Task
from alerts.model import Alert
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

Maker = Callable[[Connection, Alert, Sequence[str], datetime], Iterable[NewTask]]
"""What the posts of these divisions (all called by the warning, by code) owe; each with
``alert_id`` and ``template``, by which it is made once."""

Begun = Callable[[Connection, Alert, datetime], None]
"""What else is done when the tasks of a warning are looked for the first time."""

AnyOwed = Callable[[Connection, Alert], bool]
"""Whether a warning, as it is now, asks anything of anybody in this way."""

StillOwed = Callable[[Connection, Alert, Sequence[Task]], set[int]]
"""Which of these tasks, by id, the warning asks for as it is now."""


@dataclass(frozen=True, slots=True)
class Way:
    """How posts come to owe something for a warning; its templates begin with ``prefix``."""

    prefix: str
    any_owed: AnyOwed
    owed: Maker
    still_owed: StillOwed


PIECE = 100
"""Divisions for which tasks are made in one transaction (ours)."""


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``run_due`` would find something to do."""
    return making_store.any_due(connection, now)


def run_due(
    connection: Connection,
    ways: Sequence[Way],
    rules: TaskRules,
    now: datetime,
    *,
    limit: int = PIECE,
    begun: Begun | None = None,
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
    if begun is not None and not waiting.upto and alert.version == 1:
        begun(connection, alert, now)
    # Most warnings of a province ask nothing here: its 12,000 divisions are not walked through.
    walked = bool(waiting.upto) or any(way.any_owed(connection, alert) for way in ways)
    called, owing, last = _piece(connection, alert, waiting, limit if walked else 0, limit)
    _withdraw(connection, alert, ways, owing, now)
    made = made_by_template(connection, alert, now, ways, called, rules)
    if last is None:
        making_store.done(connection, waiting, made)
        if waiting.made + made:
            detail = {"level": waiting.level, "tasks": waiting.made + made}
            append(connection, now, [Entry("task.made_for", f"alert:{alert.id}", None, detail)])
    else:
        making_store.go_on(connection, waiting, last, made, now)
    return max(len(called), len(owing), 1)


def _piece(
    connection: Connection, alert: Alert, waiting: Making, most: int, limit: int
) -> tuple[list[str], list[str], str | None]:
    """The next divisions that are called (at most ``most``), those that owe something already, and
    the last of both; ``None``: there are no more."""
    called: list[str] = []
    if most:
        called = making_store.divisions_called(connection, alert.id, waiting.upto, most)
    owing = []
    if alert.version > 1:  # before the first change nothing is to be withdrawn
        owing = store.divisions_owing(connection, alert.id, waiting.upto, limit)
    full = [codes[-1] for codes in (called, owing) if len(codes) >= limit]
    if not full:
        return called, owing, None
    last = min(full)
    return (
        [code for code in called if code <= last],
        [code for code in owing if code <= last],
        last,
    )


def _withdraw(
    connection: Connection,
    alert: Alert,
    ways: Sequence[Way],
    codes: Sequence[str],
    now: datetime,
) -> None:
    """What the warning asks of these divisions no more."""
    if not codes:
        return
    tasks = store.made_for(connection, alert.id, codes)
    over = []
    for way in ways:
        theirs = [task for task in tasks if task.template.startswith(way.prefix)]
        owed = way.still_owed(connection, alert, theirs) if theirs else set()
        over += [task for task in theirs if task.id not in owed]
    if over:
        following.withdraw(connection, alert, over, now)


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
    ways: Sequence[Way],
    codes: Sequence[str],
    rules: TaskRules = DEFAULT_RULES,
) -> int:
    """Make what the posts of these divisions owe for a warning; how many tasks are new, or open
    again."""
    owed = [task for way in ways for task in way.owed(connection, alert, codes, now)]
    again = 0
    if owed and alert.version > 1:
        again = following.reopen(connection, alert, owed, rules, now)
    return again + len(create_many(connection, owed, now, rules))
