"""Who may keep a watch, who is asked to, and who hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.duty.model import DutyProblem
from alerts.outbox import store as outbox_store
from alerts.outbox.deliveries import NewDelivery, to_person
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import Message
from contacts import duty_plan_store, duty_store, people_store
from contacts.people import RIGHTS, Person, Role
from data.database import Connection
from data.errors import InvalidInput

WATCHED_LATELY = timedelta(days=90)
"""Who was on a division's plan since is asked again (ours)."""

_OF_THE_OFFICE = RIGHTS | {Role.STAFF}


def colleagues(connection: Connection, code: str, now: datetime) -> list[Person]:
    """Who may keep the watch of a division: its office, and who was on its plan lately.

    A watch gives the rights of a duty officer, so nobody else gets one in chat; whoever is to be
    on the plan for the first time is entered by its file.
    """
    found = {
        person.id: person for person in people_store.people_of(connection, code, _OF_THE_OFFICE)
    }
    watched = duty_plan_store.watchers_of(connection, code, now - WATCHED_LATELY) - found.keys()
    found |= {
        person_id: person
        for person_id, person in people_store.people(connection, watched).items()
        if person.active
    }
    return list(found.values())


def require_watcher(connection: Connection, person: Person, code: str, now: datetime) -> None:
    """Go on only with somebody who may keep the watch of a division.

    :raises InvalidInput: NOT_FOR_THEM, NOT_PROVEN.
    """
    if not person.active or person.id not in {
        each.id for each in colleagues(connection, code, now)
    }:
        raise InvalidInput(DutyProblem.NOT_FOR_THEM, name=person.name, division=code)
    if person.unproven:
        raise InvalidInput(DutyProblem.NOT_PROVEN, name=person.name)


def home_of(connection: Connection, person: Person, now: datetime) -> str:
    """The division whose duty a person looks at first; empty: none.

    Where they are on the plan: now, next, or lately; else where their post is of the office.
    """
    shifts = duty_plan_store.shifts_of(connection, person.id, now)
    if shifts:
        return shifts[0].division_code
    lately = duty_plan_store.shifts_of(connection, person.id, now - WATCHED_LATELY)
    if lately:
        return lately[-1].division_code
    return next((post.division_code for post in person.posts if post.role in _OF_THE_OFFICE), "")


def tell(
    connection: Connection, people: list[Person], message: Message, now: datetime, key: str = ""
) -> None:
    """Say it to those of these persons who have an account, once each.

    :param key: what is still queued under it for the same person is replaced.
    """
    once = {person.id: person for person in people if person.telegram_id is not None}
    deliveries: list[NewDelivery] = [
        to_person(person, message, Lane.ANSWER, coalesce_key=f"{key}:{person.id}" if key else None)
        for person in once.values()
    ]
    outbox_store.add_many(connection, deliveries, now)


def heads(connection: Connection, code: str) -> list[Person]:
    """The head of office of a division, or who stands for them."""
    return duty_store.office_heads(connection, code)
