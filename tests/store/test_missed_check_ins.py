"""Expected check-ins in the database: planned, chased once, ended by any sign of life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts.patrol.shifts import store as watch_store
from alerts.patrol.shifts.missed import (
    WatchProblem,
    anything_due,
    chase_missed,
    checked_in,
    reached,
)
from alerts.patrol.shifts.model import Rung, Shift, ShiftRules, Timing
from alerts.patrol.shifts.planning import anything_unplanned, plan_watches
from alerts.season.model import Season
from alerts.season.store import save_seasons
from contacts import people_store
from contacts.access import Access
from contacts.people import Contact, Person, Role
from data.audit import verify
from data.database import Database
from data.errors import Conflict, NotAllowed
from data.tables.alerts import deliveries
from data.tables.contacts import people
from tests.roster import (
    COUNTY,
    COUNTY_DUTY,
    RANGER,
    STRANGER_COMMANDER,
    TOWNSHIP,
    TOWNSHIP_DUTY,
    VILLAGES,
    person,
)

pytestmark = pytest.mark.one_database


RULES = ShiftRules()
DAY = date(2026, 10, 1)


def at(hour: int, minute: int = 0, *, day: int = 1) -> datetime:
    """A time of the test's October, in Beijing, as UTC."""
    return datetime(2026, 10, day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


def plan(database: Database, now: datetime, rules: ShiftRules = RULES) -> int:
    return database.do(lambda c: plan_watches(c, now, rules))


def chase(database: Database, now: datetime, rules: ShiftRules = RULES) -> list[tuple[str, int]]:
    """What a sweep at ``now`` queued: kind and chat."""

    def unit(c) -> list[tuple[str, int]]:
        before = set(c.execute(select(deliveries.c.id)).scalars())
        while chase_missed(c, now, rules):
            pass
        query = select(deliveries.c.id, deliveries.c.kind, deliveries.c.chat_id)
        new = [row for row in c.execute(query.order_by(deliveries.c.id)) if row.id not in before]
        return [(row.kind, row.chat_id) for row in new]

    return database.do(unit)


def check_in(database: Database, now: datetime, taken: datetime | None = None):
    ranger = person_of(database, RANGER)
    return database.do(lambda c: checked_in(c, ranger, taken or now, now, RULES))


def person_of(database: Database, row: dict[str, Any]) -> Person:
    found = database.read(lambda c: people_store.person(c, row["id"]))
    assert found is not None
    return found


def watch(database: Database):
    found = database.read(lambda c: watch_store.watch(c, RANGER["id"]))
    assert found is not None
    return found


def chat(row: dict[str, Any]) -> int:
    return row["telegram_id"]


def test_patrollers_are_planned_once_a_day(database: Database) -> None:
    assert database.read(lambda c: anything_unplanned(c, at(7), RULES))
    assert plan(database, at(7)) == 1  # of all the roster, one patrols
    assert plan(database, at(7, 30)) == 0
    assert not database.read(lambda c: anything_unplanned(c, at(23), RULES))
    assert watch(database).expected_at == at(8)
    assert plan(database, at(0, 1, day=2)) == 1
    assert watch(database).expected_at == at(8)  # still missing since yesterday: not forgotten
    assert database.read(lambda c: anything_due(c, at(0, 1, day=2)))


def test_out_of_season_nobody_is_expected(database: Database) -> None:
    winter = datetime(2026, 12, 20, tzinfo=UTC)
    plan(database, winter)
    assert watch(database).expected_at is None
    assert chase(database, winter + timedelta(hours=20)) == []


@pytest.mark.both_databases
def test_the_chase_goes_up_and_ends_with_a_check_in(database: Database) -> None:
    plan(database, at(7))
    assert chase(database, at(8, 14)) == []
    assert chase(database, at(8, 15)) == [("check_in_missed", chat(RANGER))]
    assert chase(database, at(8, 15)) == []
    assert chase(database, at(8, 30)) == [("patrol_silent", chat(TOWNSHIP_DUTY))]
    assert chase(database, at(8, 45)) == [("patrol_silent", chat(COUNTY_DUTY))]
    found = check_in(database, at(8, 50))
    assert (found.seen.timing, found.next_at) == (Timing.LATE, at(10))
    assert chase(database, at(8, 50)) == []
    assert chase(database, at(8, 51)) == [
        ("patrol_back", chat(TOWNSHIP_DUTY)),
        ("patrol_back", chat(COUNTY_DUTY)),
    ]
    assert chase(database, at(10, 14)) == []
    assert chase(database, at(10, 15)) == [("check_in_missed", chat(RANGER))]
    assert database.read(verify).broken is None


def test_a_check_in_in_time_is_never_chased(database: Database) -> None:
    plan(database, at(7))
    for hour in (8, 10, 12, 14, 16, 18):
        found = check_in(database, at(hour, 3))
        assert found.seen.timing is Timing.ON_TIME
        assert chase(database, at(hour, 59)) == []
    assert found.next_at is None


def test_a_position_that_comes_late_but_was_taken_in_time_ends_the_chase(
    database: Database,
) -> None:
    plan(database, at(7))
    chase(database, at(8, 30))
    assert check_in(database, at(8, 40), taken=at(6)).seen.ended is False
    assert check_in(database, at(8, 41), taken=at(8, 2)).seen.timing is Timing.ON_TIME
    assert watch(database).missed_at is None


def test_who_blocked_the_bot_is_looked_for_at_once(database: Database) -> None:
    plan(database, at(7))
    database.do(
        lambda c: c.execute(
            update(people).where(people.c.id == RANGER["id"]).values(contact=Contact.BLOCKED.value)
        )
    )
    assert chase(database, at(8, 15)) == [("patrol_silent", chat(TOWNSHIP_DUTY))]


@pytest.mark.both_databases
def test_many_silent_patrollers_make_one_list_an_officer(database: Database) -> None:
    rows = [person(100 + n, f"护{n}", VILLAGES[n % 3], Role.RANGER) for n in range(30)]
    database.do(lambda c: c.execute(insert(people), rows))
    assert plan(database, at(7)) == 31
    assert len(chase(database, at(8, 15))) == 31
    assert chase(database, at(8, 45)) == [
        ("patrol_silent", chat(TOWNSHIP_DUTY)),
        ("patrol_silent", chat(COUNTY_DUTY)),
    ]
    low, high = TOWNSHIP, TOWNSHIP[:9] + "999"
    assert len(database.read(lambda c: watch_store.silent(c, low, high, Rung.COUNTY))) == 31


def test_a_rung_left_out_is_never_climbed(database: Database) -> None:
    rules = replace(RULES, patroller_minutes=None, station_minutes=None)
    plan(database, at(7), rules)
    assert chase(database, at(8, 44), rules) == []
    assert chase(database, at(8, 45), rules) == [("patrol_silent", chat(COUNTY_DUTY))]


def test_orders_come_before_habits_and_ones_own_before_the_divisions(database: Database) -> None:
    hourly = Shift(at(9), at(17), 60)
    database.do(lambda c: watch_store.set_orders(c, {(COUNTY, DAY): [hourly]}))
    plan(database, at(7))
    assert watch(database).expected_at == at(9)

    def off(c) -> None:
        watch_store.set_shifts(c, {(RANGER["id"], DAY): [Shift(at(8), at(18), 0)]})
        watch_store.replan(c, {RANGER["id"]})

    database.do(off)
    plan(database, at(7, 1))
    assert watch(database).expected_at is None


def test_somebody_of_another_post_is_expected_when_ordered_to_patrol(database: Database) -> None:
    villager = 11
    database.do(lambda c: watch_store.set_shifts(c, {(villager, DAY): [Shift(at(9), at(17), 60)]}))
    assert plan(database, at(7)) == 2
    found = database.read(lambda c: watch_store.watch(c, villager))
    assert found is not None
    assert found.expected_at == at(9)


def test_a_season_set_by_order_is_planned_anew(database: Database) -> None:
    plan(database, at(7))

    def order(c) -> None:
        save_seasons(c, [Season(COUNTY, date(2026, 10, 5), date(2026, 10, 30))])
        watch_store.replan(c)

    database.do(order)
    assert plan(database, at(7, 1)) == 1
    assert watch(database).expected_at is None


def test_other_settings_are_planned_anew(database: Database) -> None:
    plan(database, at(8, 30))
    assert watch(database).expected_at == at(10)
    plan(database, at(8, 31), replace(RULES, every_minutes=60))
    assert watch(database).expected_at == at(10)  # still expected: kept
    plan(database, at(8, 32), replace(RULES, expected=False))
    assert watch(database).expected_at is None


def test_whoever_left_is_not_chased(database: Database) -> None:
    plan(database, at(7))
    chase(database, at(8, 15))
    database.do(
        lambda c: c.execute(
            update(people).where(people.c.id == RANGER["id"]).values(telegram_id=None)
        )
    )
    assert chase(database, at(8, 59)) == []
    assert watch(database).missed_at is None


@pytest.mark.both_databases
def test_an_officer_who_reached_him_ends_the_chase_and_the_others_hear(
    database: Database,
) -> None:
    plan(database, at(7))
    chase(database, at(8, 45))
    officer = person_of(database, TOWNSHIP_DUTY)

    def queued(c) -> list[tuple[str, int]]:
        before = set(c.execute(select(deliveries.c.id)).scalars())
        reached(c, RANGER["id"], officer, at(8, 50), RULES)
        query = select(deliveries.c.id, deliveries.c.kind, deliveries.c.chat_id)
        rows = [row for row in c.execute(query) if row.id not in before]
        return [(row.kind, row.chat_id) for row in rows]

    assert database.do(queued) == [("patrol_back", chat(COUNTY_DUTY))]
    assert chase(database, at(9)) == []
    with pytest.raises(Conflict) as caught:
        database.do(lambda c: reached(c, RANGER["id"], officer, at(8, 51), RULES))
    assert caught.value.code is WatchProblem.NOT_SILENT


def test_only_those_in_charge_end_a_chase(database: Database) -> None:
    plan(database, at(7))
    chase(database, at(8, 45))
    for row, refusal in (
        (STRANGER_COMMANDER, Access.OUTSIDE_DIVISION),
        (RANGER, Access.SAME_PERSON),
    ):
        actor = person_of(database, row)
        with pytest.raises(NotAllowed) as caught:
            database.do(lambda c, actor=actor: reached(c, RANGER["id"], actor, at(8, 50), RULES))
        assert caught.value.code is refusal


def test_a_night_away_is_made_up_for_in_one_sweep(database: Database) -> None:
    plan(database, at(7))
    queued = chase(database, at(7, day=2))
    assert queued == [
        ("check_in_missed", chat(RANGER)),
        ("patrol_silent", chat(TOWNSHIP_DUTY)),
        ("patrol_silent", chat(COUNTY_DUTY)),
    ]
    assert watch(database).missed == 6
    plan(database, at(7, day=2))
    assert (watch(database).missed_at, watch(database).expected_at) == (at(8), at(8, day=2))


def test_after_an_outage_of_a_day_nobody_hears_of_the_day_before(database: Database) -> None:
    plan(database, at(7))
    assert chase(database, at(8, 15)) == [("check_in_missed", chat(RANGER))]
    back = at(7, day=3)
    plan(database, back)
    assert chase(database, back) == []
    assert chase(database, at(8, 15, day=3)) == [("check_in_missed", chat(RANGER))]


@pytest.mark.both_databases
def test_an_officer_who_spoke_with_them_long_ago_ends_what_was_missed_by_then(
    database: Database,
) -> None:
    officer = person_of(database, COUNTY_DUTY)
    plan(database, at(7))
    chase(database, at(8, 15))
    database.do(lambda c: reached(c, RANGER["id"], officer, at(9, 40), RULES, done_at=at(8, 30)))
    assert watch(database).missed_at is None
    assert watch(database).expected_at == at(10)
