"""The facts of a workbook of tasks: their history, and who is named in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from alerts.loop.tasks import event_store
from alerts.loop.tasks.model import Task
from bot.views.tasks.workbook import TaskBook
from contacts import people_store
from data.database import Connection


def book_of(
    connection: Connection,
    tasks: Sequence[Task],
    place: Callable[[str], str],
    now: datetime,
    zone: tzinfo,
    language: str,
) -> TaskBook:
    """These tasks, with everything that happened to them."""
    events = event_store.of_tasks(connection, [task.id for task in tasks])
    ids = {event.by for event in events}
    for task in tasks:
        ids |= {task.responsible.person_id, task.taken_by, task.ended_by}
    people = people_store.people(connection, [one for one in ids if one is not None])
    names = {person.id: person.name for person in people.values()}
    return TaskBook(tasks, events, names, place, now, zone, language)
