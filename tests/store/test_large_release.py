"""A release too large for one transaction is made in parts, and is whole in its effect."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from alerts import alert_store, call_store, large_release, progress_store, release_store
from alerts import release as releasing
from alerts.chase import anything_due, sweep
from alerts.closing import cancel, close_finished
from alerts.large_release import anything_unfinished, carry_on
from alerts.model import Draft, Hazard, Level, State
from alerts.outbox.deliveries import DeliveryState
from alerts.outbox.messages import MessageKind
from alerts.release import Released, count_if_large, release
from alerts.rules import Rules
from contacts import bot_store, people_store
from contacts.people import Role
from data import audit
from data.audit import trail
from data.database import Database
from data.tables.alerts import calls, deliveries
from data.tables.contacts import people
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    FLOOD_GROUP,
    NOW,
    VILLAGES,
    person,
)

RULES = Rules()
DRAFT = Draft(Level.RED, Hazard.RAINSTORM, (COUNTY,), "立即转移", headline="暴雨红色预警")
CREWS = [
    person(200 + n, f"村民{n}", VILLAGES[n % 2], Role.VILLAGE_RESPONSIBLE, linked=bool(n % 5))
    for n in range(25)
]
CALLED = len(CREWS) + 4  # and the villages' heads and the township's
LINKED = CALLED - 5
PART = 7
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def many(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    def unit(connection: Connection) -> None:
        connection.execute(insert(people), CREWS)
        bot_store.assign(connection)

    database.do(unit)
    monkeypatch.setattr(releasing, "MOST_AT_ONCE", 10)
    return database


def go(database: Database, draft: Draft = DRAFT) -> Released:
    def unit(connection: Connection) -> Released:
        by = people_store.person(connection, COUNTY_COMMANDER["id"])
        assert by is not None
        return release(connection, draft, by, RULES, NOW)

    return database.do(unit)


def part(database: Database) -> int:
    return database.do(lambda c: carry_on(c, RULES, LATER, limit=PART))


def unfinished(database: Database) -> bool:
    return database.read(lambda c: anything_unfinished(c, LATER))


def number(database: Database, *where: Any, of: Any = calls) -> int:
    query = select(func.count()).select_from(of).where(*where)
    return database.read(lambda c: c.execute(query).scalar_one())


def queued(database: Database, kind: MessageKind) -> int:
    state = deliveries.c.state == DeliveryState.QUEUED.value
    return number(database, deliveries.c.kind == kind.value, state, of=deliveries)


def test_a_release_that_fits_is_one_transaction(database: Database) -> None:
    assert go(database).calls == number(database) == 4
    assert not unfinished(database)
    assert database.do(lambda c: carry_on(c, RULES, LATER)) == 0


def test_nobody_is_told_before_all_calls_are_there(many: Database) -> None:
    done = go(many)
    assert (done.state, done.calls, done.groups) == (State.RELEASED, CALLED, 1)
    assert (number(many), number(many, of=deliveries)) == (0, 0)
    made = []
    while number(many) < CALLED:
        before = number(many)
        assert part(many) > 0
        made.append(number(many) - before)
        if number(many) < CALLED:
            assert number(many, of=deliveries) == 0
        # Nor is anybody chased, however long it takes.
        assert number(many, calls.c.due_at.is_not(None)) == 0
    assert max(made) <= PART
    assert many.do(lambda c: sweep(c, RULES, NOW + timedelta(hours=1))) == 0
    while unfinished(many):
        before = queued(many, MessageKind.CALL)
        part(many)
        assert queued(many, MessageKind.CALL) - before <= PART
    assert part(many) == 0
    assert queued(many, MessageKind.CALL) == LINKED
    assert queued(many, MessageKind.POST) == 1
    assert queued(many, MessageKind.CARD) == 1
    post = select(deliveries.c.id).where(deliveries.c.chat_id == FLOOD_GROUP)
    first = select(func.min(deliveries.c.id))
    assert many.read(lambda c: c.execute(post).scalar_one() == c.execute(first).scalar_one())
    assert number(many, calls.c.called_at == LATER, calls.c.due_at.is_not(None)) == CALLED
    persons = select(func.count(calls.c.person_id.distinct()))
    assert many.read(lambda c: c.execute(persons).scalar_one()) == CALLED
    assert many.read(lambda c: progress_store.differing(c, done.alert_id)) == set()
    [entry] = many.read(
        lambda c: [
            entry
            for entry in audit.trail(c, f"alert:{done.alert_id}")
            if entry["action"] == "alert.released"
        ]
    )
    assert entry["detail"]["calls"] == CALLED


@pytest.mark.one_database
def test_a_large_one_counts_nobody_in_its_transaction_when_that_was_done_before(
    many: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = many.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    assert by is not None
    counted = many.read(lambda c: count_if_large(c, DRAFT, by.id, RULES))
    assert counted == CALLED
    with monkeypatch.context() as patched:
        patched.setattr(call_store, "count_audience", None)
        done = many.do(lambda c: release(c, DRAFT, by, RULES, NOW, counted=counted))
    assert done.calls == CALLED
    # Somebody comes to the roster meanwhile: the trail says how many were called in the end.
    late = person(300, "新来", VILLAGES[0], Role.VILLAGE_RESPONSIBLE)
    many.do(lambda c: c.execute(insert(people), [late]))
    while part(many):
        pass
    subject = f"alert:{done.alert_id}"
    told = many.read(lambda c: [(e["action"], e["detail"].get("calls")) for e in trail(c, subject)])
    assert told == [("alert.released", CALLED), ("alert.called", CALLED + 1)]
    assert number(many) == CALLED + 1


def test_where_no_release_is_unfinished_none_is_carried_on_or_set_aside(database: Database) -> None:
    entries = database.read(audit.length)
    assert not database.read(lambda c: anything_unfinished(c, NOW))
    assert database.do(lambda c: carry_on(c, RULES, NOW)) == 0
    assert not database.do(lambda c: large_release.set_next_aside(c, NOW, ValueError()))
    assert database.read(audit.length) == entries


@pytest.mark.one_database
def test_one_that_is_not_large_is_not_counted_before(database: Database) -> None:
    sender = COUNTY_COMMANDER["id"]
    assert database.read(lambda c: count_if_large(c, DRAFT, sender, RULES)) is None


def test_it_is_not_finished_while_it_grows(many: Database) -> None:
    done = go(many)
    assert many.read(alert_store.finished) == []
    assert not many.read(lambda c: anything_due(c, RULES, NOW))
    assert many.do(lambda c: close_finished(c, NOW)) == []
    while part(many):
        assert many.read(alert_store.finished) == []
    alert = many.read(lambda c: alert_store.alert(c, done.alert_id))
    assert alert is not None and alert.state is State.RELEASED


@pytest.mark.parametrize("parts", [0, 2, 6])
def test_one_that_is_cancelled_meanwhile_goes_no_further(many: Database, parts: int) -> None:
    done = go(many)
    for _ in range(parts):
        part(many)
    made, told = number(many), number(many, deliveries.c.kind == "call", of=deliveries)
    by = many.read(lambda c: people_store.person(c, COUNTY_COMMANDER["id"]))
    many.do(lambda c: cancel(c, done.alert_id, by, LATER))
    while part(many):
        pass
    assert number(many) == made
    assert number(many, deliveries.c.kind == "call", of=deliveries) == told
    assert queued(many, MessageKind.CALL) == 0
    assert not unfinished(many)


def test_two_at_once_are_made_one_after_the_other(many: Database) -> None:
    first = go(many)
    second = go(many, Draft(Level.ORANGE, Hazard.FLASH_FLOOD, (COUNTY,), "注意", headline="山洪"))
    ids = set()
    while part(many):
        first_of_them = many.read(release_store.first)
        ids.add(first_of_them and first_of_them.alert_id)
    assert ids == {first.alert_id, second.alert_id, None}
    for done in (first, second):
        assert number(many, calls.c.alert_id == done.alert_id) == CALLED
        about = deliveries.c.alert_id == done.alert_id
        assert number(many, about, deliveries.c.kind == "call", of=deliveries) == LINKED


def test_a_small_one_made_in_between_keeps_its_ladders(
    many: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its calls stand among those of the large one."""
    large = go(many)
    part(many)
    with monkeypatch.context() as patched:
        patched.setattr(releasing, "MOST_AT_ONCE", 1000)
        small = go(
            many, Draft(Level.ORANGE, Hazard.FLASH_FLOOD, (COUNTY,), "注意", headline="山洪")
        )
    query = select(calls).where(calls.c.alert_id == small.alert_id).order_by(calls.c.id)
    before = many.read(lambda c: c.execute(query).all())
    while part(many):
        pass
    assert many.read(lambda c: c.execute(query).all()) == before
    assert {row.called_at for row in before} == {NOW}
    of_large = calls.c.alert_id == large.alert_id
    assert number(many, of_large, calls.c.id < before[0].id) > 0
    assert number(many, of_large, calls.c.id > before[-1].id) > 0


@pytest.mark.one_database
def test_whoever_is_named_twice_in_a_part_is_called_once(
    many: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of one: a division of many persons is gone through one by one."""
    go(many)
    monkeypatch.setattr(large_release, "PART", 1)
    while many.do(lambda c: carry_on(c, RULES, LATER, limit=1)):
        pass
    assert number(many) == CALLED
    assert queued(many, MessageKind.CALL) == LINKED
