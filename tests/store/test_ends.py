"""Who got a warning hears of its end, and nobody else: whatever was under way just then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, update

from alerts.closing import cancel, lift
from alerts.model import Alert, Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.rules import Rules
from alerts.sending import claim, record, recover
from contacts import people_store
from contacts.people import Contact, Person
from data.database import Database
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.roster import BOT_ID, COUNTY, COUNTY_COMMANDER, FLOOD_GROUP, NOW, VILLAGERS

pytestmark = pytest.mark.one_database


RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
FIRST, SECOND, THIRD = (row["telegram_id"] for row in VILLAGERS)
End = Callable[..., Alert]


@pytest.fixture
def alert_id(database: Database) -> int:
    def unit(connection: Connection) -> int:
        # The third can be told nothing.
        blocked = update(people).where(people.c.telegram_id == THIRD)
        connection.execute(blocked.values(contact=Contact.BLOCKED.value))
        return release(connection, DRAFT, commander(connection), RULES, NOW).alert_id

    return database.do(unit)


def commander(connection: Connection) -> Person:
    by = people_store.person(connection, COUNTY_COMMANDER["id"])
    assert by is not None
    return by


def claimed(connection: Connection) -> list[Delivery]:
    return claim(connection, "test", NOW, dict.fromkeys(Lane, 100), BOT_ID)


def came_to(connection: Connection, taken: list[Delivery], results: dict[int, Result]) -> None:
    """What became of what was sent to these chats; all else is still under way."""
    attempts = [
        Attempt(delivery, results[delivery.chat_id], delivery.id)
        for delivery in taken
        if delivery.chat_id in results
    ]
    record(connection, attempts, RULES, NOW)


def told(connection: Connection) -> list[int]:
    query = select(deliveries.c.chat_id).where(deliveries.c.kind == MessageKind.CANCEL.value)
    return sorted(connection.execute(query).scalars())


@pytest.mark.both_databases
@pytest.mark.parametrize("end", [cancel, lift])
def test_whom_it_never_reached_hears_nothing(database: Database, alert_id: int, end: End) -> None:
    def unit(connection: Connection) -> list[int]:
        end(connection, alert_id, commander(connection), NOW)  # all is still in the queue
        return told(connection)

    assert database.do(unit) == []


@pytest.mark.parametrize("end", [cancel, lift])
@pytest.mark.parametrize(
    ("result", "hears"),
    [(Result.SENT, True), (Result.UNCERTAIN, True), (Result.DROPPED, False)],
)
def test_what_was_under_way_is_decided_when_it_is_known(
    database: Database, alert_id: int, result: Result, hears: bool, end: End
) -> None:
    def unit(connection: Connection) -> list[list[int]]:
        taken = claimed(connection)
        came_to(connection, taken, {FIRST: Result.SENT, FLOOD_GROUP: Result.SENT})
        end(connection, alert_id, commander(connection), NOW)
        at_once = told(connection)
        came_to(connection, taken, {SECOND: result})
        came_to(connection, taken, {SECOND: result})  # told again, as after a retry
        return [at_once, told(connection)]

    at_once, afterwards = database.do(unit)
    assert at_once == sorted([FIRST, FLOOD_GROUP])
    assert afterwards == sorted([FIRST, FLOOD_GROUP, *([SECOND] if hears else [])])


def test_an_uncertain_call_counts_as_got(database: Database, alert_id: int) -> None:
    def unit(connection: Connection) -> list[int]:
        came_to(connection, claimed(connection), {SECOND: Result.UNCERTAIN})
        cancel(connection, alert_id, commander(connection), NOW)
        return told(connection)

    assert database.do(unit) == [SECOND]


def test_what_a_process_that_died_may_have_sent_counts_as_got(
    database: Database, alert_id: int
) -> None:
    def unit(connection: Connection) -> list[int]:
        taken = [delivery.chat_id for delivery in claimed(connection)]
        assert {FIRST, SECOND, FLOOD_GROUP} <= set(taken)
        cancel(connection, alert_id, commander(connection), NOW)
        recover(connection, BOT_ID, NOW)
        assert not [
            delivery for delivery in claimed(connection) if delivery.kind is MessageKind.CALL
        ]
        return told(connection)

    assert {FIRST, SECOND} <= set(database.do(unit))
    assert THIRD not in database.read(told)


def test_whoever_ends_it_needs_no_message(database: Database, alert_id: int) -> None:
    def unit(connection: Connection) -> list[int]:
        came_to(connection, claimed(connection), {FIRST: Result.SENT})
        village = people_store.person_by_telegram(connection, FIRST)
        assert village is not None
        cancel(connection, alert_id, commander(connection), NOW)
        return told(connection)

    assert COUNTY_COMMANDER["telegram_id"] not in database.do(unit)
