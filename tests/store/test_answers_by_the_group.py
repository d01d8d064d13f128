"""Answers by the group: many taps together come to what one after the other comes to."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update

from alerts import calls as rules_of_calls
from alerts.acknowledge import (
    CallResult,
    Pressed,
    Proxy,
    by_button,
    by_buttons,
    by_group_button,
    by_proxy,
)
from alerts.calls import CallOutcome
from alerts.lookup import Refusal
from data import audit
from data.database import Connection, Database
from data.errors import JiaoyingError, NotAllowed, NotFound
from data.tables.alerts import alerts, calls, deliveries
from data.tables.contacts import people
from data.tables.running import audit as trail
from tests.roster import COUNTY_COMMANDER, NOW, STRANGER_COMMANDER, TOWNSHIP_HEAD, VILLAGERS
from tests.store.test_release import DRAFT, RULES, go

LATER = NOW + timedelta(minutes=1)
STRANGER = 999_999_999
MOST_STATEMENTS = 11
CALLED = [*VILLAGERS[:3], TOWNSHIP_HEAD]


def two_warnings(database: Database) -> dict[tuple[int, int], int]:
    """Two that have nothing to do with each other; call ids by (alert, person)."""
    first, second = go(database), go(database)
    assert first.alert_id != second.alert_id
    query = select(calls.c.alert_id, calls.c.person_id, calls.c.id)
    return {
        (row.alert_id, row.person_id): row.id
        for row in database.read(lambda c: c.execute(query).all())
    }


def some_are_settled(database: Database, ids: dict[tuple[int, int], int]) -> None:
    """One was reached by proxy, one is over, one has left the roster."""
    first = min(alert for alert, _ in ids)
    proxied, over = ids[first, VILLAGERS[0]["id"]], ids[first, VILLAGERS[1]["id"]]
    officer = COUNTY_COMMANDER["telegram_id"]
    database.do(lambda c: by_proxy(c, proxied, officer, Proxy.PHONE, NOW))

    def unit(c: Connection) -> None:
        c.execute(update(calls).where(calls.c.id == over).values(state="cancelled", due_at=None))
        c.execute(update(people).where(people.c.id == TOWNSHIP_HEAD["id"]).values(active=False))

    database.do(unit)


def taps_of(seed: int, ids: dict[tuple[int, int], int], count: int) -> list[Pressed]:
    """Own and others' buttons, twice and thrice, a group's, forged ones, of strangers."""
    draw = random.Random(seed)
    accounts = [row["telegram_id"] for row in (*CALLED, STRANGER_COMMANDER)] + [STRANGER]
    warnings = [*{alert for alert, _ in ids}, 999]
    forged = Pressed(VILLAGERS[2]["telegram_id"], 999_999)
    return [forged] + [
        Pressed(draw.choice(accounts), draw.choice([*ids.values(), 999_999]))
        if draw.random() < 0.7
        else Pressed(draw.choice(accounts), None, draw.choice(warnings))
        for _ in range(count)
    ]


def one_by_one(c: Connection, taps: list[Pressed]) -> list[CallResult | JiaoyingError]:
    results: list[CallResult | JiaoyingError] = []
    for tap in taps:
        try:
            if tap.call_id is not None:
                results.append(by_button(c, tap.call_id, tap.telegram_id, RULES, LATER))
            else:
                assert tap.alert_id is not None
                results.append(by_group_button(c, tap.alert_id, tap.telegram_id, RULES, LATER))
        except JiaoyingError as error:
            results.append(error)
    return results


def told(result: CallResult | JiaoyingError) -> Any:
    if isinstance(result, JiaoyingError):
        return type(result), result.code, result.facts
    return result.outcome, result.call, result.alert.id, result.person.id


def rows(c: Connection) -> dict[str, list[Any]]:
    """All that answers write: calls, the trail with its hashes, what is said in which order."""
    said = [column for column in deliveries.c if column.name != "id"]
    return {
        "calls": [tuple(row) for row in c.execute(select(calls).order_by(calls.c.id))],
        "trail": [tuple(row) for row in c.execute(select(trail).order_by(trail.c.seq))],
        "said": [tuple(row) for row in c.execute(select(*said).order_by(deliveries.c.id))],
    }


def tried(
    database: Database, work: Callable[[Connection, list[Pressed]], Any], taps: list[Pressed]
) -> tuple[list[Any], dict[str, list[Any]]]:
    """What comes of it, without keeping it."""

    def unit(c: Connection) -> tuple[list[Any], dict[str, list[Any]]]:
        c.info.pop("audit_head", None)
        attempt = c.begin_nested()
        results, found = [told(result) for result in work(c, taps)], rows(c)
        attempt.rollback()
        c.info.pop("audit_head", None)
        return results, found

    return database.do(unit)


@pytest.mark.parametrize("seed", range(6))
def test_a_group_comes_to_what_one_after_the_other_comes_to(database: Database, seed: int) -> None:
    ids = two_warnings(database)
    some_are_settled(database, ids)
    taps = taps_of(seed, ids, 80)
    group = tried(database, lambda c, taps: by_buttons(c, taps, RULES, LATER), taps)
    alone = tried(database, one_by_one, taps)
    assert group[0] == alone[0]
    for table in group[1]:
        assert group[1][table] == alone[1][table], table
    outcomes = {result[0] for result in group[0]}
    assert {CallOutcome.RECORDED, CallOutcome.ALREADY, NotAllowed, NotFound} <= outcomes


def test_each_is_decided_by_the_rules_of_one_call(database: Database) -> None:
    """Against the pure state machine, not against the same code run for one."""
    ids = two_warnings(database)
    some_are_settled(database, ids)
    own = [
        Pressed(row["telegram_id"], ids[alert, row["id"]])
        for alert, person in ids
        for row in CALLED
        if row["id"] == person
    ]
    before = {row.id: row for row in database.read(lambda c: c.execute(select(calls)).all())}
    results = database.do(lambda c: by_buttons(c, own, RULES, LATER))
    after = {row.id: row for row in database.read(lambda c: c.execute(select(calls)).all())}
    for tap, result in zip(own, results, strict=True):
        assert tap.call_id is not None
        if tap.telegram_id == TOWNSHIP_HEAD["telegram_id"]:
            assert isinstance(result, NotAllowed) and result.code is Refusal.NOT_LINKED
            assert after[tap.call_id] == before[tap.call_id]
            continue
        assert isinstance(result, CallResult)
        state = rules_of_calls.CallState(before[tap.call_id].state)
        if state is rules_of_calls.CallState.CANCELLED:
            assert result.outcome is CallOutcome.CLOSED
            assert after[tap.call_id] == before[tap.call_id]
        else:
            row = after[tap.call_id]
            assert (row.state, row.answered_via, row.due_at) == ("acknowledged", "button", None)
            assert row.answered_at == LATER and row.report_due_at is not None
    assert database.read(audit.verify).broken is None


def test_the_same_tap_thrice_in_one_group_is_one_answer(database: Database) -> None:
    ids = two_warnings(database)
    first = min(alert for alert, _ in ids)
    head = VILLAGERS[0]
    taps = [
        Pressed(head["telegram_id"], ids[first, head["id"]]),
        Pressed(head["telegram_id"], None, first),
        Pressed(head["telegram_id"], ids[first, head["id"]]),
    ]
    before = database.read(audit.length)
    results = database.do(lambda c: by_buttons(c, taps, RULES, LATER))
    assert [told(result)[0] for result in results] == [
        CallOutcome.RECORDED,
        CallOutcome.ALREADY,
        CallOutcome.ALREADY,
    ]
    assert database.read(audit.length) == before + 1
    other = max(alert for alert, _ in ids)  # the other warning is not answered by it
    query = select(calls.c.state).where(calls.c.id == ids[other, head["id"]])
    assert database.read(lambda c: c.execute(query).scalar()) == "waiting"


def test_the_number_of_statements_does_not_grow_with_the_taps(database: Database) -> None:
    alert_id = go(database).alert_id

    def many(c: Connection) -> list[Pressed]:
        crowd = [
            {
                "id": 5000 + n,
                "name": f"人{n}",
                "phone": f"+86139{n:08d}",
                "division_code": VILLAGERS[0]["division_code"],
                "role": "ranger",
                "rank": 1,
                "telegram_id": 70_000 + n,
                "invite_code": f"crowd{n}",
            }
            for n in range(150)
        ]
        c.execute(insert(people), crowd)
        asked = [
            {
                "id": 9000 + n,
                "alert_id": alert_id,
                "person_id": row["id"],
                "division_code": row["division_code"],
                "role": row["role"],
                "state": "waiting",
                "reach": "queued",
                "called_at": NOW,
            }
            for n, row in enumerate(crowd)
        ]
        c.execute(insert(calls), asked)
        return [Pressed(row["telegram_id"], 9000 + n) for n, row in enumerate(crowd)]

    taps = database.do(many)
    counted: list[str] = []

    def unit(c: Connection) -> None:
        def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            counted.append(statement)

        event.listen(c, "before_cursor_execute", count)
        try:
            assert all(isinstance(r, CallResult) for r in by_buttons(c, taps, RULES, LATER))
        finally:
            event.remove(c, "before_cursor_execute", count)

    database.do(unit)
    assert len(counted) <= MOST_STATEMENTS, counted
    query = select(alerts.c.id)
    assert database.read(lambda c: c.execute(query).scalars().all())
    assert DRAFT.areas


def test_nothing_pressed_is_nothing_done(database: Database) -> None:
    before = database.read(rows)
    assert database.do(lambda c: by_buttons(c, [], RULES, LATER)) == []
    assert database.read(rows) == before
