"""Hotspot tasks (热点核查) from asking to verdict: accepted, declined, overdue, given up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.outbox.hotspot_messages import (
    HotspotAlarm,
    HotspotDue,
    HotspotList,
    HotspotSpot,
    HotspotTaken,
)
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.asking import CHUNK, send_somebody
from alerts.patrol.hotspots.model import (
    AskState,
    Task,
    TaskProblem,
    TaskState,
    TaskStep,
    VerificationRules,
    next_look,
)
from alerts.patrol.hotspots.queueing import alarmed, send_map, tell, tell_county
from alerts.patrol.hotspots.responders import Responders
from alerts.patrol.hotspots.store import people_of
from contacts.access import Access, may_take_charge
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.errors import Conflict, NotAllowed, NotFound


def anything_due(connection: Connection, now: datetime) -> bool:
    """Whether ``move_tasks`` would find work."""
    return hotspot_store.any_due(connection, now)


def move_tasks(
    connection: Connection,
    now: datetime,
    rules: VerificationRules,
    free: Responders | None = None,
    *,
    limit: int = CHUNK,
) -> int:
    """Move on no more than ``limit`` tasks that are due; returns how many. Idempotent.

    :param free: from ``responders_due``, read before: with many patrollers that takes long.
    """
    due = hotspot_store.due(connection, now, limit)
    unanswered = []
    for task in due:
        if now >= task.opened_at + rules.recent:
            _expire(connection, task, now)
            continue
        task = _overdue(connection, task, now, rules)
        if task.state is not TaskState.ACCEPTED and (
            task.answer_at is None or task.answer_at <= now
        ):
            unanswered.append(task.id)
        hotspot_store.change(connection, task.id, next_at=next_look(task, rules))
    if unanswered:
        send_somebody(connection, unanswered, now, rules, free)
    alarm_if_large(connection, [task.id for task in due if task.open], now, rules)
    return len(due)


def accept(
    connection: Connection, task_id: int, person: Person, now: datetime, rules: VerificationRules
) -> Task:
    """接受: the first of those asked who accepts goes; the others hear that they need not.

    :raises NotFound: no such task.
    :raises NotAllowed: it was asked of somebody else.
    :raises Conflict: somebody else goes, or it is over.
    """
    task = _open(connection, task_id)
    asks = hotspot_store.asks(connection, task.id)
    if person.id not in {asked.person.id for asked in asks}:
        raise NotAllowed(TaskProblem.NOT_ASKED, hotspot=task.id)
    if task.accepted_by == person.id:
        return task
    if task.accepted_by is not None:
        by = next(asked.person.name for asked in asks if asked.person.id == task.accepted_by)
        raise Conflict(TaskProblem.TAKEN, name=by, hotspot=task.id)
    hotspot_store.answer(connection, task.id, person.id, AskState.ACCEPTED, now)
    for other in people_of(asks, AskState.AWAITED):
        if other.id != person.id:
            hotspot_store.answer(connection, task.id, other.id, AskState.SPARED, now)
            tell(connection, other, HotspotTaken(task.id), now)
    taken = replace(task, state=TaskState.ACCEPTED, accepted_by=person.id, accepted_at=now)
    taken = hotspot_store.change(
        connection,
        task.id,
        state=TaskState.ACCEPTED,
        accepted_by=person.id,
        accepted_at=now,
        asked_id=None,
        answer_at=None,
        next_at=next_look(taken, rules),
    )
    tell(connection, person, HotspotSpot(taken.id), now)
    _say_who_goes(connection, taken, now)
    append(connection, now, [Entry("hotspot.accepted", f"hotspot:{task.id}", person.id)])
    return taken


def decline(
    connection: Connection, task_id: int, person: Person, now: datetime, rules: VerificationRules
) -> Task:
    """去不了: the next nearest is asked at once; also from somebody who had accepted.

    :raises NotFound: no such task.
    :raises NotAllowed: it was asked of somebody else.
    :raises Conflict: it is over.
    """
    task = _open(connection, task_id)
    mine = [
        asked for asked in hotspot_store.asks(connection, task.id) if asked.person.id == person.id
    ]
    if not mine:
        raise NotAllowed(TaskProblem.NOT_ASKED, hotspot=task.id)
    if mine[0].answer is AskState.CANNOT:
        return task
    hotspot_store.answer(connection, task.id, person.id, AskState.CANNOT, now)
    append(connection, now, [Entry("hotspot.declined", f"hotspot:{task.id}", person.id)])
    if person.id in (task.asked_id, task.accepted_by):
        hotspot_store.change(
            connection,
            task.id,
            state=TaskState.WAITING,
            asked_id=None,
            answer_at=None,
            accepted_by=None,
            accepted_at=None,
        )
        send_somebody(connection, [task.id], now, rules)
    found = hotspot_store.task(connection, task.id)
    assert found is not None
    return found


def alarm_if_large(
    connection: Connection, task_ids: Collection[int], now: datetime, rules: VerificationRules
) -> None:
    """The alarm of each of these tasks that has many pixels and has had none.

    Only after somebody was looked for: the alarm says who goes.
    """
    for task in hotspot_store.tasks(connection, task_ids, lock=True).values():
        if task.owes_alarm(rules):
            alarmed_task = alarm(connection, task, TaskStep.ALARM_PIXELS, now)
            hotspot_store.change(connection, task.id, next_at=next_look(alarmed_task, rules))


def alarm(connection: Connection, task: Task, why: TaskStep, now: datetime) -> Task:
    """The county hears at once, and its commanders get a warning they can release with one tap."""
    people = alarmed(connection, task.county_code, now)
    for person in people:
        tell(connection, person, HotspotAlarm(task.id, why), now)
        send_map(connection, person, task, now)
    detail = {"why": why.name, "told": [person.id for person in people]}
    append(connection, now, [Entry("hotspot.alarm", f"hotspot:{task.id}", detail=detail)])
    return hotspot_store.change(connection, task.id, steps=task.steps | why)


def _say_who_goes(connection: Connection, task: Task, now: datetime) -> None:
    """Whoever heard that it may be a fire, or that nobody goes, hears who goes."""
    if task.steps & TaskStep.ALARM_PIXELS:
        for officer in alarmed(connection, task.county_code, now):
            tell(connection, officer, HotspotTaken(task.id), now)
    elif task.steps & (TaskStep.NOBODY_TOLD | TaskStep.OVERDUE_TOLD):
        tell_county(connection, task, HotspotTaken(task.id), now)


def may_verify(person: Person, task: Task) -> Access:
    """May somebody who was not sent say what it is? Those who watch or command the county may."""
    return may_take_charge(person, task.county_code)


def _open(connection: Connection, task_id: int) -> Task:
    task = hotspot_store.task(connection, task_id, lock=True)
    if task is None:
        raise NotFound(TaskProblem.UNKNOWN, number=task_id)
    if not task.open:
        raise Conflict(TaskProblem.OVER, hotspot=task.id)
    return task


def _overdue(connection: Connection, task: Task, now: datetime, rules: VerificationRules) -> Task:
    """Due: who is on the way is reminded, then the county gets its list, again and again."""
    if now >= task.due_at and not task.steps & TaskStep.REMINDED:
        for ask in hotspot_store.asks(connection, task.id):
            if ask.person.id == task.accepted_by:
                tell(connection, ask.person, HotspotDue(task.id), now)
                entry = Entry("hotspot.reminded", f"hotspot:{task.id}", ask.person.id)
                append(connection, now, [entry])
        task = hotspot_store.change(connection, task.id, steps=task.steps | TaskStep.REMINDED)
    if task.county_at is not None and now >= task.county_at:
        told = tell_county(connection, task, HotspotList(task.id), now)
        again = now + timedelta(minutes=rules.repeat_minutes)
        task = hotspot_store.change(
            connection, task.id, steps=task.steps | TaskStep.OVERDUE_TOLD, county_at=again
        )
        detail = {"told": told}
        append(connection, now, [Entry("hotspot.overdue", f"hotspot:{task.id}", detail=detail)])
    return task


def _expire(connection: Connection, task: Task, now: datetime) -> None:
    """Nobody said anything for a day: it is off the list, and the trail says so."""
    hotspot_store.change(
        connection, task.id, state=TaskState.EXPIRED, asked_id=None, answer_at=None, next_at=None
    )
    append(connection, now, [Entry("hotspot.expired", f"hotspot:{task.id}")])
