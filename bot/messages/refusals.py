"""What a refusal is about, named: which warning, which person, which place.

Use cases say it by number (``facts`` of the error); the name is told only to who may know it:
buttons can be forged, and a refusal must not tell a stranger what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from alerts import alert_store, call_store
from alerts.lookup import may_know_of
from alerts.loop.tasks import store as task_store
from alerts.loop.tasks.whose import answers_for
from alerts.patrol.hotspots import store as hotspot_store
from alerts.stages import store as stage_store
from bot.messages.facts import Facts, area_name, warned_name
from bot.views import problems
from bot.views.warnings.parts import plain_title
from contacts import place_store
from contacts.access import may_be_informed, may_look_into, may_see_alert, may_watch
from contacts.people import Person
from data.errors import JiaoyingError, StoreError


def is_about_something(error: JiaoyingError) -> bool:
    """Whether a refusal says by number what it is about: only then it is looked up."""
    return not isinstance(error, StoreError) and any(known in error.facts for known in _NAMES)


def refused_thing(facts: Facts, error: JiaoyingError, reader: Person | None) -> str:
    """What was refused, as ``reader`` may know it; empty for strangers, and where nothing is told.

    Plain text: 敦化市暴雨红色预警（03:00 发布） · 村长0.
    """
    if reader is None or not reader.active:
        return ""
    told = {key: error.facts[key] for key in _NAMES if error.facts.get(key) is not None}
    if "call" in told:
        call = call_store.call(facts.connection, told["call"])
        if call is None:
            return ""
        told.setdefault("alert", call.alert_id)
        told.setdefault("person", call.person_id)
    names = [name(facts, told[key], reader) for key, name in _NAMES.items() if key in told]
    return " · ".join(dict.fromkeys(name for name in names if name))


def _alert(facts: Facts, alert_id: int, reader: Person) -> str:
    if alert_id not in facts.alerts:
        facts.alerts[alert_id] = alert_store.alert(facts.connection, alert_id)
    alert = facts.alerts[alert_id]
    if alert is None or not may_know_of(reader, alert):
        return ""
    mine = reader.id == alert.sender_id or may_see_alert(reader, alert.areas).allowed
    if not mine:
        return ""
    return problems.about_alert(alert, facts.area(alert), reader.language, facts.zone)


def _person(facts: Facts, person_id: int, reader: Person) -> str:
    person = facts.person(person_id)
    if person is None:
        return ""
    known = person.id == reader.id or may_look_into(reader, person.division_code).allowed
    return person.name if known else ""


def _hotspot(facts: Facts, task_id: int, reader: Person) -> str:
    task = hotspot_store.task(facts.connection, task_id)
    if task is None:
        return ""
    asked = any(ask.person.id == reader.id for ask in hotspot_store.asks(facts.connection, task.id))
    if not asked and not may_look_into(reader, task.county_code).allowed:
        return ""
    return problems.about_hotspot(task.id, facts.place(task.county_code), reader.language)


def _task(facts: Facts, task_id: int, reader: Person) -> str:
    task = task_store.task(facts.connection, task_id)
    if task is None:
        return ""
    had = reader.id in (task.created_by, task.taken_by, task.submitted_by, task.ended_by)
    informed = may_be_informed(reader, task.responsible.division_code).allowed
    known = had or informed or answers_for(reader, task)
    return f"#{task.id} {task.title}" if known else ""


def _plan(facts: Facts, plan_id: int, reader: Person) -> str:
    stored = stage_store.plan(facts.connection, plan_id)
    if stored is None or not may_watch(reader, stored.draft.areas).allowed:
        return ""
    return plain_title(stored.draft, area_name(facts.services, stored.draft.areas), reader.language)


def _of_division(fact: str, facts: Facts, division: str, reader: Person) -> str:
    return problems.about_division(fact, facts.place(division), reader.language)


def _areas(facts: Facts, areas: Any, _reader: Person) -> str:
    return area_name(facts.services, list(areas))


def _places(facts: Facts, places: Any, _reader: Person) -> str:
    names = place_store.names(facts.connection, places)
    return warned_name(facts.services, (), places, names)


def _place(facts: Facts, division: str, _reader: Person) -> str:
    return facts.place(division)


def _nothing(_facts: Facts, _call_id: int, _reader: Person) -> str:
    """A call is named by its warning and its person."""
    return ""


_NAMES: dict[str, Callable[[Facts, Any, Person], str]] = {
    "alert": _alert,
    "call": _nothing,
    "person": _person,
    "hotspot": _hotspot,
    "task": _task,
    "stages": _plan,
    **{fact: partial(_of_division, fact) for fact in problems.OF_DIVISION},
    "areas": _areas,
    "places": _places,
    "division": _place,
}
"""How each of the facts of an error is named, in the order in which they are told."""
