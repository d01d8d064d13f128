"""Sums of patrol days as rows: what came late, who does not patrol, months, divisions, gaps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert

from alerts.patrol.results import store, summing
from alerts.patrol.results.model import PatrolSum
from alerts.patrol.shifts.model import ShiftRules
from contacts.people import Role
from data.database import Connection, Database
from data.tables.contacts import people
from data.tables.patrol import field_reports, positions, zone_people, zones
from data.tables.patrol_results import patrol_days
from tests.roster import COUNTY, RANGER, TOWNSHIP, VILLAGES, person

pytestmark = pytest.mark.one_database

RULES = ShiftRules()
DAY = date(2026, 9, 30)
MORNING = datetime(2026, 9, 30, 0, tzinfo=UTC)  # 08:00 in Shanghai
KM = 1 / 111.195
WHO = RANGER["id"]


def came(
    c: Connection, at: datetime, north_km: float = 0.0, *, who: int = WHO, **values: Any
) -> None:
    row = {
        "person_id": who,
        "taken_at": at,
        "received_at": at,
        "lon": 128.2,
        "lat": 43.4 + north_km * KM,
        "accuracy_m": 10.0,
        "doubts": [],
        **values,
    }
    c.execute(insert(positions).values(row))


def bring_up(c: Connection, now: datetime) -> None:
    while summing.find_days(c, now, RULES, limit=7):
        pass
    while summing.sum_due(c, now, RULES, limit=3):
        pass
    assert not summing.anything_came(c, now)


@pytest.mark.both_databases
def test_a_day_is_summed_up_and_what_comes_late_counts_for_then(database: Database) -> None:
    def unit(c: Connection) -> None:
        route = {
            "name": "路",
            "kind": "route",
            "buffer_m": 200.0,
            "lines": [[[128.2, 43.4], [128.2, 43.4 + 10 * KM]]],
        }
        key = c.execute(insert(zones).values(route)).inserted_primary_key
        assert key is not None
        c.execute(insert(zone_people).values(zone_id=key[0], person_id=WHO))
        for minutes in range(0, 121, 10):
            came(c, MORNING + timedelta(minutes=minutes), minutes / 60)
        came(c, MORNING + timedelta(minutes=61), lon=0.0, lat=0.0, doubts=["null_island"])
        came(c, MORNING + timedelta(minutes=62), 300)
        came(c, MORNING, who=10)  # a village head: no patroller
        group = {"person_id": WHO, "at": MORNING, "kind": "photo", "media_group_id": "g"}
        c.execute(insert(field_reports), [group, group, {**group, "media_group_id": None}])
        soon = MORNING + timedelta(hours=2, seconds=30)
        summing.find_days(c, soon, RULES)
        assert summing.sum_due(c, soon, RULES) == 0, "today's are made anew twice an hour"
        bring_up(c, soon + timedelta(minutes=31))
        assert store.of_day(c, DAY) == {RANGER["division_code"]: found(c)}
        assert found(c).positions == 13
        assert found(c).doubtful == 2
        assert found(c).seconds == 7200
        assert abs(found(c).distance_m - 2000) < 10
        assert found(c).share is not None and 0.2 < found(c).share < 0.3
        assert found(c).reports == 2
        now = summing.today_of(c, WHO, RANGER["division_code"], DAY, RULES)
        assert now == found(c)

        # No signal in the woods: three days later the phone sends what it kept.
        later = MORNING + timedelta(days=3)
        for minutes in range(130, 241, 10):
            at = MORNING + timedelta(minutes=minutes)
            came(c, at, minutes / 60, received_at=later, doubts=["stale"])
        bring_up(c, later + timedelta(minutes=2))
        assert found(c).positions == 25
        assert found(c).seconds == 4 * 3600
        assert abs(found(c).distance_m - 4000) < 10
        assert store.of_day(c, DAY + timedelta(days=3)) == {}

        # A night across the border of the month: each month has its part.
        midnight = datetime(2026, 9, 30, 16, tzinfo=UTC)
        for hours in (-1, 0, 1):
            came(c, midnight + timedelta(hours=hours), 5 + hours, received_at=later)
        bring_up(c, later + timedelta(hours=1))
        september = store.of_person(c, WHO, date(2026, 9, 1), date(2026, 9, 30))
        october = store.of_person(c, WHO, date(2026, 10, 1), date(2026, 10, 31))
        assert (september.days, september.hours, round(september.km)) == (1, 5.0, 5)
        assert (october.days, october.hours, round(october.km)) == (1, 1.0, 1)
        assert october.share is not None and october.share < 0.2
        both = store.of_person(c, WHO, date(2026, 9, 1), date(2026, 10, 31))
        assert both.days == 2
        assert both.share is not None and both.share > 0.4, "parts of both days joined"
        assert list(store.days_of(c, WHO, DAY, DAY + timedelta(days=9))) == [
            DAY,
            date(2026, 10, 1),
        ]
        store.forget_parts(c, WHO)
        assert store.of_person(c, WHO, DAY, DAY).share == 0.0
        assert store.any_before(c, date(2026, 10, 1))
        assert store.delete_before(c, date(2026, 10, 1)) == 1
        assert not store.any_before(c, date(2026, 10, 1))

    def found(c: Connection) -> PatrolSum:
        return store.of_person(c, WHO, DAY, DAY)

    database.do(unit)


@pytest.mark.both_databases
def test_a_month_of_many_is_summed_up_by_division_and_by_person(database: Database) -> None:
    def unit(c: Connection) -> None:
        more = [
            person(500 + number, f"巡{number}", VILLAGES[number % 3], Role.RANGER, linked=False)
            for number in range(30)
        ]
        c.execute(insert(people), more)
        rows = [
            {
                "person_id": each["id"],
                "day": date(2026, 9, day),
                "division_code": each["division_code"],
                "positions": 6,
                "seconds": 3600,
                "distance_m": 1500.0,
                "made_at": MORNING,
            }
            for each in more
            for day in range(1, 31)
        ]
        c.execute(insert(patrol_days), rows)
        first, last = date(2026, 9, 1), date(2026, 9, 30)
        months = store.of_days(c, first, last)
        assert set(months) == set(VILLAGES)
        assert months[VILLAGES[0]].persons == 10
        assert months[VILLAGES[0]].days == 300
        whole = sum(months.values(), PatrolSum())
        assert store.below(c, COUNTY, first, last) == {TOWNSHIP: whole}
        assert store.below(c, TOWNSHIP, first, last) == months
        assert store.below(c, VILLAGES[0], first, last) == {VILLAGES[0]: months[VILLAGES[0]]}
        assert store.below(c, "222402000000", first, last) == {}
        out = store.who_was_out(c, COUNTY, first, last)
        assert out == sorted((each["division_code"], each["id"]) for each in more)
        listed = [
            each
            for begin in range(0, len(out), 7)
            for each in store.of_persons(c, out[begin : begin + 7], first, last)
        ]
        assert sorted(each.person_id for each in listed) == [each["id"] for each in more]
        assert all(each.sum.hours == 30 and each.sum.km == 45 for each in listed)

    database.do(unit)


def test_a_day_that_cannot_be_summed_up_holds_up_no_other(database: Database) -> None:
    def unit(c: Connection) -> None:
        came(c, MORNING)
        now = MORNING + timedelta(days=1)
        summing.find_days(c, now, RULES)
        assert summing.set_first_aside(c, now, ValueError("x"))
        assert not store.any_due(c, now)
        assert store.any_due(c, now + timedelta(hours=2))
        c.execute(delete(patrol_days))
        assert not summing.set_first_aside(c, now, ValueError("x"))

    database.do(unit)
