"""Who stands in for two of the same post is stood down only when both are there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from alerts import call_store
from alerts.acknowledge import Pressed, by_button, by_buttons, by_proxy, take_proxy_back
from alerts.calls import STOOD_DOWN, TAKE_BACK_FOR, Call, CallOutcome, CallState, Proxy
from alerts.chase import sweep
from alerts.closing import close_finished
from alerts.lookup import known_alert
from alerts.model import Draft, Hazard, Level, State
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.rules import Rules
from alerts.sending import claim, record
from contacts import bot_store, people_store
from contacts.people import Role
from data.database import Database
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.roster import (
    BOT_ID,
    COUNTY_COMMANDER,
    NOW,
    STAND_IN,
    TOWNSHIP_DUTY,
    VILLAGERS,
    VILLAGES,
    person,
)

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (VILLAGES[0],), "立即转移", headline="暴雨红色预警")
FIRST = VILLAGERS[0]
PEER = person(15, "另一村长", VILLAGES[0], Role.VILLAGE_RESPONSIBLE)
LATE = NOW + timedelta(minutes=6)


@pytest.fixture
def alert_id(database: Database) -> int:
    """Two heads of one village have been silent for six minutes; their deputy is called."""

    def unit(connection: Connection) -> int:
        connection.execute(insert(people), [PEER])
        bot_store.assign(connection)
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, DRAFT, by, RULES, NOW).alert_id

    alert = database.do(unit)
    leave(database, NOW)
    for _ in range(3):
        database.do(lambda c: sweep(c, RULES, LATE))
    return alert


def leave(database: Database, now) -> list[MessageKind]:
    def unit(connection: Connection) -> list[MessageKind]:
        taken = claim(connection, "test", now, dict.fromkeys(Lane, 100), BOT_ID)
        sent = [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]
        record(connection, sent, RULES, now)
        return [delivery.kind for delivery in taken]

    return database.do(unit)


def call_of(database: Database, alert_id: int, row: dict) -> Call:
    found = database.read(lambda c: call_store.call_of(c, alert_id, row["id"]))
    assert found is not None
    return found


def answers(database: Database, alert_id: int, *rows: dict) -> None:
    taps = [Pressed(row["telegram_id"], call_of(database, alert_id, row).id) for row in rows]
    database.do(lambda c: by_buttons(c, taps, RULES, LATE))


@pytest.mark.one_database
def test_a_shared_stand_in_stays_while_one_of_them_is_silent(
    database: Database, alert_id: int
) -> None:
    first, peer = (call_of(database, alert_id, row) for row in (FIRST, PEER))
    deputy = call_of(database, alert_id, STAND_IN)
    assert deputy.stand_in_for in (first.id, peer.id)
    named, other = (FIRST, PEER) if deputy.stand_in_for == first.id else (PEER, FIRST)
    answers(database, alert_id, named)
    deputy = call_of(database, alert_id, STAND_IN)
    assert deputy.open and deputy.stand_in_for == call_of(database, alert_id, other).id
    answers(database, alert_id, other)
    assert call_of(database, alert_id, STAND_IN).discharge_reason == STOOD_DOWN


@pytest.mark.one_database
def test_both_at_once_stand_the_stand_in_down(database: Database, alert_id: int) -> None:
    answers(database, alert_id, FIRST, PEER)
    assert call_of(database, alert_id, STAND_IN).stood_down


def test_whom_the_call_had_not_reached_is_told_nothing(database: Database, alert_id: int) -> None:
    answers(database, alert_id, FIRST, PEER)
    kinds = leave(database, LATE)
    assert MessageKind.STOOD_DOWN not in kinds
    query = select(deliveries.c.state).where(
        deliveries.c.kind == "call", deliveries.c.person_id == STAND_IN["id"]
    )
    assert database.read(lambda c: c.execute(query).scalars().all()) == ["dropped"]


def test_a_call_that_arrives_after_it_was_settled_says_so(
    database: Database, alert_id: int
) -> None:
    def under_way(connection: Connection) -> list[Attempt]:
        taken = claim(connection, "test", LATE, dict.fromkeys(Lane, 100), BOT_ID)
        return [Attempt(delivery, Result.SENT, delivery.id) for delivery in taken]

    sent = database.do(under_way)
    answers(database, alert_id, FIRST, PEER)
    database.do(lambda c: record(c, sent, RULES, LATE))
    query = select(deliveries.c.kind).where(
        deliveries.c.person_id == STAND_IN["id"], deliveries.c.state == "queued"
    )
    assert "answered" in database.read(lambda c: c.execute(query).scalars().all())


def test_a_slip_reopens_calling_that_was_complete(database: Database, alert_id: int) -> None:
    duty = TOWNSHIP_DUTY["telegram_id"]
    leave(database, LATE)
    answers(database, alert_id, PEER)
    call = call_of(database, alert_id, FIRST)
    done = database.do(lambda c: by_proxy(c, call.id, duty, Proxy.PHONE, LATE))
    assert done.outcome is CallOutcome.RECORDED
    assert call_of(database, alert_id, STAND_IN).stood_down
    assert database.do(lambda c: close_finished(c, LATE)) == [alert_id]
    late = LATE + TAKE_BACK_FOR + timedelta(seconds=1)
    again = database.do(lambda c: take_proxy_back(c, call.id, duty, RULES, late))
    assert again.outcome is CallOutcome.TOO_LATE
    again = database.do(lambda c: take_proxy_back(c, call.id, duty, RULES, LATE + TAKE_BACK_FOR))
    assert again.outcome is CallOutcome.RECORDED
    assert database.read(lambda c: known_alert(c, alert_id)).state is State.RELEASED
    reopened = call_of(database, alert_id, FIRST)
    assert reopened.state is CallState.WAITING and reopened.proxy_by is None
    deputy = call_of(database, alert_id, STAND_IN)
    assert deputy.open and deputy.discharge_reason is None
    swept = database.do(lambda c: sweep(c, RULES, LATE + timedelta(minutes=10)))
    assert swept, "the ladder goes on where it stood"


@pytest.mark.one_database
def test_an_answer_of_ones_own_is_not_taken_back(database: Database, alert_id: int) -> None:
    duty, call = TOWNSHIP_DUTY["telegram_id"], call_of(database, alert_id, FIRST)
    database.do(lambda c: by_proxy(c, call.id, duty, Proxy.PHONE, LATE))
    database.do(lambda c: by_button(c, call.id, FIRST["telegram_id"], RULES, LATE))
    again = database.do(lambda c: take_proxy_back(c, call.id, duty, RULES, LATE))
    assert again.outcome is CallOutcome.TOO_LATE
    assert call_of(database, alert_id, FIRST).state is CallState.ACKNOWLEDGED
