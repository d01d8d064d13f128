"""What a second person does with a task: 销号, 退回, 延期 granted or not; 挂牌督办; 撤销."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerts import helping
from alerts.accounts import note_use
from alerts.loop.tasks import event_store, lifecycle, store
from alerts.loop.tasks.acting import account_of, known_task, record, same_person, with_ladder
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import (
    CauseKind,
    Note,
    Responsible,
    Task,
    TaskEventKind,
    TaskList,
    TaskProblem,
    TaskState,
)
from alerts.loop.tasks.telling import take_buttons, tell
from alerts.loop.tasks.whose import Whose, whose
from alerts.outbox.task_messages import TaskWord
from contacts import people_store
from contacts.access import may_take_charge
from contacts.divisions.codes import ancestors
from contacts.duty_store import officers_above
from contacts.people import RIGHTS, Person
from data.database import Connection
from data.errors import Conflict, InvalidInput, NotAllowed

AGAIN = timedelta(hours=24)
"""The new term of what is sent back after its deadline, if that of before was longer (ours)."""


def strike_off(
    connection: Connection, task_id: int, by: Person, now: datetime, words: str = ""
) -> Task:
    """销号: a second person has checked it.

    :raises NotFound: no such task.
    :raises NotAllowed: with ``NOT_CHECKER``: neither commanding nor on duty there or above.
    :raises Conflict: with ``SAME_PERSON`` (the facts say ``how``), ``NOT_SUBMITTED``,
        ``CHILDREN_OPEN``, ``ENDED``.
    """
    task = _to_check(connection, task_id, by)
    lifecycle.check_words(words)
    _second(connection, task, by)
    parts = store.open_parts(connection, task.id)
    done = with_ladder(lifecycle.struck_off(task, by.id, parts, now), TaskRules(), now)
    note_use(connection, by, now)
    record(connection, done, TaskEventKind.STRUCK_OFF, by, now, note=Note(words.strip()))
    take_buttons(connection, [task], now)
    _tell_holder(connection, task, TaskWord.STRUCK_OFF, by, now)
    if task.cause is not None and task.cause.kind is CauseKind.HELP:
        helping.resolve_by_task(connection, task.cause.id, by, now)
    return done


def send_back(
    connection: Connection,
    task_id: int,
    by: Person,
    reason: str,
    rules: TaskRules,
    now: datetime,
    due_at: datetime | None = None,
) -> Task:
    """退回: it is owed again, with what is wrong with it.

    :param due_at: a new deadline; without one that of before, or, where it has passed, as much time
        again as there was, at most a day.
    :raises NotFound: no such task.
    :raises NotAllowed: see ``strike_off``.
    :raises InvalidInput: with ``NO_REASON``, ``TOO_LONG``, ``PAST``.
    :raises Conflict: as ``strike_off``.
    """
    task = _to_check(connection, task_id, by)
    _second(connection, task, by)
    if due_at is None:
        term = min(task.due_at - task.since_at, AGAIN)
        due_at = task.due_at if task.due_at > now else now + term
    had = people_store.person(connection, task.taken_by or 0)
    there = had is not None and had.active
    back = lifecycle.sent_back(task, by.id, reason, now, still_there=there, due_at=due_at)
    back = with_ladder(back, rules, now)
    note_use(connection, by, now)
    detail = {"due": due_at.isoformat()} if due_at != task.due_at else None
    note = Note(reason.strip())
    record(connection, back, TaskEventKind.RETURNED, by, now, note=note, detail=detail)
    take_buttons(connection, [task], now, checked=True)
    _tell_holder(connection, back, TaskWord.RETURNED, by, now)
    return back


def decide_extension(
    connection: Connection,
    task_id: int,
    by: Person,
    rules: TaskRules,
    now: datetime,
    *,
    granted: bool,
    reason: str = "",
) -> Task:
    """准予延期, or not.

    :raises NotFound: no such task.
    :raises NotAllowed: see ``strike_off``.
    :raises InvalidInput: with ``PAST``.
    :raises Conflict: with ``NOT_ASKED``, ``SAME_PERSON``, ``ENDED``.
    """
    task = _to_check(connection, task_id, by)
    if task.asked_by is not None and same_person(connection, by, task.asked_by):
        raise Conflict(TaskProblem.SAME_PERSON, task=task.id)
    decided = lifecycle.extension_decided(task, by.id, now, granted=granted)
    if granted:
        decided = with_ladder(decided, rules, now)
    note_use(connection, by, now)
    kind = TaskEventKind.EXTENDED if granted else TaskEventKind.EXTENSION_REFUSED
    record(connection, decided, kind, by, now, note=Note(reason.strip()), until=task.asked_until)
    word = TaskWord.EXTENDED if granted else TaskWord.EXTENSION_REFUSED
    take_buttons(connection, [task], now, checked=True)
    _tell_holder(connection, decided, word, by, now)
    return decided


def supervise(
    connection: Connection, task_id: int, by: Person, rules: TaskRules, now: datetime, *, on: bool
) -> Task:
    """挂牌督办, or no more: it climbs twice as fast, and heads every list.

    :raises NotFound: no such task.
    :raises NotAllowed: see ``strike_off``.
    :raises Conflict: with ``ENDED``, ``WITH_WARNING``; with ``OWN``: whoever has it does not take
        it out of supervision.
    """
    task = _to_check(connection, task_id, by)
    if not on:
        _not_ones_own(connection, task, by, now)
    changed = lifecycle.supervised(task, by.id, now, on=on)
    if changed is task:
        return task
    if task.state is not TaskState.SUBMITTED:
        changed = with_ladder(changed, rules, now)
    note_use(connection, by, now)
    kind = TaskEventKind.SUPERVISED if on else TaskEventKind.UNSUPERVISED
    record(connection, changed, kind, by, now)
    if on:
        _tell_holder(connection, changed, TaskWord.SUPERVISED, by, now)
    return changed


def withdraw(connection: Connection, task_id: int, by: Person, reason: str, now: datetime) -> Task:
    """撤销: nobody has to do it any more, and why.

    :raises NotFound: no such task.
    :raises NotAllowed: see ``strike_off``.
    :raises InvalidInput: with ``NO_REASON``, ``TOO_LONG``.
    :raises Conflict: with ``ENDED``, ``WITH_WARNING``; with ``OWN``: whoever has it would be rid of
        it without a second person, unless they gave it themselves.
    """
    task = _to_check(connection, task_id, by)
    lifecycle.check_reason(task, reason)
    _not_ones_own(connection, task, by, now)
    over = with_ladder(lifecycle.withdrawn(task, by.id, now), TaskRules(), now)
    note_use(connection, by, now)
    record(connection, over, TaskEventKind.WITHDRAWN, by, now, note=Note(reason.strip()))
    take_buttons(connection, [task], now)
    _tell_holder(connection, task, TaskWord.WITHDRAWN, by, now)
    return over


def change(
    connection: Connection,
    task_id: int,
    by: Person | None,
    rules: TaskRules,
    now: datetime,
    *,
    title: str | None = None,
    measure: str | None = None,
    in_list: TaskList | None = None,
    due_at: datetime | None = None,
    responsible: Responsible | None = None,
    parent_id: int | None = None,
) -> Task:
    """Change what is to be done, until when, by whom, or of what it is part.

    What is left out stays. Another post has to take it anew.

    :param by: ``None`` at the command line.
    :raises NotFound: no such task, or no such parent.
    :raises NotAllowed: see ``strike_off``.
    :raises InvalidInput: with ``NOTHING_CHANGED``, ``CIRCLE``, or as ``create``.
    :raises Conflict: with ``SUBMITTED``, ``ENDED``, ``WITH_WARNING``.
    """
    task = known_task(connection, task_id, lock=True)
    if by is not None:
        _require_checker(by, task)
    lifecycle.unfinished(task)
    if task.state is TaskState.SUBMITTED:
        raise Conflict(TaskProblem.SUBMITTED, task=task.id)
    if parent_id is not None and parent_id != task.parent_id:
        _check_parent(connection, task, parent_id)
    wanted: Mapping[str, Any] = {
        "title": None if title is None else " ".join(title.split()),
        "measure": measure,
        "in_list": in_list,
        "due_at": due_at,
        "responsible": responsible,
        "parent_id": parent_id,
    }
    new = {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(task, name)
    }
    if not new:
        raise InvalidInput(TaskProblem.NOTHING_CHANGED, task=task.id)
    changed = replace(task, **new)
    lifecycle.check_changed(changed, task, now)
    if "due_at" in new:
        changed = replace(changed, since_at=now, asked_until=None, asked_by=None, climbed=0)
    if "responsible" in new:
        changed = replace(lifecycle.given_up(changed), climbed=0)
    changed = with_ladder(changed, rules, now)
    detail = {name: [_shown(getattr(task, name)), _shown(getattr(changed, name))] for name in new}
    if by is not None:
        note_use(connection, by, now)
    record(connection, changed, TaskEventKind.CHANGED, by, now, detail=detail)
    word = TaskWord.NEW if "responsible" in new else TaskWord.CHANGED
    _tell_holder(connection, changed, word, by, now)
    return changed


def checkers(connection: Connection, task: Task, now: datetime) -> list[Person]:
    """Who is asked whether it is done: whoever gave it, if they may, and the officers above; but
    nobody who did it. Of the nearest tier that has such a person.
    """
    found: dict[int, Person] = {}
    given_by = None if task.created_by is None else people_store.person(connection, task.created_by)
    if given_by is not None and _may_check(connection, given_by, task):
        found[given_by.id] = given_by
    own = task.responsible.division_code
    for code in (own, *ancestors(own)):
        officers = officers_above(connection, code, now)
        able = [person for person in officers if _may_check(connection, person, task)]
        if not able:
            # The one on duty did it: anybody else of that tier who has rights.
            above = next(iter(ancestors(code)), code)
            others = people_store.people_of(connection, above, RIGHTS)
            able = [person for person in others if _may_check(connection, person, task)]
        if able:
            found |= {person.id: person for person in able}
            break
    return list(found.values())


def may_check(connection: Connection, by: Person, task: Task) -> bool:
    """Whether somebody could strike it off or send it back: for showing the buttons."""
    return _may_check(connection, by, task)


def is_ones_own(connection: Connection, task: Task, by: Person, theirs: Whose) -> bool:
    """Whether somebody has or did a task that others gave them."""
    if task.created_by == by.id:
        return False
    has = not theirs.handed_over and any(person.id == by.id for person in theirs.told)
    return has or _how_same(connection, task, by) is not None


def _not_ones_own(connection: Connection, task: Task, by: Person, now: datetime) -> None:
    if not task.state.ended and is_ones_own(connection, task, by, whose(connection, task, now)):
        raise Conflict(TaskProblem.OWN, task=task.id)


def _may_check(connection: Connection, person: Person, task: Task) -> bool:
    return (
        person.reachable
        and may_take_charge(person, task.responsible.division_code).allowed
        and _how_same(connection, task, person) is None
    )


def _to_check(connection: Connection, task_id: int, by: Person) -> Task:
    task = known_task(connection, task_id, lock=True)
    _require_checker(by, task)
    return task


def _require_checker(by: Person, task: Task) -> None:
    code = task.responsible.division_code
    verdict = may_take_charge(by, code)
    if not verdict.allowed:
        raise NotAllowed(TaskProblem.NOT_CHECKER, task=task.id, why=verdict.value)


def _second(connection: Connection, task: Task, by: Person) -> None:
    how = _how_same(connection, task, by)
    if how is not None and not task.state.ended:
        raise Conflict(TaskProblem.SAME_PERSON, task=task.id, how=how)


def _how_same(connection: Connection, task: Task, by: Person) -> str | None:
    """How they are the one who did it: by ``post``, ``phone`` or ``account``; ``None``: not."""
    did = {task.submitted_by, task.taken_by} - {None}
    if by.id in did:
        return "post"
    if any(same_person(connection, by, other) for other in did):
        return "phone"
    account = account_of(connection, by)
    used = {
        (event.detail or {}).get("account")
        for event in event_store.of_task(connection, task.id)
        if event.kind is TaskEventKind.SUBMITTED and event.by in did
    }
    return "account" if account is not None and account in used else None


def _check_parent(connection: Connection, task: Task, parent_id: int) -> None:
    parent = known_task(connection, parent_id)
    lifecycle.unfinished(parent)
    if task.id in (parent_id, *store.parents(connection, parent_id)):
        raise InvalidInput(TaskProblem.CIRCLE, task=task.id, parent=parent_id)


def _tell_holder(
    connection: Connection, task: Task, why: TaskWord, by: Person | None, now: datetime
) -> None:
    """Whoever has it hears of it, unless they did it themselves."""
    theirs = whose(connection, task, now)
    told = [person for person in theirs.told if by is None or person.id != by.id]
    tell(connection, task, told, why, now)


def _shown(value: object) -> object:
    """A changed value as the history keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Responsible):
        return [value.division_code, value.role.value, value.place_code, value.person_id]
    return value.value if isinstance(value, TaskList) else value
