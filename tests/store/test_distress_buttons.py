"""No button of a call for help outlives it, however slow its message was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts import sending
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.patrol.distress import calling as distress
from alerts.patrol.distress.model import DistressRules
from alerts.rules import Rules
from contacts import people_store
from contacts.people import Person
from data.database import Connection, Database
from data.tables.patrol import distress_messages
from tests.roster import BOT_ID, COUNTY_DUTY, NOW, RANGER, TOWNSHIP_DUTY

RULES = DistressRules()
ROOM = dict.fromkeys(Lane, 50)


def person_of(c: Connection, row: dict[str, Any]) -> Person:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


def claimed(database: Database) -> list[Delivery]:
    return database.do(lambda c: sending.claim(c, "worker", NOW, ROOM, BOT_ID))


def arrived(database: Database, deliveries: list[Delivery], first_id: int) -> None:
    """The messages arrive, numbered upwards from the first."""
    sent = [
        Attempt(delivery, Result.SENT, first_id + number)
        for number, delivery in enumerate(deliveries)
    ]
    database.do(lambda c: sending.record(c, sent, Rules(), NOW))


def edits(deliveries: list[Delivery]) -> set[tuple[int, int]]:
    """By chat, the messages whose buttons go."""
    return {
        (delivery.chat_id, delivery.params["message"])
        for delivery in deliveries
        if delivery.params is not None and "message" in delivery.params
    }


def kept(database: Database) -> int:
    count = select(func.count()).select_from(distress_messages)
    return database.read(lambda c: c.execute(count).scalar_one())


@pytest.fixture
def called(database: Database) -> Database:
    """The ranger has called; to the two duty officers it is on its way."""

    def unit(c: Connection) -> None:
        ranger = person_of(c, RANGER)
        raised = distress.raise_distress(c, ranger, NOW, RULES)
        distress.answer_press(c, raised, ranger, NOW)
        distress.confirm(c, raised.call.id, ranger, NOW, RULES)

    database.do(unit)
    return database


def test_what_arrived_loses_its_buttons_at_the_end(called: Database) -> None:
    arrived(called, claimed(called), 70)
    assert kept(called) == 3
    called.do(lambda c: distress.take(c, 1, person_of(c, COUNTY_DUTY), NOW))
    deliveries = claimed(called)
    taken = edits(deliveries)
    assert {chat for chat, _ in taken} == {
        COUNTY_DUTY["telegram_id"],
        TOWNSHIP_DUTY["telegram_id"],
    }
    arrived(called, deliveries, 80)
    called.do(lambda c: distress.clear(c, 1, person_of(c, COUNTY_DUTY), NOW))
    over = edits(claimed(called))
    assert RANGER["telegram_id"] in {chat for chat, _ in over}
    assert not taken & over  # nothing is edited twice
    assert kept(called) == 0


def test_what_arrives_after_the_end_loses_them_then(called: Database) -> None:
    deliveries = claimed(called)
    called.do(lambda c: distress.undo(c, 1, person_of(c, RANGER), NOW))
    told = claimed(called)
    assert not edits(told)
    arrived(called, deliveries, 70)
    assert edits(claimed(called)) == {
        (delivery.chat_id, 70 + number) for number, delivery in enumerate(deliveries)
    }
    assert kept(called) == 0


def test_a_press_within_half_a_minute_rings_nobody(called: Database) -> None:
    def press(c: Connection, seconds: float) -> distress.Raised:
        return distress.raise_distress(
            c, person_of(c, RANGER), NOW + timedelta(seconds=seconds), RULES
        )

    for seconds, rounds in ((1, 1), (29, 1), (30, 2), (59, 2), (60, 3)):
        raised = called.do(lambda c, at=seconds: press(c, at))
        assert raised.call.rounds == rounds, seconds
        assert {person.name for person in raised.told} == {"县值班", "镇值班"}
