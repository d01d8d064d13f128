"""Who is asked to go and look at a hotspot: the nearest who can be sent, then the next nearest."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.outbox.hotspot_messages import HotspotList, HotspotTask
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.model import (
    AskState,
    Task,
    TaskState,
    TaskStep,
    VerificationRules,
    next_look,
)
from alerts.patrol.hotspots.queueing import tell, tell_county
from alerts.patrol.hotspots.responder_store import (
    readable,
    responders,
    spots_due,
)
from alerts.patrol.hotspots.responders import Responders
from contacts.people import Person
from data.audit import Entry, append
from data.database import Connection
from data.geo.coordinates import distance_m

CHUNK = 5
"""Tasks moved on in one transaction: a tap must not wait long for the writer."""


def responders_due(connection: Connection, now: datetime, rules: VerificationRules) -> Responders:
    """Who could be sent to the tasks that are due: read once, before they are moved on."""
    due = spots_due(connection, now)
    return Responders(responders(connection, now, rules, due) if due else [])


def responders_for(
    connection: Connection, tasks: Collection[Task], now: datetime, rules: VerificationRules
) -> Responders:
    """Who could be sent to those of these tasks that nobody was ever asked about."""
    spots = [(task.lon, task.lat) for task in tasks if task.never_asked]
    return Responders(responders(connection, now, rules, spots) if spots else [])


def send_waiting(
    connection: Connection,
    task_ids: Collection[int],
    now: datetime,
    rules: VerificationRules,
    free: Responders | None = None,
) -> None:
    """Send somebody to those of these tasks that nobody was ever asked about."""
    tasks = hotspot_store.tasks(connection, task_ids, lock=True).values()
    _send(connection, [task for task in tasks if task.never_asked], now, rules, free)


def send_somebody(
    connection: Connection,
    task_ids: Collection[int],
    now: datetime,
    rules: VerificationRules,
    free: Responders | None = None,
) -> None:
    """Ask the nearest who can be sent; whoever was asked before and stayed silent is passed over.

    The largest fires choose first.

    :param free: who could be sent a moment ago; who is chosen is looked at again.
    """
    tasks = hotspot_store.tasks(connection, task_ids, lock=True).values()
    _send(connection, tasks, now, rules, free)


def _send(
    connection: Connection,
    tasks: Collection[Task],
    now: datetime,
    rules: VerificationRules,
    free: Responders | None,
) -> None:
    if not tasks:
        return
    if free is None:
        spots = [(task.lon, task.lat) for task in tasks]
        free = Responders(responders(connection, now, rules, spots))
    busy = hotspot_store.busy(connection)
    for task in sorted(tasks, key=lambda task: (-task.pixels, task.id)):
        busy.discard(task.asked_id or 0)
        _ask_next(connection, task, free, busy, now, rules)


def _ask_next(
    connection: Connection,
    task: Task,
    free: Responders,
    busy: set[int],
    now: datetime,
    rules: VerificationRules,
) -> None:
    asks = hotspot_store.asks(connection, task.id)
    if task.asked_id is not None:
        hotspot_store.answer(connection, task.id, task.asked_id, AskState.SILENT, now)
        append(connection, now, [Entry("hotspot.unanswered", f"hotspot:{task.id}", task.asked_id)])
    asked = {ask.person.id for ask in asks if ask.answer is not AskState.SPARED}
    found = _nearest_now(connection, task, free, busy | asked, now, rules)
    answer_at = now + timedelta(minutes=rules.answer_minutes)
    if found is None:
        _nobody(connection, task, answer_at, now, rules)
        return
    away, person = found
    busy.add(person.id)
    hotspot_store.add_ask(connection, task.id, person.id, away, now)
    asking = replace(task, state=TaskState.ASKED, asked_id=person.id, answer_at=answer_at)
    hotspot_store.change(
        connection,
        task.id,
        state=TaskState.ASKED,
        asked_id=person.id,
        answer_at=answer_at,
        next_at=next_look(asking, rules),
    )
    tell(connection, person, HotspotTask(task.id), now, key=f"task:{task.id}")
    detail = {"person": person.id, "away_m": round(away)}
    append(connection, now, [Entry("hotspot.asked", f"hotspot:{task.id}", detail=detail)])


def _nearest_now(
    connection: Connection,
    task: Task,
    free: Responders,
    excluded: set[int],
    now: datetime,
    rules: VerificationRules,
) -> tuple[float, Person] | None:
    """The nearest who can be sent, as of now: what was read a moment ago may be over."""
    found = free.nearest(task.lon, task.lat, rules.reach_m, excluded)
    while found is not None:
        person_id = found[1].person_id
        fit = responders(connection, now, rules, [(task.lon, task.lat)], only=person_id)
        away = distance_m(task.lon, task.lat, fit[0].lon, fit[0].lat) if fit else math.inf
        if away <= rules.reach_m and (person := readable(connection, person_id, free)) is not None:
            return away, person
        excluded.add(person_id)
        found = free.nearest(task.lon, task.lat, rules.reach_m, excluded)
    return None


def _nobody(
    connection: Connection,
    task: Task,
    answer_at: datetime,
    now: datetime,
    rules: VerificationRules,
) -> None:
    """Nobody near can be asked: the county knows, once; who checks in later is asked then."""
    steps = task.steps | TaskStep.NOBODY_TOLD
    waiting = replace(
        task, state=TaskState.WAITING, asked_id=None, answer_at=answer_at, steps=steps
    )
    hotspot_store.change(
        connection,
        task.id,
        state=TaskState.WAITING,
        asked_id=None,
        answer_at=answer_at,
        steps=steps,
        next_at=next_look(waiting, rules),
    )
    if not task.steps & TaskStep.NOBODY_TOLD:
        told = tell_county(connection, waiting, HotspotList(task.id), now)
        entry = Entry("hotspot.nobody_near", f"hotspot:{task.id}", detail={"told": told})
        append(connection, now, [entry])
