"""What a delivery about missed check-ins says: its facts read, its view called."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from alerts.patrol.positions import store as position_store
from alerts.patrol.shifts import store as watch_store
from alerts.patrol.shifts.model import Rung
from alerts.patrol.shifts.store import Watched
from bot.messages.facts import Facts
from bot.telegram.outgoing import Request
from bot.views.patrol import shifts as views
from bot.views.screen import Screen, method, payload
from contacts import people_store
from contacts.access import Access, may_see_phone
from contacts.divisions.codes import code_range
from contacts.people import Person


def _missed(facts: Facts, one: Delivery) -> Request | None:
    assert one.person_id is not None
    watch = watch_store.watch(facts.connection, one.person_id)
    person = facts.person(one.person_id)
    if person is None or watch is None or watch.missed_at is None:
        return None  # a check-in came while this was waiting to be sent
    return _message(
        one, views.check_in_missed(person, watch, one.language, zone=facts.services.zone)
    )


def _silent(facts: Facts, one: Delivery) -> Request | None:
    params = one.params or {}
    viewer = None if one.person_id is None else facts.person(one.person_id)
    if viewer is None:
        return None
    rung = Rung(params["rung"])
    found: dict[int, Watched] = {}
    for division in params["divisions"]:
        for silent in watch_store.silent(facts.connection, *code_range(division), rung):
            found[silent.person.id] = silent
    if not found:
        return None
    rows = [_row(facts, viewer, silent) for silent in list(found.values())[: views.LISTED]]
    divisions = params["divisions"]
    place = facts.place(divisions[0]) if len(divisions) == 1 else ""
    screen = views.silent_patrollers(
        rows, len(found), place, one.language, facts.now, zone=facts.services.zone
    )
    return _message(one, screen)


def _row(facts: Facts, viewer: Person, silent: Watched) -> views.SilentPatroller:
    person = silent.person
    return views.SilentPatroller(
        person,
        silent.watch,
        facts.place(person.division_code),
        position_store.last_position(facts.connection, person.id),
        # An officer on shift over another division is called to look for these very people.
        may_see_phone(viewer, person) is not Access.NOT_ON_DUTY,
    )


def _back(facts: Facts, one: Delivery) -> Request | None:
    params = one.params or {}
    people = people_store.people(facts.connection, params["people"])
    if not people:
        return None
    named = [people[one_id] for one_id in params["people"] if one_id in people]
    rows = [
        (
            person,
            position_store.last_position(facts.connection, person.id)
            if number < views.LISTED
            else None,
        )
        for number, person in enumerate(named)
    ]
    by = facts.by(params.get("by"))
    return _message(one, views.patrollers_back(rows, one.language, by=by, zone=facts.services.zone))


SHIFT_RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    MessageKind.CHECK_IN_MISSED: _missed,
    MessageKind.PATROL_SILENT: _silent,
    MessageKind.PATROL_BACK: _back,
}


def _message(one: Delivery, screen: Screen) -> Request:
    return Request(method(screen), orjson.dumps(payload(screen, one.chat_id)))
