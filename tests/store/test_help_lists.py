"""Who wants help is one list an officer, and stands in no way of a call for help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from alerts import call_store
from alerts.acknowledge import by_button
from alerts.calls import Report
from alerts.cards import help_list_store
from alerts.cards.help_lists import GATHER, MOST_LISTS
from alerts.follow_up import report
from alerts.model import Draft, Hazard, Level
from alerts.outbox.deliveries import Attempt, Delivery, Result
from alerts.outbox.lanes import Lane
from alerts.outbox.messages import MessageKind
from alerts.release import release
from alerts.rules import Rules
from alerts.sending import claim, record
from contacts import bot_store, people_store
from contacts.divisions.codes import code_range
from contacts.people import Role
from data.database import Database
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    VILLAGES,
    person,
)

pytestmark = pytest.mark.one_database


RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
FIRE = Draft(Level.ORANGE, Hazard.FOREST_FIRE, (COUNTY,), "禁火", headline="森林火险橙色预警")
CREWS = [person(200 + n, f"村民{n}", VILLAGES[n % 3], Role.VILLAGE_RESPONSIBLE) for n in range(30)]


@pytest.fixture
def alert_id(database: Database) -> int:
    def unit(connection: Connection) -> int:
        connection.execute(insert(people), CREWS)
        bot_store.assign(connection)
        return released(connection, DRAFT)

    alert = database.do(unit)
    leave(database)
    return alert


def released(connection: Connection, draft: Draft) -> int:
    by = people_store.person(connection, COUNTY_COMMANDER["id"])
    assert by is not None
    return release(connection, draft, by, RULES, NOW).alert_id


def leave(database: Database, seconds: float = 0) -> list[Delivery]:
    """What is due leaves; returns the lists among it."""
    now = NOW + timedelta(seconds=seconds)

    def unit(connection: Connection) -> list[Delivery]:
        taken = claim(connection, "test", now, dict.fromkeys(Lane, 1000), BOT_ID)
        attempts = [
            Attempt(delivery, Result.SENT, message_of(connection, delivery)) for delivery in taken
        ]
        record(connection, attempts, RULES, now)
        return [delivery for delivery in taken if delivery.kind is MessageKind.HELP_WANTED]

    return database.do(unit)


def message_of(connection: Connection, delivery: Delivery) -> int | None:
    """The number Telegram answers: an edited list keeps its own."""
    if delivery.params == {"edit": True} and delivery.alert_id is not None:
        return newest(delivery.alert_id, delivery.chat_id)(connection)
    return delivery.id


def asks(
    database: Database,
    alert_id: int,
    row: dict[str, Any],
    text: str | None = None,
    seconds: float = 0,
) -> None:
    now = NOW + timedelta(seconds=seconds)

    def unit(connection: Connection) -> None:
        call = call_store.call_of(connection, alert_id, row["id"])
        assert call is not None
        by_button(connection, call.id, row["telegram_id"], RULES, now)
        report(connection, call.id, row["telegram_id"], Report.HELP, now, text=text)

    database.do(unit)


def queued(database: Database) -> list[Any]:
    query = select(deliveries).where(
        deliveries.c.kind == MessageKind.HELP_WANTED.value, deliveries.c.state == "queued"
    )
    return list(database.read(lambda c: c.execute(query.order_by(deliveries.c.id)).all()))


TOLD = {TOWNSHIP_DUTY["telegram_id"], COUNTY_COMMANDER["telegram_id"]}


@pytest.mark.both_databases
def test_thirty_who_want_help_are_one_list_an_officer(database: Database, alert_id: int) -> None:
    for number, row in enumerate(CREWS):
        asks(database, alert_id, row, seconds=number)
    rows = queued(database)
    assert {row.chat_id for row in rows} == TOLD and len(rows) == len(TOLD)
    assert {Lane(row.lane) for row in rows} == {Lane.ANSWER}, "not the lane of 求救"
    low, high = code_range(TOWNSHIP)

    def listed(connection: Connection) -> tuple[int, list[int]]:
        count = help_list_store.count_wanting(connection, alert_id, low, high, without=0)
        some = help_list_store.wanting(connection, alert_id, low, high, without=0, limit=12)
        return count, [call.person_id for call in some]

    count, some = database.read(listed)
    assert count == 30
    assert some == [row["id"] for row in reversed(CREWS)][:12]


def test_lists_leave_before_the_mass_of_answers(database: Database, alert_id: int) -> None:
    for row in CREWS[:5]:
        asks(database, alert_id, row)

    def unit(connection: Connection) -> list[Delivery]:
        return claim(connection, "test", NOW, {Lane.ANSWER: 1000}, BOT_ID)

    taken = database.do(unit)
    kinds = [delivery.kind for delivery in taken]
    assert kinds[: len(TOLD)] == [MessageKind.HELP_WANTED] * len(TOLD)
    assert MessageKind.HELP_WANTED not in kinds[len(TOLD) :]


def test_a_few_are_told_at_once_and_a_flood_is_gathered(database: Database, alert_id: int) -> None:
    for number in range(MOST_LISTS):
        asks(database, alert_id, CREWS[number], seconds=number)
        assert {delivery.chat_id for delivery in leave(database, number)} == TOLD
    for number in range(MOST_LISTS, 20):
        asks(database, alert_id, CREWS[number], seconds=number / 2 + 2)
        assert leave(database, number / 2 + 2) == [] or number / 2 + 2 >= GATHER.total_seconds()
    assert len(queued(database)) == len(TOLD)
    # Counted from the first of the three: whoever goes on reporting puts nothing off.
    assert leave(database, GATHER.total_seconds() - 0.1) == []
    assert {delivery.chat_id for delivery in leave(database, GATHER.total_seconds())} == TOLD
    asks(database, alert_id, CREWS[25], seconds=100)
    assert {delivery.chat_id for delivery in leave(database, 100)} == TOLD


@pytest.mark.both_databases
def test_a_reason_told_later_edits_the_list_that_is_there(
    database: Database, alert_id: int
) -> None:
    asks(database, alert_id, CREWS[0])
    asks(database, alert_id, CREWS[0], "两台车")
    rows = queued(database)
    assert len(rows) == len(TOLD), "the list that waits will say it"
    assert {row.params for row in rows} == {None}
    first = {delivery.chat_id: delivery.id for delivery in leave(database)}
    asks(database, alert_id, CREWS[0], "三台车", seconds=5)
    rows = queued(database)
    assert [row.params for row in rows] == [{"edit": True}] * len(TOLD)
    for chat_id, message_id in first.items():
        known = database.read(lambda c, chat_id=chat_id: newest(alert_id, chat_id)(c))
        assert known == message_id


def test_an_older_list_points_to_the_newest(database: Database, alert_id: int) -> None:
    """Its button for who was taken on meanwhile would stand there as if nobody was."""
    asks(database, alert_id, CREWS[0])
    first = {delivery.chat_id: delivery.id for delivery in leave(database)}
    assert pointers(database) == []
    asks(database, alert_id, CREWS[0], "两台车", seconds=5)  # an edit: the list stays the newest
    leave(database, 5)
    assert pointers(database) == []
    asks(database, alert_id, CREWS[1], seconds=10)
    second = {delivery.chat_id: delivery.id for delivery in leave(database, 10)}
    assert pointers(database) == sorted(first.values())
    asks(database, alert_id, CREWS[2], seconds=40)
    leave(database, 40)
    assert pointers(database) == sorted([*first.values(), *second.values()])


def pointers(database: Database) -> list[int]:
    query = select(deliveries.c.params).where(deliveries.c.kind == MessageKind.OVER.value)
    found = database.read(lambda c: list(c.execute(query).scalars()))
    return sorted(each["message"] for each in found if each["was"] == "help_wanted")


def newest(alert_id: int, chat_id: int) -> Callable[[Connection], int | None]:
    return lambda connection: help_list_store.newest(connection, alert_id, chat_id)


def test_two_warnings_are_two_lists(database: Database, alert_id: int) -> None:
    other = database.do(lambda c: released(c, FIRE))
    leave(database)
    asks(database, alert_id, CREWS[0])
    asks(database, other, CREWS[1])
    keys = {(row.alert_id, row.chat_id) for row in queued(database)}
    assert keys == {(each, chat) for each in (alert_id, other) for chat in TOLD}

    def listed(connection: Connection, alert: int) -> list[int]:
        found = help_list_store.wanting(connection, alert, "", "~", without=0, limit=9)
        return [call.person_id for call in found]

    assert database.read(lambda c: listed(c, alert_id)) == [CREWS[0]["id"]]
    assert database.read(lambda c: listed(c, other)) == [CREWS[1]["id"]]
    leave(database)
    # Lists of another warning do not count towards this one's.
    assert COUNTY_DUTY["telegram_id"] not in TOLD
    asks(database, other, CREWS[2], seconds=1)
    assert {delivery.alert_id for delivery in leave(database, 1)} == {other}


@pytest.mark.both_databases
def test_who_reads_the_list_is_not_on_it(database: Database, alert_id: int) -> None:
    asks(database, alert_id, CREWS[0])
    found = database.read(
        lambda c: help_list_store.wanting(c, alert_id, "", "~", without=CREWS[0]["id"], limit=9)
    )
    assert found == []


def test_the_list_is_found_by_its_index(database: Database, alert_id: int) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL reads tables this small as a whole")
    from tests.store.test_progress_counters import plan_of

    plan = database.read(
        lambda c: plan_of(
            c,
            lambda c: help_list_store.wanting(c, alert_id, "", "~", without=0, limit=9),
        )
    )
    assert "help_requests_alert" in plan
