"""What a delivery about hotspots says: its facts read, its view called."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.hotspot_messages import (
    AboutHotspot,
    HotspotAlarm,
    HotspotDue,
    HotspotList,
    HotspotSpot,
    HotspotTaken,
    HotspotTask,
    HotspotVerdict,
)
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.drafting import may_draft
from alerts.patrol.hotspots.heat_source_store import source_of_task
from alerts.patrol.hotspots.model import Task
from alerts.patrol.hotspots.verdicts import lit_in_closed_time
from bot.messages.facts import Facts
from bot.messages.requests import as_message, as_place
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.patrol import hotspots as views
from bot.views.patrol.hotspots import ShownTask
from contacts.access import may_see_phone
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
            person.id
            for person in (*(ask.person for ask in asks), *([by] if by else []))
            if may_see_phone(viewer, person, on_duty).allowed
        )
    gazetteer = facts.services.gazetteer
    village = None if task.village_code is None else gazetteer.get(task.village_code)
    spot = None
    if village is not None and village.lon is not None and village.lat is not None:
        spot = village.lon, village.lat
    return ShownTask(
        task,
        facts.place(task.county_code),
        "" if task.village_code is None else gazetteer.name(task.village_code),
        asks,
        by,
        numbers,
        spot,
        source_of_task(facts.connection, task.id),
        lit_in_closed_time(facts.connection, task, facts.services.rules.hotspots),
    )


HOTSPOTS = Topic()


@HOTSPOTS.says(HotspotTask)
def _asked(facts: Facts, delivery: Delivery, message: HotspotTask) -> Request | None:
    task = _task(facts, message)
    if task is None or task.asked_id != delivery.person_id:
        return None  # it was passed on, or taken, while this waited to be sent
    facts_of = shown(facts, task)
    away = next(ask.away_m for ask in facts_of.asks if ask.person.id == delivery.person_id)
    minutes = facts.services.rules.hotspots.answer_minutes
    return as_message(
        delivery.chat_id,
        views.task_asked(facts_of, away, minutes, delivery.language, zone=facts.zone),
    )


@HOTSPOTS.says(HotspotSpot)
def _spot(facts: Facts, delivery: Delivery, message: HotspotSpot) -> Request | None:
    task = _task(facts, message)
    if task is None:
        return None
    return as_place(delivery.chat_id, task.lon, task.lat)


@HOTSPOTS.says(HotspotTaken)
def _taken(facts: Facts, delivery: Delivery, message: HotspotTaken) -> Request | None:
    """Whoever was asked need not go; an officer, who was not asked, hears who does."""
    task = _task(facts, message)
    if task is None:
        return None
    reader = None if delivery.person_id is None else facts.person(delivery.person_id)
    told = shown(facts, task, reader)
    if reader is None or reader.id in {ask.person.id for ask in told.asks}:
        return as_message(delivery.chat_id, views.task_taken(told, delivery.language))
    if task.accepted_by is None or not task.open:
        return None  # who went has said since what it is, or cannot go
    return as_message(delivery.chat_id, views.going_told(told, delivery.language))


@HOTSPOTS.says(HotspotDue)
def _due(facts: Facts, delivery: Delivery, message: HotspotDue) -> Request | None:
    task = _task(facts, message)
    if task is None or not task.open or task.accepted_by != delivery.person_id:
        return None
    screen = views.task_due(shown(facts, task), delivery.language, facts.now, zone=facts.zone)
    return as_message(delivery.chat_id, screen)


@HOTSPOTS.says(HotspotList)
def _list(facts: Facts, delivery: Delivery, message: HotspotList) -> Request | None:
    task = _task(facts, message)
    if task is None:
        return None
    county = task.county_code
    total = hotspot_store.count_open(facts.connection, county, county).get(county, 0)
    if not total:
        return None
    # What is overdue or has nobody comes before what somebody is on the way to.
    rows = sorted(
        hotspot_store.open_tasks(facts.connection, county, county),
        key=lambda row: (row.accepted_by is not None, row.due_at, row.id),
    )
    screen = views.overdue_list(
        [shown(facts, row) for row in rows[: views.LISTED]],
        total,
        facts.place(county),
        delivery.language,
        facts.now,
    )
    return as_message(delivery.chat_id, screen)


@HOTSPOTS.says(HotspotAlarm)
def _alarm(facts: Facts, delivery: Delivery, message: HotspotAlarm) -> Request | None:
    task = _task(facts, message)
    person = None if delivery.person_id is None else facts.person(delivery.person_id)
    if task is None or person is None:
        return None
    screen = views.alarm(
        shown(facts, task, person),
        message.why,
        delivery.language,
        draft=may_draft(person, task),
        zone=facts.zone,
    )
    return as_message(delivery.chat_id, screen)


@HOTSPOTS.says(HotspotVerdict)
def _verdict(facts: Facts, delivery: Delivery, message: HotspotVerdict) -> Request | None:
    task = _task(facts, message)
    if task is None or task.verdict is None:
        return None
    person = None if delivery.person_id is None else facts.person(delivery.person_id)
    screen = views.verdict_told(shown(facts, task, person), delivery.language, zone=facts.zone)
    return as_message(delivery.chat_id, screen)


def _task(facts: Facts, message: AboutHotspot) -> Task | None:
    return hotspot_store.task(facts.connection, message.hotspot_id)
