"""A large feed is stored a few fires at a time; a kill in between loses and doubles nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from alerts.patrol.hotspots import intake as hotspot_intake
from alerts.patrol.hotspots.intake import take_in
from alerts.patrol.hotspots.joining import Located
from alerts.patrol.hotspots.model import VerificationRules
from alerts.patrol.hotspots.verification import move_tasks
from alerts.sources.hotspots import Hotspot, Instrument
from contacts.people import Role
from data.audit import verify
from data.database import Connection, Database
from data.tables.alerts import deliveries
from data.tables.contacts import people
from data.tables.hotspots import hotspot_asks, hotspot_tasks, hotspots
from data.tables.patrol import positions
from tests.roster import COUNTY, RANGER, VILLAGES, person

RULES = VerificationRules()
NOW = datetime(2026, 4, 12, 6, 30, tzinfo=UTC)
LON, LAT = 128.2, 43.4
FIRES = 23


class Killed(Exception):
    """Raised where the process is killed."""


class DyingDatabase:
    """A database whose process is killed before a given transaction."""

    def __init__(self, database: Database, after: int) -> None:
        self._database, self._left = database, after
        self.read = database.read

    def do(self, unit: Any) -> Any:
        if self._left == 0:
            raise Killed
        self._left -= 1
        return self._database.do(unit)


def spot(east_m: float, north_m: float = 0.0) -> Located:
    lon = LON + east_m / (111_195 * math.cos(math.radians(LAT)))
    at = NOW - timedelta(minutes=80)
    hotspot = Hotspot(lon, LAT + north_m / 111_195, at, "NOAA-20", Instrument.VIIRS)
    return Located(hotspot, COUNTY)


def day() -> list[Located]:
    """Fires of one to four pixels, 3 km apart."""
    return [spot(3000 * n, 375 * row) for n in range(FIRES) for row in range(1 + n % 4)]


def facts(connection: Connection) -> dict[str, Any]:
    """What must be the same, whatever happened on the way."""
    tasks = {row.id: row for row in connection.execute(select(hotspot_tasks))}
    members: dict[int, set[str]] = {}
    for row in connection.execute(select(hotspots)):
        members.setdefault(row.task_id, set()).add(row.key)
    asked: list[int] = [row.task_id for row in connection.execute(select(hotspot_asks))]
    kinds = sorted(
        (row.kind, row.chat_id)
        for row in connection.execute(select(deliveries))
        if row.kind == "hotspot_alarm"
    )
    assert set(members) == set(tasks)
    return {
        "fires": sorted((sorted(keys), tasks[task_id].pixels) for task_id, keys in members.items()),
        "alarms": kinds,
        "asked": (len(asked), len(set(asked))),
        "chain": verify(connection).broken,
    }


@pytest.fixture
def manned(database: Database) -> Database:
    """As many patrollers as fires."""
    rows = [person(500 + n, f"护林员{n}", VILLAGES[0], Role.RANGER) for n in range(FIRES)]
    spots = [
        {
            "person_id": row["id"],
            "taken_at": NOW,
            "received_at": NOW,
            "lon": spot(3000 * n + 500).hotspot.lon,
            "lat": LAT,
            "doubts": [],
        }
        for n, row in enumerate(rows)
    ]

    def unit(connection: Connection) -> None:
        connection.execute(delete(positions).where(positions.c.person_id == RANGER["id"]))
        connection.execute(insert(people), rows)
        connection.execute(insert(positions), spots)

    database.do(unit)
    return database


def finish(database: Database, seen: Sequence[Located]) -> dict[str, Any]:
    """The next poll, and the sweep."""
    take_in(database, "firms", seen, NOW, RULES)
    while database.do(lambda c: move_tasks(c, NOW, RULES)):
        pass
    return database.read(facts)


@pytest.mark.parametrize("transactions", [0, 1, 2, 3, 4, 5])
@pytest.mark.one_database
def test_killed_between_two_transactions(manned: Database, transactions: int) -> None:
    with pytest.raises(Killed):
        take_in(DyingDatabase(manned, transactions), "firms", day(), NOW, RULES)  # type: ignore[arg-type]
    found = finish(manned, day())
    pixels = [1 + n % 4 for n in range(FIRES)]
    assert sorted(count for _, count in found["fires"]) == sorted(pixels)
    assert sum(len(keys) for keys, _ in found["fires"]) == len(day())
    assert found["asked"] == (FIRES, FIRES)
    alarmed = sum(count >= RULES.alarm_pixels for count in pixels)
    assert len(found["alarms"]) % alarmed == 0 and found["alarms"]
    assert len(found["alarms"]) == alarmed * len(set(found["alarms"]))
    assert found["chain"] is None
    assert finish(manned, day()) == found


def test_a_fire_larger_than_a_transaction_is_one_task(
    manned: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotspot_intake, "MOST_PIXELS", 7)
    large = [spot(375 * x, 375 * y) for x in range(5) for y in range(5)]
    with pytest.raises(Killed):
        take_in(DyingDatabase(manned, 2), "firms", large, NOW, RULES)  # type: ignore[arg-type]
    found = finish(manned, large)
    assert [(len(keys), pixels) for keys, pixels in found["fires"]] == [(25, 25)]
    assert found["asked"] == (1, 1)


def test_what_another_process_took_in_meanwhile_is_noticed(manned: Database) -> None:
    class OvertakenDatabase:
        """A database in which another process stores the same feed just before the first write."""

        def __init__(self) -> None:
            self.read, self._first = manned.read, True

        def do(self, unit: Any) -> Any:
            if self._first:
                self._first = False
                take_in(manned, "other", day(), NOW, RULES)
            return manned.do(unit)

    taken = take_in(OvertakenDatabase(), "firms", day(), NOW, RULES)  # type: ignore[arg-type]
    assert taken.new == 0
    assert finish(manned, day())["asked"] == (FIRES, FIRES)
