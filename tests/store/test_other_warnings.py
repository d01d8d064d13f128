"""Warnings named to somebody who decides about another: those that matter, and none besides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from alerts import alert_store
from alerts.changes import LOOKED_AT, MOST_CHANGES, changes_since
from alerts.model import Draft, Hazard, Level, State
from alerts.same_warnings import same_in_force
from contacts import people_store
from contacts.people import Person
from data.database import Connection, Database
from data.tables.alerts import alerts
from tests.roster import (
    CITY,
    CITY_COMMANDER,
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    OTHER_COUNTY,
    TOWNSHIP,
    VILLAGES,
)

SINCE = NOW - timedelta(hours=1)
BEFORE, SOON = SINCE - timedelta(minutes=1), SINCE + timedelta(minutes=1)


@pytest.fixture
def c(database: Database) -> Iterator[Connection]:
    """A transaction which is taken back."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def warn(c: Connection, alert_id: int, area: str = COUNTY, **more: Any) -> int:
    row = {
        "id": alert_id,
        "identifier": f"a{alert_id}",
        "status": "Actual",
        "level": "red",
        "hazard": "rainstorm",
        "headline": "…",
        "description": "…",
        "areas": [area],
        "state": "released",
        "sender_id": COUNTY_COMMANDER["id"],
        "created_at": BEFORE,
        "released_at": BEFORE,
        "expires_at": NOW + timedelta(hours=9),
    }
    c.execute(insert(alerts).values(row | more))
    return alert_id


def person(c: Connection, row: dict[str, Any]) -> Person:
    found = people_store.person(c, row["id"])
    assert found is not None
    return found


def test_what_was_released_or_ended_since_is_named(c: Connection) -> None:
    warn(c, 1)  # as it was
    warn(c, 2, released_at=SINCE)  # at that moment: it was seen
    warn(c, 3, released_at=SOON)
    warn(c, 4, state="cancelled", cancelled_at=SOON)
    warn(c, 5, state="closed", closed_at=SOON)
    warn(c, 6, state="cancelled", cancelled_at=BEFORE)
    warn(c, 8, state="lifted", lifted_at=SOON)
    warn(c, 7, state="refused", released_at=None, cancelled_at=SOON)  # it never went out

    def named(*areas: str) -> list[int]:
        return [alert.id for alert in changes_since(c, areas, SINCE)]

    assert named(COUNTY) == [8, 5, 4, 3]
    # An area above, or a part, is concerned as well; a neighbour is not.
    assert named(CITY) == named(VILLAGES[0]) == [8, 5, 4, 3]
    assert named(OTHER_COUNTY) == []
    assert named(OTHER_COUNTY, TOWNSHIP) == [8, 5, 4, 3]
    assert named() == []


def test_so_many_changes_of_the_newest_are_named(c: Connection) -> None:
    for alert_id in range(1, LOOKED_AT + 2):
        changed = alert_id in (1, 2) or alert_id > LOOKED_AT - MOST_CHANGES
        warn(c, alert_id, released_at=SOON if changed else BEFORE)
    found = [alert.id for alert in changes_since(c, [COUNTY], SINCE)]
    assert found == list(range(LOOKED_AT + 1, LOOKED_AT + 1 - MOST_CHANGES, -1))
    newest = alerts.update().where(alerts.c.id > 2).values(released_at=BEFORE)
    c.execute(newest)
    assert [alert.id for alert in changes_since(c, [COUNTY], SINCE)] == [2]  # 1 is history


def draft(area: str = COUNTY, **more: Any) -> Draft:
    hazard = more.pop("hazard", Hazard.RAINSTORM)
    return Draft(Level.RED, hazard, (area,), "立即转移", headline="…", **more)


def test_the_same_warning_is_one_of_the_hazard_in_force_over_the_same_ground(c: Connection) -> None:
    warn(c, 1)
    warn(c, 2, TOWNSHIP, state="closed", closed_at=SOON)
    warn(c, 3, CITY, state="pending", released_at=None, sender_id=CITY_COMMANDER["id"])
    warn(c, 4, hazard="typhoon")
    warn(c, 5, OTHER_COUNTY)
    warn(c, 6, status="Exercise")
    warn(c, 7, expires_at=NOW)
    warn(c, 8, state="cancelled", cancelled_at=SOON)
    warn(c, 9, state="expired")
    commander, duty = person(c, CITY_COMMANDER), person(c, COUNTY_DUTY)

    def same(what: Any, by: Person = commander) -> list[int]:
        return [alert.id for alert in same_in_force(c, what, by, NOW)]

    assert same(draft()) == [3, 2, 1]
    assert same(draft(VILLAGES[0])) == [3, 2, 1]
    assert same(draft(OTHER_COUNTY)) == [5, 3]
    assert same(draft(exercise=True)) == [6]
    assert same(draft(hazard=Hazard.TYPHOON)) == [4]
    # What waits for the second person is known to those only who may confirm it, and the sender,
    # while that post is theirs.
    assert same(draft(), duty) == [2, 1]
    c.execute(alerts.update().where(alerts.c.id == 3).values(sender_id=COUNTY_COMMANDER["id"]))
    assert same(draft(), person(c, COUNTY_COMMANDER)) == [2, 1]


def test_a_warning_is_not_the_same_as_itself(c: Connection) -> None:
    warn(c, 1, state=State.PENDING.value, released_at=None)
    warn(c, 2)
    mine = alert_store.alert(c, 1)
    assert mine is not None
    assert [a.id for a in same_in_force(c, mine, person(c, COUNTY_COMMANDER), NOW)] == [2]
