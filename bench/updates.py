"""(w) A warning of 60,000 calls is changed: seconds until the change is committed, and until
everybody it concerns has their message in the outbox."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update as change_rows

from alerts.calls import CallState, Via
from alerts.lifecycle import Change
from alerts.model import Level
from alerts.release import release
from alerts.updates import carrying_out
from alerts.updates.changing import changed, update
from bench.scene import DRAFT, QUIET, Row, filled, now
from contacts import people_store
from contacts.people import Person
from data.database import Connection, Database
from data.tables.alerts import calls

PERSONS = 60_000
COMMITTED_WITHIN = 0.5
"""Seconds a commander's tap may take."""

CITY = "222400000000"

CHANGES = (
    ("extended", Change(longer=timedelta(hours=6))),
    ("raised, everybody asked again", Change(level=Level.RED)),
    ("narrowed by a prefecture", Change(remove=(CITY,))),
    ("widened by it again", Change(add=(CITY,))),
)


def updates(folder: Path, *, quick: bool) -> list[Row]:
    """One change after another of a province's warning, half of which was answered."""
    persons = 15_000 if quick else PERSONS
    database = filled(folder / "updates.db", persons, posts=100)
    rows: list[Row] = []
    try:
        alert_id, called = database.do(_released)
        database.do(lambda c: _answered(c, alert_id))
        for name, change in CHANGES:
            rows += _measured(database, alert_id, f"{called:,} calls, {name}: ", change)
    finally:
        database.close()
    return rows


def _released(connection: Connection) -> tuple[int, int]:
    by = _commander(connection)
    draft = replace(DRAFT, level=Level.ORANGE)
    done = release(connection, draft, by, QUIET, now())
    return done.alert_id, done.calls


def _commander(connection: Connection) -> Person:
    found = people_store.person(connection, 1)
    assert found is not None
    return found


def _answered(connection: Connection, alert_id: int) -> None:
    """All messages have arrived, and every second person has answered."""
    mine = calls.c.alert_id == alert_id
    connection.execute(
        change_rows(calls)
        .where(mine)
        .values(message_id=calls.c.id, delivered_at=now(), reach="delivered")
    )
    connection.execute(
        change_rows(calls)
        .where(mine, calls.c.id % 2 == 0)
        .values(
            state=CallState.ACKNOWLEDGED.value,
            answered_at=now(),
            answered_via=Via.BUTTON.value,
            due_at=None,
        )
    )


def _measured(database: Database, alert_id: int, label: str, change: Change) -> list[Row]:
    began = time.perf_counter()
    would = database.read(lambda c: changed(c, alert_id, change, _commander(c), QUIET, now()))
    shown = time.perf_counter() - began
    began = time.perf_counter()
    database.do(lambda c: update(c, alert_id, change, _commander(c), QUIET, now(), counted=would))
    committed = time.perf_counter() - began
    longest = 0.0
    while True:
        part = time.perf_counter()
        if not database.do(lambda c: carrying_out.carry_on(c, QUIET, now())):
            break
        longest = max(longest, time.perf_counter() - part)
    everybody = time.perf_counter() - began
    within = committed <= COMMITTED_WITHIN
    concerned = would.asked + would.called + would.told + would.stood_down
    return [
        Row("w", label + "preview counted, s", f"{shown:.2f}"),
        Row("w", label + "committed, s", f"{committed:.2f}", f"≤ {COMMITTED_WITHIN}", within),
        Row("w", label + f"{concerned:,} messages queued, s", f"{everybody:.1f}"),
        Row("w", label + "longest part, s", f"{longest:.2f}"),
    ]
