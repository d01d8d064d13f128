"""In which lane, at which place and by whom each message of a warning is queued, and its trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts import alert_store, call_store, silent_store
from alerts.acknowledge import by_button, by_group_button, by_proxy, by_words
from alerts.calls import CallState, Proxy, Via
from alerts.closing import cancel, close, expire
from alerts.escalation import Step
from alerts.late_reports import climb_reports
from alerts.model import Level, State
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.release import confirm, release, withdraw
from contacts import people_store
from data.audit import audit
from data.database import Connection, Database
from data.tables.alerts import deliveries
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    CITY_DIRECTOR,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    FLOOD_GROUP,
    GOVERNOR,
    NOW,
    TOWNSHIP_DUTY,
    TOWNSHIP_HEAD,
    VILLAGERS,
)
from tests.store.test_chase import DRAFT, RULES, after, call_id, send_all, tick

pytestmark = pytest.mark.one_database


LEVELS = {
    Level.RED: Lane.RED,
    Level.ORANGE: Lane.ORANGE,
    Level.YELLOW: Lane.REST,
    Level.BLUE: Lane.REST,
}
"""The lane of each level, as DESIGN has it: written out, so that a change there fails here."""


def go(
    database: Database, level: Level = Level.RED, by: Any = COUNTY_COMMANDER, **more: Any
) -> int:
    def unit(c: Connection) -> int:
        person = people_store.person(c, by["id"])
        assert person is not None
        return release(c, replace(DRAFT, level=level, **more), person, RULES, NOW).alert_id

    return database.do(unit)


def queued(database: Database) -> dict[tuple[str, int], tuple[Lane, LaneOrder]]:
    """Where each message was queued, by kind and chat."""
    query = select(deliveries.c.kind, deliveries.c.chat_id, deliveries.c.lane, deliveries.c.place)
    rows = database.read(lambda c: c.execute(query).all())
    return {(row.kind, row.chat_id): (Lane(row.lane), LaneOrder(row.place)) for row in rows}


@pytest.mark.parametrize("level", LEVELS)
def test_a_warning_and_its_chase_leave_in_the_lane_of_their_level(
    database: Database, level: Level
) -> None:
    lane = LEVELS[level]
    alert_id = go(database, level)
    send_all(database, NOW)
    for minutes in range(1, 61):
        tick(database, minutes)
    found = queued(database)
    head, chief = VILLAGERS[0]["telegram_id"], COUNTY_COMMANDER["telegram_id"]
    mayor = TOWNSHIP_HEAD["telegram_id"]
    assert found["call", head] == (lane, LaneOrder.VILLAGE)
    assert found["call", mayor] == (lane, LaneOrder.TOWNSHIP)
    assert found["post", FLOOD_GROUP] == (lane, LaneOrder.GROUP)
    assert found["remind", head] == (lane, LaneOrder.VILLAGE)
    assert found["remind", mayor] == (lane, LaneOrder.TOWNSHIP)
    assert found["card", chief][0] is Lane.ANSWER  # whoever pressed the button waits for it
    policy = RULES.policies[level]
    assert (("chase", FLOOD_GROUP) in found) == (policy.stand_in is not None)
    if policy.stand_in is not None:
        assert found["chase", FLOOD_GROUP] == (lane, LaneOrder.GROUP)
    officer = ("silent_list", TOWNSHIP_DUTY["telegram_id"])
    if policy.duty_officer is not None:
        assert found[officer] == (lane, LaneOrder.TOWNSHIP)
        county = ("silent_list", COUNTY_DUTY["telegram_id"])
        assert found[county] == (lane, LaneOrder.COUNTY)
    else:
        assert officer not in found
    if policy.commander is not None:
        assert found["silent_list", mayor] == (lane, LaneOrder.TOWNSHIP)
    _end(database, alert_id, cancel)
    told = {lanes for (kind, _), lanes in queued(database).items() if kind == "cancel"}
    assert {lane for lane, _ in told} == {Lane.CANCEL}
    assert ("cancel", FLOOD_GROUP) in queued(database)  # the group that got the post, too


def _end(database: Database, alert_id: int, how: Callable[..., Any], *more: Any) -> None:
    def unit(c: Connection) -> None:
        by = people_store.person(c, COUNTY_COMMANDER["id"])
        assert by is not None
        how(c, alert_id, by, *more, after(100))

    database.do(unit)


@pytest.mark.both_databases
def test_a_list_says_which_rung_brought_it_and_who_is_overdue(database: Database) -> None:
    alert_id = go(database)
    send_all(database, NOW)
    head = VILLAGERS[1]
    wanted = call_id(database, head)
    database.do(lambda c: by_button(c, wanted, head["telegram_id"], RULES, after(1)))
    tick(database, 8)
    query = select(deliveries.c.params).where(
        deliveries.c.kind == "silent_list",
        deliveries.c.chat_id == TOWNSHIP_DUTY["telegram_id"],
    )
    (params,) = database.read(lambda c: c.execute(query).scalars().all())
    assert params["step"] == Step.DUTY_OFFICER
    late = database.read(lambda c: silent_store.count_overdue(c, alert_id, after(8), 2))
    assert late == 3  # of the four called, one has answered; the stand-in was called later


def test_what_follows_an_answer(database: Database) -> None:
    alert_id = go(database)
    send_all(database, NOW)
    head = VILLAGERS[0]
    wanted = call_id(database, head)
    database.do(lambda c: by_button(c, wanted, head["telegram_id"], RULES, after(1)))
    send_all(database, after(1))
    database.do(lambda c: climb_reports(c, RULES, after(40)))
    _end(database, alert_id, close, "演练结束")
    found = queued(database)
    assert found["answered", head["telegram_id"]][0] is Lane.ANSWER
    assert found["report_due", head["telegram_id"]][0] is Lane.REST
    assert found["summary", COUNTY_COMMANDER["telegram_id"]][0] is Lane.REST


def test_a_second_person_is_asked_and_the_sender_told_at_once(database: Database) -> None:
    alert_id = go(database, by=CITY_COMMANDER, areas=(CITY,))
    found = queued(database)
    asked = {chat for kind, chat in found if kind == "confirm"}
    assert asked == {CITY_DIRECTOR["telegram_id"], GOVERNOR["telegram_id"]}
    assert {lane for lane, _ in found.values()} == {Lane.ANSWER}

    def refuse(c: Connection) -> None:
        by = people_store.person(c, GOVERNOR["id"])
        assert by is not None
        withdraw(c, alert_id, by, after(1))

    database.do(refuse)
    assert queued(database)["released", CITY_COMMANDER["telegram_id"]][0] is Lane.ANSWER


def _by(c: Connection, row: dict[str, Any]) -> Any:
    person = people_store.person(c, row["id"])
    assert person is not None
    return person


def test_time_counts_from_the_confirmation(database: Database) -> None:
    """What waited half an hour for the second person is in force for its whole time."""
    alert_id = go(database, by=CITY_COMMANDER, areas=(CITY,))
    before = database.read(lambda c: alert_store.alert(c, alert_id))
    assert before is not None and before.expires_at == NOW + timedelta(hours=24)
    database.do(lambda c: confirm(c, alert_id, _by(c, CITY_DIRECTOR), RULES, after(30)))
    alert = database.read(lambda c: alert_store.alert(c, alert_id))
    assert alert is not None
    assert (alert.state, alert.confirmed_by) == (State.RELEASED, CITY_DIRECTOR["id"])
    assert alert.released_at == after(30)
    assert alert.expires_at == after(30) + timedelta(hours=24)
    assert database.do(lambda c: expire(c, NOW + timedelta(hours=24))) == []
    assert database.do(lambda c: expire(c, alert.expires_at)) == [alert_id]


@pytest.mark.both_databases
def test_a_pending_warning_that_nobody_confirms_ends_unreleased(database: Database) -> None:
    alert_id = go(database, by=CITY_COMMANDER, areas=(CITY,))
    assert database.do(lambda c: expire(c, NOW + timedelta(hours=24))) == [alert_id]
    alert = database.read(lambda c: alert_store.alert(c, alert_id))
    assert alert is not None and alert.state is State.REFUSED
    assert not [kind for kind, _ in queued(database) if kind in ("call", "summary")]


Answer = Callable[[Connection, int, int, int], Any]
ANSWERS: dict[Via, Answer] = {
    Via.BUTTON: lambda c, _, call, account: by_button(c, call, account, RULES, after(1)),
    Via.GROUP: lambda c, alert, _, account: by_group_button(c, alert, account, RULES, after(1)),
    Via.WORDS: lambda c, _, call, account: by_words(c, call, account, RULES, after(1)),
}


@pytest.mark.both_databases
@pytest.mark.parametrize("via", ANSWERS)
def test_how_somebody_answered_is_kept_and_in_the_trail(database: Database, via: Via) -> None:
    alert_id = go(database)
    send_all(database, NOW)
    head = VILLAGERS[0]
    wanted = call_id(database, head)
    database.do(lambda c: ANSWERS[via](c, alert_id, wanted, head["telegram_id"]))
    call = database.read(lambda c: call_store.call(c, wanted))
    assert call is not None
    assert (call.state, call.answered_via, call.answered_at) == (
        CallState.ACKNOWLEDGED,
        via,
        after(1),
    )
    (entry,) = [row for row in _trail(database) if row[0] == "call.acknowledged"]
    assert entry[:3] == ("call.acknowledged", f"call:{wanted}", head["id"])
    assert f'"{via.value}"' in entry[3]


@pytest.mark.parametrize("how", Proxy)
def test_how_an_officer_reached_somebody_is_kept_and_in_the_trail(
    database: Database, how: Proxy
) -> None:
    go(database)
    send_all(database, NOW)
    wanted = call_id(database, VILLAGERS[0])
    account = TOWNSHIP_DUTY["telegram_id"]
    database.do(lambda c: by_proxy(c, wanted, account, how, after(1)))
    call = database.read(lambda c: call_store.call(c, wanted))
    assert call is not None
    assert (call.state, call.proxy_by, call.proxy_how) == (
        CallState.PROXIED,
        TOWNSHIP_DUTY["id"],
        how.value,
    )
    (entry,) = [row for row in _trail(database) if row[0] == "call.proxied"]
    assert entry[1:3] == (f"call:{wanted}", TOWNSHIP_DUTY["id"])
    assert f'"{how.value}"' in entry[3]


def _trail(database: Database) -> list[tuple[str, str, int | None, str]]:
    query = select(audit.c.action, audit.c.subject, audit.c.actor, audit.c.detail)
    return [
        tuple(row) for row in database.read(lambda c: c.execute(query.order_by(audit.c.seq)).all())
    ]
