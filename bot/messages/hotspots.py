"""What a delivery about hotspots says: its facts read, its view called."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.drafting import may_draft
from alerts.patrol.hotspots.model import Step, Task
from bot.messages.facts import Facts
from bot.telegram.outgoing import Request
from bot.views.patrol import hotspots as views
from bot.views.patrol.hotspots import ShownTask
from bot.views.screen import Screen, method, payload
from contacts.access import Access, may_see_phone
from contacts.duty_store import duty_divisions
from contacts.people import Person


def shown(facts: Facts, task: Task, viewer: Person | None = None) -> ShownTask:
    """A task with the names of its places and persons.

    :param viewer: who reads the numbers of those they are in charge of; nobody reads any.
    """
    asks = tuple(hotspot_store.asks(facts.connection, task.id))
    by = None if task.verdict_by is None else facts.person(task.verdict_by)
    numbers: frozenset[int] = frozenset()
    if viewer is not None:
        on_duty = duty_divisions(facts.connection, viewer.id, facts.now)
        numbers = frozenset(
            one.id
            for one in (*(ask.person for ask in asks), *([by] if by else []))
            if may_see_phone(viewer, one, on_duty) is Access.ALLOWED
        )
    return ShownTask(
        task,
        facts.place(task.county_code),
        "" if task.village_code is None else facts.services.gazetteer.name(task.village_code),
        asks,
        by,
        numbers,
    )


def _asked(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    if task is None or task.asked_id != one.person_id:
        return None  # it was passed on, or taken, while this waited to be sent
    facts_of = shown(facts, task)
    away = next(ask.away_m for ask in facts_of.asks if ask.person.id == one.person_id)
    minutes = facts.services.rules.hotspots.answer_minutes
    return _message(
        one, views.task_asked(facts_of, away, minutes, one.language, zone=facts.services.zone)
    )


def _spot(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    if task is None:
        return None
    body = {"chat_id": one.chat_id, "latitude": task.lat, "longitude": task.lon}
    return Request("sendLocation", orjson.dumps(body))


def _taken(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    return (
        None if task is None else _message(one, views.task_taken(shown(facts, task), one.language))
    )


def _due(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    if task is None or not task.open or task.accepted_by != one.person_id:
        return None
    screen = views.task_due(shown(facts, task), one.language, facts.now, zone=facts.services.zone)
    return _message(one, screen)


def _list(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    if task is None:
        return None
    county = task.county_code
    total = hotspot_store.count_open(facts.connection, county, county).get(county, 0)
    if not total:
        return None
    # What is overdue or has nobody comes before what somebody is on the way to.
    rows = sorted(
        hotspot_store.open_tasks(facts.connection, county, county),
        key=lambda one: (one.accepted_by is not None, one.due_at, one.id),
    )
    screen = views.overdue_list(
        [shown(facts, row) for row in rows[: views.LISTED]],
        total,
        facts.place(county),
        one.language,
        facts.now,
    )
    return _message(one, screen)


def _alarm(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    person = None if one.person_id is None else facts.person(one.person_id)
    if task is None or person is None:
        return None
    screen = views.alarm(
        shown(facts, task, person),
        Step((one.params or {})["why"]),
        one.language,
        draft=may_draft(person, task),
        zone=facts.services.zone,
    )
    return _message(one, screen)


def _verdict(facts: Facts, one: Delivery) -> Request | None:
    task = _task(facts, one)
    if task is None or task.verdict is None:
        return None
    person = None if one.person_id is None else facts.person(one.person_id)
    screen = views.verdict_told(shown(facts, task, person), one.language, zone=facts.services.zone)
    return _message(one, screen)


HOTSPOT_RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    MessageKind.HOTSPOT_TASK: _asked,
    MessageKind.HOTSPOT_SPOT: _spot,
    MessageKind.HOTSPOT_TAKEN: _taken,
    MessageKind.HOTSPOT_DUE: _due,
    MessageKind.HOTSPOT_LIST: _list,
    MessageKind.HOTSPOT_ALARM: _alarm,
    MessageKind.HOTSPOT_VERDICT: _verdict,
}


def _task(facts: Facts, one: Delivery) -> Task | None:
    return hotspot_store.task(facts.connection, (one.params or {})["hotspot"])


def _message(one: Delivery, screen: Screen) -> Request:
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))
