"""Positions are deleted when their days are over; those of an event are kept with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from alerts.patrol.positions.retention import delete_old, old_positions
from data import audit
from data.database import Connection, Database
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import distress_calls, field_reports, positions
from tests.roster import COUNTY, NOW, RANGER

DAY = timedelta(days=1)


def put(c: Connection, received: datetime) -> int:
    values = {
        "person_id": RANGER["id"],
        "taken_at": received,
        "received_at": received,
        "lon": 128.2,
        "lat": 43.4,
        "doubts": [],
    }
    key = c.execute(insert(positions).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def sweep(c: Connection, *, limit: int = 2000) -> int:
    """Everything that is old, a chunk at a time; how many chunks it took."""
    after, chunks, more = 0, 0, True
    while more:
        batch = delete_old(c, NOW, 90, after, limit=limit)
        after, more, chunks = batch.last_id, batch.more, chunks + 1
    return chunks


def left(c: Connection) -> list[int]:
    return list(c.execute(select(positions.c.id).order_by(positions.c.id)).scalars())


def test_old_positions_go_and_young_ones_stay(database: Database) -> None:
    def unit(c: Connection) -> None:
        old = [put(c, NOW - 91 * DAY), put(c, NOW - 90 * DAY - timedelta(seconds=1))]
        young = [put(c, NOW - 90 * DAY), put(c, NOW)]
        assert old_positions(c, NOW, 90).ids == tuple(old)
        assert left(c) == [*old, *young]  # looking deletes nothing
        sweep(c)
        assert left(c) == young
        (entry,) = audit.trail(c, "positions")
        assert (entry["action"], entry["detail"]["count"]) == ("positions.deleted", 2)
        sweep(c)
        assert len(list(audit.trail(c, "positions"))) == 1  # nothing went: nothing to say
        assert audit.verify(c).broken is None

    database.do(unit)


def bind_distress(c: Connection, position: int) -> None:
    values = {"person_id": RANGER["id"], "raised_at": NOW, "position_id": position}
    c.execute(insert(distress_calls).values(values))


def bind_report(c: Connection, position: int) -> None:
    values = {"person_id": RANGER["id"], "at": NOW, "kind": "photo", "position_id": position}
    c.execute(insert(field_reports).values(values))


def bind_verdict(c: Connection, position: int) -> None:
    c.execute(
        insert(hotspot_tasks).values(
            state="verified",
            lon=128.2,
            lat=43.4,
            county_code=COUNTY,
            pixels=1,
            hotspots=1,
            satellites="S-NPP",
            first_at=NOW,
            last_at=NOW,
            opened_at=NOW,
            due_at=NOW,
            position_id=position,
        )
    )


@pytest.mark.parametrize("bind", [bind_distress, bind_report, bind_verdict])
def test_the_position_of_an_event_stays_with_it(database: Database, bind) -> None:
    def unit(c: Connection) -> None:
        before, kept, after = (put(c, NOW - (100 - n) * DAY) for n in range(3))
        bind(c, kept)
        assert old_positions(c, NOW, 90).ids == (before, after)
        sweep(c)
        assert left(c) == [kept]

    database.do(unit)


@pytest.mark.one_database
def test_chunks_pass_over_what_stays(database: Database) -> None:
    def unit(c: Connection) -> None:
        ids = [put(c, NOW - 100 * DAY) for _ in range(9)]
        for position_id in ids[2:6]:
            bind_report(c, position_id)
        assert sweep(c, limit=2) == 5
        assert left(c) == ids[2:6]
        counts = [entry["detail"]["count"] for entry in audit.trail(c, "positions")]
        assert counts == [2, 2, 1]

    database.do(unit)
