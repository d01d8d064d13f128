"""A live location shared for a day is stored as a bounded number of points."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from alerts.patrol.positions.model import MOST_A_DAY, CheckInRules, Fix
from alerts.patrol.positions.recording import record_position
from contacts import people_store
from data.database import Connection, Database
from data.tables.patrol import positions
from tests.roster import COUNTY, NOW, RANGER

pytestmark = pytest.mark.one_database


SECONDS = 120  # between two points the phone sends
HOURS = 24


@pytest.mark.both_databases
def test_a_day_of_walking_leaves_a_bounded_track_that_does_not_break_off(
    database: Database,
) -> None:
    def walk(c: Connection) -> None:
        person = people_store.person(c, RANGER["id"])
        assert person is not None
        for number in range(HOURS * 3600 // SECONDS):
            at = NOW + timedelta(seconds=number * SECONDS)
            fix = Fix(128.2 + number * 0.0016, 43.4, at, at, 10.0)
            record_position(
                c,
                person,
                fix,
                COUNTY,
                CheckInRules(),
                inside_province=True,
                message_id=7,
                live=True,
            )

    database.do(walk)
    times = database.read(
        lambda c: (
            c.execute(select(positions.c.taken_at).order_by(positions.c.taken_at)).scalars().all()
        )
    )
    assert 300 < len(times) <= MOST_A_DAY
    assert times[0] == NOW
    assert times[-1] > NOW + timedelta(hours=HOURS - 1)
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < timedelta(
        minutes=30
    )
