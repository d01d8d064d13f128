"""Who may look at hotspot tasks, and what a task is to whoever looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.model import Task, TaskProblem
from alerts.patrol.hotspots.queueing import send_map
from alerts.patrol.hotspots.verdicts import may_change
from alerts.patrol.hotspots.verification import may_verify
from contacts.access import may_look_into, require
from contacts.divisions.codes import code_range
from contacts.people import PATROLLING, Person
from data.database import Connection
from data.errors import NotFound


class Concern(Enum):
    """What a task is to whoever looks at it."""

    GOING = "going"  # they accepted it, and it is open
    ASKED = "asked"  # they are being asked to go
    WATCHED = "watched"  # they were asked or went, or it lies in their division


@dataclass(frozen=True, slots=True)
class Look:
    """One task as somebody sees it; ``verdicts``: whether they may say what it is."""

    task: Task
    concern: Concern
    verdicts: bool = False
    away_m: float | None = None  # how far away they were when they were asked


@dataclass(frozen=True, slots=True)
class TaskList:
    """Tasks of one patroller (``own``), or the open ones of a division; ``total`` counts all."""

    tasks: Sequence[Task]
    total: int
    own: bool


def known_task(connection: Connection, task_id: int) -> Task:
    """The task of this number.

    :raises NotFound: there is none.
    """
    task = hotspot_store.task(connection, task_id)
    if task is None:
        raise NotFound(TaskProblem.UNKNOWN, number=task_id)
    return task


def task_in_division(connection: Connection, task_id: int, person: Person) -> Task:
    """The task of this number, when its county lies in the person's division, or is it.

    :raises NotFound: there is none.
    :raises NotAllowed: it lies elsewhere.
    """
    task = known_task(connection, task_id)
    require(may_look_into(person, task.county_code), hotspot=task.id)
    return task


def look_at(connection: Connection, task_id: int, person: Person, now: datetime) -> Look:
    """One task, for whoever was sent or asked there, and for everybody of its county and above.

    :raises NotFound: there is no such task.
    :raises NotAllowed: it does not concern them.
    """
    task = known_task(connection, task_id)
    if task.accepted_by == person.id and task.open:
        return Look(task, Concern.GOING)
    away = {ask.person.id: ask.away_m for ask in hotspot_store.asks(connection, task.id)}
    if task.accepted_by != person.id and person.id not in away:
        require(may_look_into(person, task.county_code), hotspot=task.id)
    if task.asked_id == person.id:
        return Look(task, Concern.ASKED, away_m=away[person.id])
    verdicts = may_change(task, person, now) or (task.open and may_verify(person, task).allowed)
    return Look(task, Concern.WATCHED, verdicts)


def want_map(connection: Connection, task_id: int, person: Person, now: datetime) -> None:
    """地图: the picture, for whoever was asked to go there, and everybody of its county and above.

    :raises NotFound: there is no such task.
    :raises NotAllowed: it does not concern them.
    """
    task = known_task(connection, task_id)
    if person.id not in {ask.person.id for ask in hotspot_store.asks(connection, task.id)}:
        require(may_look_into(person, task.county_code), hotspot=task.id)
    send_map(connection, person, task, now)


def tasks_for(connection: Connection, person: Person, most: int) -> TaskList:
    """A patroller's own tasks; for everybody else the open ones of their division.

    :param most: how many of a division's are listed.
    """
    own = hotspot_store.tasks_of(connection, person.id)
    if own or person.holds(PATROLLING):
        return TaskList(own, len(own), own=True)
    low, high = code_range(person.division_code)
    total = sum(hotspot_store.count_open(connection, low, high).values())
    return TaskList(hotspot_store.open_tasks(connection, low, high, most), total, own=False)
