"""What can become of a task: each act as the task it makes. Pure.

``open → taken → submitted → struck off``; sent back it is taken again; withdrawn from anywhere
before its end. Who may is asked elsewhere, but for what the task itself knows: whoever submitted
does not strike off.

Every act raises ``Conflict`` with ``ENDED`` (``WITH_WARNING``: it was withdrawn for its warning is
over) when there is nothing to be done any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.loop.tasks.model import (
    LONGEST_TITLE,
    LONGEST_WORDS,
    Evidence,
    NewTask,
    Task,
    TaskProblem,
    TaskState,
)
from data.errors import Conflict, InvalidInput

FARTHEST = timedelta(days=3660)
"""How far ahead a deadline may lie (ours)."""


def check_new(new: NewTask, now: datetime) -> NewTask:
    """The task as it is made: its words trimmed, its place filled in.

    :raises InvalidInput: no title, words too long, or a deadline that is past or years away.
    """
    title, measure = " ".join(new.title.split()), new.measure.strip()
    if not title:
        raise InvalidInput(TaskProblem.NO_TITLE)
    if len(title) > LONGEST_TITLE:
        raise InvalidInput(TaskProblem.TOO_LONG, most=LONGEST_TITLE, length=len(title))
    check_words(measure)
    check_deadline(new.due_at, now)
    division = new.division_code or new.responsible.division_code
    return replace(new, title=title, measure=measure, division_code=division)


def check_words(words: str) -> None:
    """:raises InvalidInput: with ``TOO_LONG``."""
    if len(words) > LONGEST_WORDS:
        raise InvalidInput(TaskProblem.TOO_LONG, most=LONGEST_WORDS, length=len(words))


def check_reason(task: Task, reason: str) -> None:
    """:raises InvalidInput: with ``NO_REASON`` or ``TOO_LONG``."""
    if not reason.strip():
        raise InvalidInput(TaskProblem.NO_REASON, task=task.id)
    check_words(reason)


def check_changed(changed: Task, before: Task, now: datetime) -> None:
    """:raises InvalidInput: with ``NO_TITLE``, ``TOO_LONG``, ``PAST``, ``TOO_FAR``."""
    if not changed.title:
        raise InvalidInput(TaskProblem.NO_TITLE)
    if len(changed.title) > LONGEST_TITLE:
        raise InvalidInput(TaskProblem.TOO_LONG, most=LONGEST_TITLE, length=len(changed.title))
    check_words(changed.measure)
    if changed.due_at != before.due_at:
        check_deadline(changed.due_at, now)


def check_deadline(due_at: datetime, now: datetime) -> None:
    """:raises InvalidInput: with ``PAST`` or ``TOO_FAR``."""
    if due_at <= now:
        raise InvalidInput(TaskProblem.PAST, due=due_at)
    if due_at - now > FARTHEST:
        raise InvalidInput(TaskProblem.TOO_FAR, due=due_at)


def taken(task: Task, by: int, now: datetime) -> Task:
    """接手. The same person again changes nothing.

    :raises Conflict: with ``TAKEN`` or ``SUBMITTED``: somebody else has it.
    """
    unfinished(task)
    if task.taken_by == by and task.state is TaskState.TAKEN:
        return task
    if task.state is TaskState.SUBMITTED:
        raise Conflict(TaskProblem.SUBMITTED, task=task.id)
    if task.state is TaskState.TAKEN:
        raise Conflict(TaskProblem.TAKEN, task=task.id, by=task.taken_by)
    return replace(task, state=TaskState.TAKEN, taken_by=by, taken_at=now)


def submitted(task: Task, by: int, shown: Collection[Evidence], now: datetime) -> Task:
    """完成. Whoever submits what nobody has taken yet takes it.

    :param shown: the evidence that is there.
    :raises Conflict: with ``TAKEN`` or ``SUBMITTED``.
    :raises InvalidInput: with ``NO_EVIDENCE``: what is asked for is missing.
    """
    task = taken(task, by, now)
    missing = task.evidence - set(shown)
    if missing:
        raise InvalidInput(
            TaskProblem.NO_EVIDENCE,
            task=task.id,
            missing=sorted(evidence.value for evidence in missing),
        )
    return replace(
        task,
        state=TaskState.SUBMITTED,
        submitted_by=by,
        submitted_at=now,
        asked_until=None,
        asked_by=None,
        climbed=0,
    )


def struck_off(task: Task, by: int, open_parts: int, now: datetime) -> Task:
    """销号, by a second person.

    :param open_parts: how many tasks that are part of it have not ended.
    :raises Conflict: with ``NOT_SUBMITTED``, ``CHILDREN_OPEN``, or ``SAME_PERSON``.
    """
    _waits_for_check(task, by)
    if open_parts:
        raise Conflict(TaskProblem.CHILDREN_OPEN, task=task.id, parts=open_parts)
    return replace(task, state=TaskState.STRUCK_OFF, ended_by=by, ended_at=now, climbed=0)


def sent_back(
    task: Task, by: int, reason: str, now: datetime, *, still_there: bool, due_at: datetime
) -> Task:
    """退回, with a reason; it is owed again by whoever took it, or by the post when they left.

    :param due_at: the deadline from now on: that of before, unless it has passed.
    :raises Conflict: with ``NOT_SUBMITTED`` or ``SAME_PERSON``.
    :raises InvalidInput: with ``NO_REASON``, ``TOO_LONG`` or ``PAST``.
    """
    _waits_for_check(task, by)
    check_reason(task, reason)
    check_deadline(due_at, now)
    back = replace(
        task,
        state=TaskState.TAKEN,
        submitted_by=None,
        submitted_at=None,
        since_at=now,
        due_at=due_at,
        climbed=0,
    )
    return back if still_there else given_up(back)


def given_up(task: Task) -> Task:
    """Nobody has it any more: whoever took it has left, or the post is another's."""
    return replace(task, state=TaskState.OPEN, taken_by=None, taken_at=None)


def extension_asked(task: Task, by: int, until: datetime, now: datetime) -> Task:
    """延期申请.

    :raises Conflict: with ``SUBMITTED``.
    :raises InvalidInput: with ``PAST``, ``TOO_FAR``, ``NOT_LATER``.
    """
    unfinished(task)
    if task.state is TaskState.SUBMITTED:
        raise Conflict(TaskProblem.SUBMITTED, task=task.id)
    check_deadline(until, now)
    if until <= task.due_at:
        raise InvalidInput(TaskProblem.NOT_LATER, task=task.id, due=task.due_at)
    return replace(task, asked_until=until, asked_by=by)


def extension_decided(task: Task, by: int, now: datetime, *, granted: bool) -> Task:
    """准予, or not. Granted, the term begins anew.

    :raises Conflict: with ``NOT_ASKED`` or ``SAME_PERSON``.
    :raises InvalidInput: with ``PAST``: what was asked for has passed meanwhile.
    """
    unfinished(task)
    if task.asked_until is None:
        raise Conflict(TaskProblem.NOT_ASKED, task=task.id)
    if by == task.asked_by:
        raise Conflict(TaskProblem.SAME_PERSON, task=task.id)
    decided = replace(task, asked_until=None, asked_by=None)
    if not granted:
        return decided
    check_deadline(task.asked_until, now)
    return replace(decided, due_at=task.asked_until, since_at=now, climbed=0)


def supervised(task: Task, by: int, now: datetime, *, on: bool) -> Task:
    """挂牌督办, or no more."""
    unfinished(task)
    if on == task.supervised:
        return task
    return replace(task, supervised_by=by if on else None, supervised_at=now if on else None)


def withdrawn(task: Task, by: int | None, now: datetime) -> Task:
    """撤销: nobody has to do it any more."""
    unfinished(task)
    return replace(
        task,
        state=TaskState.WITHDRAWN,
        ended_by=by,
        ended_at=now,
        asked_until=None,
        asked_by=None,
        climbed=0,
    )


def reopened(task: Task, owed: NewTask, now: datetime) -> Task:
    """Owed again after it was withdrawn, by its post and as it is owed now.

    :raises InvalidInput: as ``check_new``.
    """
    owed = check_new(owed, now)
    return replace(
        task,
        state=TaskState.OPEN,
        responsible=owed.responsible,
        title=owed.title,
        measure=owed.measure,
        evidence=owed.evidence,
        template_version=owed.template_version,
        since_at=now,
        due_at=owed.due_at,
        taken_by=None,
        taken_at=None,
        submitted_by=None,
        submitted_at=None,
        ended_by=None,
        ended_at=None,
        supervised_by=None,
        supervised_at=None,
        climbed=0,
    )


def ended_since(task: Task, done_at: datetime | None) -> bool:
    """Whether what was done then was done before the task ended, as it has by now."""
    return done_at is not None and task.ended_at is not None and done_at < task.ended_at


def unfinished(task: Task) -> None:
    """:raises Conflict: with ``ENDED``, or ``WITH_WARNING``."""
    if task.state is TaskState.WITHDRAWN and task.ends_with_alert and task.ended_by is None:
        raise Conflict(TaskProblem.WITH_WARNING, task=task.id, alert=task.alert_id)
    if task.state.ended:
        raise Conflict(TaskProblem.ENDED, task=task.id, state=task.state.value, at=task.ended_at)


def _waits_for_check(task: Task, by: int) -> None:
    unfinished(task)
    if task.state is not TaskState.SUBMITTED:
        raise Conflict(TaskProblem.NOT_SUBMITTED, task=task.id)
    if by in (task.submitted_by, task.taken_by):
        raise Conflict(TaskProblem.SAME_PERSON, task=task.id)
