"""A village without a position gets one from where its people reported."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from alerts.patrol.positions.village_store import reported_villages
from bot.runtime.hotspot_polls import HotspotPolls
from contacts.people import Role
from data.database import Database
from data.tables.contacts import people
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import positions
from tests.roster import COUNTY, OTHER_COUNTY, RANGER, VILLAGES, person
from tests.store.test_hotspot_polls import (  # noqa: F401 - fixtures
    FeedClock,
    FeedServer,
    clock,
    firms,
    polls,
    server,
)

pytestmark = pytest.mark.one_database


HEAD = person(600, "甲村长", VILLAGES[0], Role.VILLAGE_RESPONSIBLE)


def seen(
    person_id: int, lon: float, lat: float, at: datetime, county: str = COUNTY, doubt: str = ""
) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "taken_at": at,
        "received_at": at,
        "lon": lon,
        "lat": lat,
        "live": False,
        "doubts": [doubt] if doubt else [],
        "division_code": county,
    }


@pytest.mark.both_databases
def test_a_village_is_where_its_people_report_and_the_message_gives_no_distance(
    database: Database,
    server: FeedServer,  # noqa: F811
    clock: FeedClock,  # noqa: F811
    polls: HotspotPolls,  # noqa: F811
) -> None:
    now = clock()
    rows = [
        seen(600, 128.230, 43.370, now - timedelta(days=2)),
        seen(600, 128.232, 43.372, now - timedelta(days=1)),
        seen(600, 128.234, 43.374, now),
        seen(600, 0.0, 0.0, now, doubt="null_island"),
        seen(600, 129.8, 42.9, now, OTHER_COUNTY),  # away that day
        seen(600, 128.9, 43.9, now - timedelta(days=200)),
        seen(RANGER["id"], 128.5, 43.6, now),  # patrollers roam
    ]

    def unit(c: Any) -> None:
        c.execute(insert(people), [HEAD])
        c.execute(insert(positions), rows)

    database.do(unit)
    [spot] = database.read(lambda c: reported_villages(c, now))
    assert (spot.code, spot.lon, spot.lat) == (VILLAGES[0], 128.232, 43.372)
    server.body = firms("0505")
    polls.poll()
    [task] = database.read(lambda c: c.execute(select(hotspot_tasks)).all())
    assert (task.county_code, task.village_code, task.village_m) == (COUNTY, VILLAGES[0], None)


def test_nothing_near_is_named_by_the_county_alone(
    database: Database,
    server: FeedServer,  # noqa: F811
    clock: FeedClock,  # noqa: F811
    polls: HotspotPolls,  # noqa: F811
) -> None:
    far = seen(600, 128.6, 43.37, clock())  # 30 km off

    def unit(c: Any) -> None:
        c.execute(insert(people), [HEAD])
        c.execute(insert(positions), [far])

    database.do(unit)
    server.body = firms("0505")
    polls.poll()
    [task] = database.read(lambda c: c.execute(select(hotspot_tasks)).all())
    assert (task.county_code, task.village_code, task.village_m) == (COUNTY, None, None)
