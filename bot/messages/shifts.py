"""What a delivery about missed check-ins says: its facts read, its view called."""

from __future__ import annotations

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind, PatrolBack, PatrolSilent
from alerts.patrol.positions import store as position_store
from alerts.patrol.shifts import store as watch_store
from alerts.patrol.shifts.store import Watched
from bot.messages.facts import Facts
from bot.messages.requests import as_message
from bot.messages.topic import Topic
from bot.telegram.outgoing import Request
from bot.views.patrol import shifts as views
from contacts import people_store
from contacts.access import Access, may_see_phone
from contacts.divisions.codes import code_range
from contacts.people import Person

SHIFTS = Topic()


@SHIFTS.says_kind(MessageKind.CHECK_IN_MISSED)
def _missed(facts: Facts, delivery: Delivery) -> Request | None:
    assert delivery.person_id is not None
    watch = watch_store.watch(facts.connection, delivery.person_id)
    person = facts.person(delivery.person_id)
    if person is None or watch is None or watch.missed_at is None:
        return None  # a check-in came while this was waiting to be sent
    return as_message(
        delivery.chat_id,
        views.check_in_missed(person, watch, delivery.language, zone=facts.zone),
    )


@SHIFTS.says(PatrolSilent)
def _silent(facts: Facts, delivery: Delivery, message: PatrolSilent) -> Request | None:
    viewer = None if delivery.person_id is None else facts.person(delivery.person_id)
    if viewer is None:
        return None
    found: dict[int, Watched] = {}
    for division in message.divisions:
        for silent in watch_store.silent(facts.connection, *code_range(division), message.rung):
            found[silent.person.id] = silent
    if not found:
        return None
    divisions = message.divisions
    within = divisions[0] if len(divisions) == 1 else viewer.division_code
    listed = list(found.values())[: views.LISTED]
    rows = [_row(facts, viewer, silent, within) for silent in listed]
    place = facts.place(divisions[0]) if len(divisions) == 1 else ""
    screen = views.silent_patrollers(
        rows, len(found), place, delivery.language, facts.now, zone=facts.zone
    )
    return as_message(delivery.chat_id, screen)


def _row(facts: Facts, viewer: Person, silent: Watched, within: str) -> views.SilentPatroller:
    person = silent.person
    return views.SilentPatroller(
        person,
        silent.watch,
        facts.place_in(person.division_code, within),
        position_store.last_position(facts.connection, person.id),
        # An officer on shift over another division is called to look for these very people.
        may_see_phone(viewer, person) is not Access.NOT_ON_DUTY,
    )


@SHIFTS.says(PatrolBack)
def _back(facts: Facts, delivery: Delivery, message: PatrolBack) -> Request | None:
    people = people_store.people(facts.connection, message.people)
    if not people:
        return None
    named = [people[person_id] for person_id in message.people if person_id in people]
    rows = [
        (
            person,
            position_store.last_position(facts.connection, person.id)
            if number < views.LISTED
            else None,
        )
        for number, person in enumerate(named)
    ]
    by = facts.by(message.by)
    return as_message(
        delivery.chat_id,
        views.patrollers_back(rows, delivery.language, by=by, zone=facts.zone),
    )
