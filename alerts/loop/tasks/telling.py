"""Messages about tasks, queued: each person one for all of what is said to them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from alerts.loop.tasks.model import Task
from alerts.loop.tasks.whose import Whose
from alerts.outbox import shown_store
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.task_messages import (
    MOST_NAMED,
    TaskAbove,
    TaskCheck,
    TaskEvidence,
    TaskNews,
    TaskWord,
)
from contacts.people import Person
from data.database import Connection


class Told:
    """Gathers what is to be said, and queues it: one message for each person and reason."""

    def __init__(self) -> None:
        self._news: defaultdict[tuple[int, TaskWord, bool, bool], list[int]] = defaultdict(list)
        self._above: defaultdict[tuple[int, bool], list[int]] = defaultdict(list)
        self._people: dict[int, Person] = {}

    def tell(self, task_id: int, whose: Whose, why: TaskWord) -> None:
        """Say it to whoever has the task."""
        for person in whose.told:
            self._people[person.id] = person
            self._news[person.id, why, whose.vacant, whose.out_of_reach].append(task_id)

    def tell_above(self, task_id: int, officers: Iterable[Person], *, unchecked: bool) -> None:
        """Say to officers above that it is overdue, or not checked."""
        for person in officers:
            self._people[person.id] = person
            self._above[person.id, unchecked].append(task_id)

    def queue(self, connection: Connection, now: datetime) -> None:
        """Queue all of it; whoever has no account is left out."""
        new: list[NewDelivery] = []
        for (person_id, why, vacant, out_of_reach), ids in self._news.items():
            message = TaskNews(tuple(ids[:MOST_NAMED]), why, len(ids), vacant, out_of_reach)
            new += _to(self._people[person_id], message)
        for (person_id, unchecked), ids in self._above.items():
            message_above = TaskAbove(tuple(ids[:MOST_NAMED]), len(ids), unchecked)
            new += _to(self._people[person_id], message_above)
        outbox_store.add_many(connection, new, now)


def tell(
    connection: Connection, task: Task, people: Collection[Person], why: TaskWord, now: datetime
) -> None:
    """Say one thing of one task to some."""
    told = Told()
    told.tell(task.id, Whose(tuple(people)), why)
    told.queue(connection, now)


def ask_check(
    connection: Connection,
    task: Task,
    checkers: Collection[Person],
    files: Collection[int],
    now: datetime,
    *,
    again: bool = False,
) -> None:
    """Ask those who may check it; with the files that show it (ids of events)."""
    new: list[NewDelivery] = []
    for person in checkers:
        new += _to(person, TaskCheck(task.id, again))
        for event_id in files:
            new += _to(person, TaskEvidence(event_id))
    outbox_store.add_many(connection, new, now)


def ask_checks(
    connection: Connection, asked: Mapping[int, Collection[Person]], now: datetime
) -> None:
    """Remind those who may check each task (by number)."""
    new: list[NewDelivery] = []
    for task_id, people in asked.items():
        for person in people:
            new += _to(person, TaskCheck(task_id, again=True))
    outbox_store.add_many(connection, new, now)


def take_buttons(
    connection: Connection, tasks: Collection[Task], now: datetime, *, checked: bool = False
) -> None:
    """What was said of each of these tasks is edited: how it stands, and what can be pressed then.

    :param checked: only what asked to check it: it goes on.
    """
    if not tasks:
        return
    ids, since = [task.id for task in tasks], min(task.created_at for task in tasks)
    shown_store.edit(connection, TaskCheck, lambda asked: (asked.task,), ids, now, since=since)
    if not checked:
        shown_store.edit(connection, TaskNews, _asked_in, ids, now, since=since)


def _asked_in(message: TaskNews) -> Collection[int]:
    return () if message.why in (TaskWord.STRUCK_OFF, TaskWord.WITHDRAWN) else message.tasks


def _to(
    person: Person, message: TaskNews | TaskCheck | TaskAbove | TaskEvidence
) -> list[NewDelivery]:
    if person.telegram_id is None:
        return []
    return [to_person(person, message, Lane.REST, role=person.role.value)]
