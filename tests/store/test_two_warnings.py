"""Several warnings are in force at once: what is done to one leaves every row of the others alone.

One of the others concerns the same people, one other people, and both began at the same moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from alerts import alert_store, call_store, stand_in_store
from alerts.acknowledge import by_button, by_group_button, by_proxy, by_words, open_calls
from alerts.calls import Proxy, Report
from alerts.cards.progress_cards import queue_edits, stale_cards
from alerts.cards.silent_lists import queue_list_edits, stale_lists
from alerts.chase import sweep
from alerts.closing import cancel, close, close_finished, expire
from alerts.follow_up import discharge, report
from alerts.late_reports import climb_reports
from alerts.model import Draft, Hazard, Level, State
from alerts.outbox.deliveries import Attempt, Result
from alerts.outbox.lanes import Lane
from alerts.release import release
from alerts.report import progress, summary
from alerts.rules import DEFAULT_POLICIES, Rules
from alerts.sending import claim, record
from contacts import people_store
from data.database import Connection, Database
from data.tables.alerts import alerts, calls, cards, deliveries
from tests.roster import (
    BOT_ID,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    ENGLISH_HEAD,
    NOW,
    OTHER_COUNTY,
    STAND_IN,
    STRANGER_COMMANDER,
    TOWNSHIP_HEAD,
    VILLAGERS,
)
from tests.store.test_hard_to_reach import add_people

RULES = Rules()
EVERYTHING = dict.fromkeys(Lane, 1000)
DANGERS = (Hazard.RAINSTORM, Hazard.FLASH_FLOOD, Hazard.RIVER_FLOOD)
MESSAGE = 7  # the number of every message: an edit does not change it
HEAD, ACCOUNT = VILLAGERS[0]["id"], VILLAGERS[0]["telegram_id"]


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def go(c: Connection, level: Level, area: str, by: dict[str, Any], now: datetime = NOW) -> int:
    person = people_store.person(c, by["id"])
    assert person is not None
    # Each of another danger: of one danger the newer card answers the older, too (test_one_card).
    hazard = DANGERS[len(alert_store.alerts(c)) % len(DANGERS)]
    draft = Draft(level, hazard, (area,), "立即转移", headline=f"{level.value} {area}")
    return release(c, draft, person, RULES, now).alert_id


def send(database: Database, now: datetime) -> list[tuple[str, int | None]]:
    """Everything that may leave does, and arrives; as (kind, alert)."""

    def unit(c: Connection) -> list[tuple[str, int | None]]:
        taken = claim(c, "test", now, EVERYTHING, BOT_ID)
        attempts = [Attempt(delivery, Result.SENT, MESSAGE) for delivery in taken]
        record(c, attempts, RULES, now)
        return [(delivery.kind.value, delivery.alert_id) for delivery in taken]

    return database.do(unit)


@dataclass
class Warnings:
    """The red one is what the test is about; the others must stay as they are."""

    database: Database
    red: int
    same_people: int
    other_people: int

    def call(self, person_id: int = HEAD, alert_id: int | None = None) -> int:
        found = self.database.read(lambda c: call_store.call_of(c, alert_id or self.red, person_id))
        assert found is not None
        return found.id

    def others(self) -> dict[str, list[Any]]:
        """Every row of the other two."""
        ids = (self.same_people, self.other_people)

        def look(c: Connection) -> dict[str, list[Any]]:
            tables = {
                "alerts": (alerts, alerts.c.id),
                "calls": (calls, calls.c.alert_id),
                "deliveries": (deliveries, deliveries.c.alert_id),
                "cards": (cards, cards.c.alert_id),
            }
            return {
                name: [
                    tuple(row)
                    for row in c.execute(
                        select(table).where(column.in_(ids)).order_by(*table.primary_key)
                    )
                ]
                for name, (table, column) in tables.items()
            }

        return self.database.read(look)


@pytest.fixture
def warnings(database: Database) -> Warnings:
    """Released at one moment; their calls have arrived, and each has an answer from somebody."""

    def unit(c: Connection) -> tuple[int, int, int]:
        add_people(c, [ENGLISH_HEAD])
        return (
            go(c, Level.RED, COUNTY, COUNTY_COMMANDER),
            go(c, Level.YELLOW, COUNTY, COUNTY_COMMANDER),
            go(c, Level.YELLOW, OTHER_COUNTY, STRANGER_COMMANDER),
        )

    found = Warnings(database, *database.do(unit))
    send(database, NOW)
    account = TOWNSHIP_HEAD["telegram_id"]
    for alert_id in (found.red, found.same_people):
        call_id = found.call(TOWNSHIP_HEAD["id"], alert_id)
        database.do(lambda c, at=call_id: by_button(c, at, account, RULES, after(0.5)))
    send(database, after(0.5))

    def cards_and_reminders(c: Connection) -> None:
        queue_edits(c, stale_cards(c, after(0.6)), after(0.6))
        for alert_id in (found.same_people, found.other_people):
            # Something of theirs waits to be sent, much later than whatever the test does.
            query = select(deliveries).where(
                deliveries.c.alert_id == alert_id, deliveries.c.kind == "call"
            )
            for row in c.execute(query).mappings().all()[:2]:
                values = dict(row) | {
                    "kind": "remind",
                    "state": "queued",
                    "not_before": after(10_000),
                    "message_id": None,
                    "sent_at": None,
                    "coalesce_key": f"remind:{row['call_id']}",
                }
                del values["id"]
                c.execute(deliveries.insert().values(values))

    database.do(cards_and_reminders)
    send(database, after(0.6))
    return found


def _commander(c: Connection) -> Any:
    return people_store.person(c, COUNTY_COMMANDER["id"])


DEEDS: dict[str, Callable[[Connection, int, int], Any]] = {
    "closed": lambda c, alert_id, _: close(c, alert_id, _commander(c), "全村已转移", after(3)),
    "cancelled": lambda c, alert_id, _: cancel(c, alert_id, _commander(c), after(3)),
    "answered by button": lambda c, _, call_id: by_button(c, call_id, ACCOUNT, RULES, after(3)),
    "answered in the group": lambda c, alert_id, _: by_group_button(
        c, alert_id, ACCOUNT, RULES, after(3)
    ),
    "answered in words": lambda c, _, call_id: by_words(c, call_id, ACCOUNT, RULES, after(3)),
    "answered by proxy": lambda c, _, call_id: by_proxy(
        c, call_id, COUNTY_DUTY["telegram_id"], Proxy.PHONE, after(3)
    ),
    "discharged": lambda c, _, call_id: discharge(
        c, call_id, COUNTY_DUTY["telegram_id"], "已搬走", after(3)
    ),
    "reminded": lambda c, *_: sweep(c, RULES, after(2)),
    "nothing is finished": lambda c, *_: close_finished(c, after(3)),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_done_to_one_leaves_the_others_alone(warnings: Warnings, deed: str) -> None:
    before, wanted = warnings.others(), warnings.call()
    warnings.database.do(lambda c: DEEDS[deed](c, warnings.red, wanted))
    send(warnings.database, after(4))
    assert warnings.others() == before


def test_the_whole_ladder_of_one_leaves_the_others_alone(warnings: Warnings) -> None:
    before = warnings.others()
    kinds = set()
    for minutes in (2, 5, 5.5, 8, 14.9):
        while warnings.database.do(lambda c, at=minutes: sweep(c, RULES, after(at))):
            pass
        kinds |= set(send(warnings.database, after(minutes)))
    assert kinds == {(kind, warnings.red) for kind in ("remind", "call", "chase", "silent_list")}
    assert warnings.others() == before


def test_a_report_is_of_its_own_warning(warnings: Warnings) -> None:
    database = warnings.database
    mine, other = warnings.call(), warnings.call(alert_id=warnings.same_people)
    for call_id in (mine, other):
        database.do(lambda c, at=call_id: by_button(c, at, ACCOUNT, RULES, after(3)))
    send(database, after(3))
    before = warnings.others()
    database.do(
        lambda c: report(c, mine, ACCOUNT, Report.MOVED, after(4), households=12, persons=35)
    )
    send(database, after(4))
    assert warnings.others() == before
    found = database.read(lambda c: progress(c, _alert(c, warnings.same_people)))
    assert (found.reported, found.households, found.persons) == (0, 0, 0)
    found = database.read(lambda c: progress(c, _alert(c, warnings.red)))
    assert (found.reported, found.households, found.persons) == (1, 12, 35)
    told = database.read(lambda c: summary(c, _alert(c, warnings.same_people)))
    assert (told.reports, told.not_reported) == ({}, 2)


def test_ending_one_leaves_the_reports_of_the_others_due(database: Database) -> None:
    """Two red ones: both ask for a report after half an hour, and one of them ends before."""

    def unit(c: Connection) -> tuple[int, int]:
        return (
            go(c, Level.RED, COUNTY, COUNTY_COMMANDER),
            go(c, Level.RED, COUNTY, COUNTY_COMMANDER),
        )

    ended, goes_on = database.do(unit)
    send(database, NOW)
    for alert_id in (ended, goes_on):
        call = database.read(lambda c, at=alert_id: call_store.call_of(c, at, HEAD))
        assert call is not None
        database.do(lambda c, at=call.id: by_button(c, at, ACCOUNT, RULES, after(1)))
    database.do(lambda c: cancel(c, ended, _commander(c), after(2)))
    send(database, after(2))
    assert database.do(lambda c: climb_reports(c, RULES, after(40))) == 1
    assert send(database, after(40)) == [("report_due", goes_on)]


def test_expiry_ends_only_what_is_over(database: Database) -> None:
    def unit(c: Connection) -> tuple[int, int]:
        add_people(c, [ENGLISH_HEAD])
        return (
            go(c, Level.BLUE, COUNTY, COUNTY_COMMANDER, NOW),
            go(c, Level.BLUE, OTHER_COUNTY, STRANGER_COMMANDER, after(1)),
        )

    first, second = database.do(unit)
    send(database, after(1))
    found = Warnings(database, first, second, second)
    before = found.others()
    assert database.do(lambda c: expire(c, after(24 * 60))) == [first]
    send(database, after(24 * 60))
    assert found.others() == before
    assert database.do(lambda c: expire(c, after(24 * 60 + 1))) == [second]
    assert database.do(lambda c: expire(c, after(24 * 60 + 1))) == []  # once


def test_each_ladder_goes_on_by_its_own_level(warnings: Warnings) -> None:
    """After an outage the first step of both is due in one sweep, and their calls stand alike."""
    database = warnings.database
    while database.do(lambda c: sweep(c, RULES, after(16))):
        pass
    other = warnings.call(alert_id=warnings.same_people)
    found = database.read(lambda c: c.execute(select(calls.c.due_at).where(calls.c.id == other)))
    yellow = DEFAULT_POLICIES[Level.YELLOW]
    assert yellow.stand_in is not None
    assert found.scalar_one() == after(yellow.stand_in)


def test_what_is_delivered_at_once_goes_on_by_its_own_level(database: Database) -> None:
    def unit(c: Connection) -> list[int]:
        add_people(c, [ENGLISH_HEAD])
        return [
            go(c, Level.RED, COUNTY, COUNTY_COMMANDER),
            go(c, Level.YELLOW, COUNTY, COUNTY_COMMANDER),
            go(c, Level.BLUE, OTHER_COUNTY, STRANGER_COMMANDER),
        ]

    red, yellow, blue = database.do(unit)
    send(database, after(1))

    def due(alert_id: int) -> set[datetime]:
        query = select(calls.c.due_at).where(
            calls.c.alert_id == alert_id, calls.c.reach == "delivered"
        )
        return set(database.read(lambda c: c.execute(query).scalars()))

    assert (due(red), due(yellow), due(blue)) == ({after(3)}, {after(16)}, {after(61)})


def test_what_one_delivery_came_to_is_of_that_call_only(warnings: Warnings) -> None:
    """The reminder of one call arrives: the others' messages keep their numbers."""
    database, mine = warnings.database, warnings.call()
    database.do(lambda c: sweep(c, RULES, after(2)))
    query = select(calls.c.id, calls.c.message_id, calls.c.delivered_at).where(calls.c.id != mine)

    def unit(c: Connection) -> list[Any]:
        taken = claim(c, "test", after(2), EVERYTHING, BOT_ID)
        only = [delivery for delivery in taken if delivery.call_id == mine]
        assert len(only) == 1 < len(taken)
        before = c.execute(query.order_by(calls.c.id)).all()
        record(c, [Attempt(only[0], Result.SENT, 4711)], RULES, after(2))
        return [before, c.execute(query.order_by(calls.c.id)).all()]

    before, now = database.do(unit)
    assert before == now
    call = database.read(lambda c: call_store.call(c, mine))
    assert call is not None
    assert (call.message_id, call.delivered_at) == (4711, NOW)


def test_a_typed_answer_may_mean_either(warnings: Warnings) -> None:
    found = warnings.database.read(lambda c: open_calls(c, ACCOUNT))
    assert [alert.id for _, alert in found] == [warnings.same_people, warnings.red]


def test_lists_and_cards_count_their_own_warning(warnings: Warnings) -> None:
    database = warnings.database
    for minutes in (2, 5, 8):
        while database.do(lambda c, at=minutes: sweep(c, RULES, after(at))):
            pass
        send(database, after(minutes))
    database.do(lambda c: queue_list_edits(c, stale_lists(c, after(8)), after(8)))
    database.do(lambda c: queue_edits(c, stale_cards(c, after(8)), after(8)))
    send(database, after(8))
    other = warnings.call(alert_id=warnings.same_people)
    database.do(lambda c: by_button(c, other, ACCOUNT, RULES, after(9)))
    lists = database.read(lambda c: stale_lists(c, after(9)))
    assert [found.sent.alert_id for found in lists] == []
    stale = {found.card.alert_id for found in database.read(lambda c: stale_cards(c, after(9)))}
    assert stale == {warnings.same_people}
    mine = warnings.call()
    database.do(lambda c: by_button(c, mine, ACCOUNT, RULES, after(9)))
    lists = database.read(lambda c: stale_lists(c, after(9)))
    assert {found.sent.alert_id for found in lists} == {warnings.red}


def test_one_that_is_finished_is_closed_and_the_other_is_not(warnings: Warnings) -> None:
    database = warnings.database
    for row in VILLAGERS:
        call_id = warnings.call(row["id"])
        database.do(
            lambda c, at=call_id, who=row["telegram_id"]: by_button(c, at, who, RULES, after(1))
        )
    assert database.do(lambda c: close_finished(c, after(2))) == [warnings.red]
    states = database.read(
        lambda c: [_alert(c, at).state for at in (warnings.same_people, warnings.other_people)]
    )
    assert states == [State.RELEASED, State.RELEASED]


def test_stand_ins_are_called_for_the_warning_that_is_silent(warnings: Warnings) -> None:
    database = warnings.database
    for minutes in (2, 5):
        database.do(lambda c, at=minutes: sweep(c, RULES, after(at)))
        send(database, after(minutes))
    query = select(calls.c.alert_id, calls.c.stand_in_for).where(
        calls.c.person_id == STAND_IN["id"]
    )
    found = database.read(lambda c: c.execute(query).all())
    assert found == [(warnings.red, warnings.call())]
    answered = database.read(lambda c: stand_in_store.answered_stand_ins(c, [warnings.call()]))
    assert answered == {}


def test_nothing_is_due_where_nothing_is_in_force(database: Database) -> None:
    """An empty batch does nothing, and says so."""
    assert database.do(lambda c: sweep(c, RULES, NOW)) == 0
    assert database.do(lambda c: close_finished(c, NOW)) == []
    assert database.do(lambda c: expire(c, NOW)) == []
    assert database.do(lambda c: climb_reports(c, RULES, NOW)) == 0
    assert database.do(lambda c: claim(c, "test", NOW, EVERYTHING, BOT_ID)) == []
    database.do(lambda c: record(c, [], RULES, NOW))
    assert database.read(lambda c: c.execute(select(deliveries.c.id)).all()) == []


def _alert(c: Connection, alert_id: int) -> Any:
    return alert_store.alert(c, alert_id)
