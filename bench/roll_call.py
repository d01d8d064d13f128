"""(r) A roll call of 5,000 people: starting it, everybody answering, and reading it meanwhile."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select

from alerts.patrol.positions.model import CheckInRules, Fix
from alerts.patrol.positions.recording import record_position
from alerts.patrol.roll_calls import calling as roll_calls
from alerts.patrol.roll_calls import roll_store
from alerts.patrol.roll_calls.model import Whom
from alerts.patrol.roll_calls.results import move_one_on, moving
from bench.scene import PROVINCE, Row, filled, now
from contacts import people_store
from contacts.people import Person
from data.database import Connection, Database
from data.tables.contacts import people
from data.tables.patrol import roll_call_entries

PERSONS = 5000
COUNTY = "222403000000"
HERE = (128.23, 43.37)  # lon, lat
PER_SECOND = 30
"""What Telegram lets one bot send."""


def rolling(folder: Path, *, quick: bool) -> list[Row]:  # noqa: ARG001 - benches are asked alike
    """Seconds of each step, one process, on the disk."""
    database = filled(folder / "roll.db", PERSONS)
    rangers = people.update().where(people.c.id > 1).values(role="ranger")
    database.do(lambda c: c.execute(rangers))
    by = database.read(lambda c: people_store.person(c, 1))
    assert by is not None
    began, at = time.perf_counter(), now()
    database.do(
        lambda c: roll_calls.start(c, by, PROVINCE, Whom.RANGERS, 60, at, chat_id=1, message_id=1)
    )
    started = time.perf_counter() - began
    assert database.read(lambda c: roll_store.counts(c, 1)).silent == PERSONS
    idle = _looks(database)
    asked = select(roll_call_entries.c.person_id)
    ids = database.read(lambda c: c.execute(asked).scalars().all())
    persons = list(database.read(lambda c: people_store.people(c, ids)).values())
    began = time.perf_counter()
    under_way = [database.write(partial(_answer, person_id)) for person_id in persons]
    for done in under_way:
        done.result()
    answered = time.perf_counter() - began
    assert database.read(lambda c: roll_store.counts(c, 1)).answered == PERSONS
    began = time.perf_counter()
    database.do(lambda c: move_one_on(c, 1, now()))
    shown = time.perf_counter() - began
    database.close()
    label = f"roll call of {PERSONS:,} started, committed, s"
    return [
        Row("r", label, f"{started:.3f}", "≤ 0.5", started <= 0.5),
        Row("r", f"its sending at {PER_SECOND}/s takes, s", f"{PERSONS / PER_SECOND:.0f}"),
        Row("r", "positions taken in and counted, a second", f"{PERSONS / answered:.0f}"),
        Row("r", "a look whether anything changed, nothing did, ms", f"{idle * 1000:.2f}"),
        Row("r", "the result brought up to date, ms", f"{shown * 1000:.1f}"),
    ]


def _looks(database: Database) -> float:
    times = []
    for _ in range(20):
        began = time.perf_counter()
        assert not database.read(lambda c: moving(c, now()))
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _answer(person: Person, connection: Connection) -> None:
    at = now() + timedelta(seconds=1)
    fix = Fix(*HERE, at, at, 10.0)
    position = record_position(
        connection, person, fix, COUNTY, CheckInRules(), inside_province=True
    )
    assert position is not None
    roll_calls.answered(connection, person, position, 0.0, 1000.0, at)
