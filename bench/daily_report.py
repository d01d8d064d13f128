"""(A2) The daily report of a province after a busy day: counted, stored, put into a file."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from alerts.calls import CallState
from alerts.loop.daily import making
from alerts.loop.daily.days import DailyRules, Period, last_over, span_of
from alerts.loop.daily.figures import Figure, of_division
from alerts.loop.daily.reading import DailyReport, read_report
from alerts.loop.tasks.model import TaskList, TaskState
from alerts.model import Hazard, Level
from alerts.release import release
from bench.scene import DRAFT, PROVINCE, QUIET, Row, filled, now
from bot.views.report.daily_lines import DailySheets
from bot.views.report.daily_pdf import as_daily_pdf
from bot.views.report.daily_xlsx import as_daily_xlsx
from contacts import people_store
from contacts.divisions.codes import Tier
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.store import shipped_divisions
from data.database import Connection, Database
from data.tables.alerts import calls, reports
from data.tables.contacts import people
from data.tables.hotspots import hotspot_tasks
from data.tables.patrol import field_reports
from data.tables.patrol_results import patrol_days
from data.tables.tasks import tasks

BAR, WANTED = 5.0, 2.5
"""Seconds."""

_SOME = 2_000


def daily_report(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds to count the day of 69 counties, 1,075 townships, 11,860 villages; to store it; and
    until a month of it is in a workbook and in a PDF."""
    persons, warnings, out = (12_000, 3, 5_000) if quick else (24_000, 5, 20_000)
    rules = DailyRules()
    day = last_over(now(), rules)
    moment = span_of(day, rules).until + timedelta(minutes=1)
    database = filled(folder / "daily.db", persons)
    try:
        _fill(database, day, rules, warnings, out)
        spent, began = time.process_time(), time.perf_counter()
        parts = database.read(lambda c: making.count(c, day, rules))
        counting = time.perf_counter() - began
        assert parts is not None
        began = time.perf_counter()
        database.do(lambda c: making.put(c, day, parts, moment))
        storing = time.perf_counter() - began
        began = time.perf_counter()
        told = database.read(lambda c: making.plan_telling(c, day, moment, rules))
        database.do(lambda c: making.tell(c, told, moment))
        telling = time.perf_counter() - began
        spent = time.process_time() - spent
        _copy(database, day)
        began = time.perf_counter()
        report = database.read(
            lambda c: read_report(c, PROVINCE, Period.MONTH, day, moment, rules, curves=True)
        )
        reading = time.perf_counter() - began
        files = _files(report)
        asked = database.read(
            lambda c: c.execute(select(func.count()).select_from(calls)).scalar_one()
        )
    finally:
        database.close()
    province = of_division(parts, PROVINCE)
    assert province[Figure.CALLS] == asked, (province[Figure.CALLS], asked)
    took = counting + storing + telling
    label = f"{asked:,} calls, {out:,} patrollers, 10,000 tasks: "
    return [
        Row("A2", label + "day made, s", f"{took:.2f}", f"≤ {BAR:g}", took <= BAR),
        Row("A2", "the same: CPU, s", f"{spent:.2f}"),
        Row("A2", "of it counted, beside the writer, s", f"{counting:.2f}"),
        Row("A2", "of it written, s", f"{storing + telling:.2f}"),
        Row("A2", "a province's month read, s", f"{reading:.2f}", f"≤ {BAR:g}", reading <= BAR),
        Row("A2", "the same as XLSX / PDF, s", " / ".join(f"{each:.2f}" for each in files)),
    ]


def _fill(database: Database, day: date, rules: DailyRules, warnings: int, out: int) -> None:
    draw, span = random.Random(69), span_of(day, rules)
    begins = span.since + timedelta(hours=12)
    hazards = [Hazard.RAINSTORM, Hazard.FLASH_FLOOD, Hazard.FOREST_FIRE, Hazard.GEOLOGICAL]
    for n in range(warnings):
        draft = replace(DRAFT, hazard=hazards[n % len(hazards)], level=Level.ORANGE)
        at = begins + timedelta(minutes=30 * n)

        def warn(c: Connection, draft: Any = draft, at: Any = at) -> None:
            sender = people_store.person(c, 1)
            assert sender is not None
            release(c, draft, sender, QUIET, at)

        database.do(warn)
    villages = [each.code for each in shipped_divisions() if each.tier is Tier.VILLAGE]
    database.do(_add_readers)
    database.do(lambda c: _answer(c, draw))
    database.do(lambda c: _report(c, begins, draw))
    for rows in _in_parts(_tasks(villages, begins, draw)):
        database.do(lambda c, rows=rows: c.execute(insert(tasks), rows))  # type: ignore[misc]
    patrollers = database.read(
        lambda c: c.execute(select(people.c.id, people.c.division_code).limit(out)).all()
    )
    days = [
        {
            "person_id": row.id,
            "day": day,
            "division_code": row.division_code,
            "positions": draw.randrange(1, 9),
            "seconds": draw.randrange(3600, 28_800),
            "cells": 40,
            "visited": draw.randrange(40),
            "made_at": span.until,
        }
        for row in patrollers
    ]
    for rows in _in_parts(days):
        database.do(lambda c, rows=rows: c.execute(insert(patrol_days), rows))  # type: ignore[misc]
    spot = {"lon": 126.5, "lat": 43.8, "pixels": 1, "hotspots": 1, "satellites": "NPP"}
    seen = [
        spot
        | {"state": "waiting", "county_code": code[:6] + "000000", "village_code": code}
        | {"first_at": begins, "last_at": begins, "opened_at": begins, "due_at": span.until}
        for code in draw.sample(villages, 500)
    ]
    database.do(lambda c: c.execute(insert(hotspot_tasks), seen))
    sent = [
        {"person_id": row.id, "at": begins, "kind": "photo", "division_code": row.division_code}
        for row in patrollers[:3000]
    ]
    database.do(lambda c: c.execute(insert(field_reports), sent))


def _add_readers(connection: Connection) -> None:
    """Five in each city and county."""
    row = dict(connection.execute(select(people).where(people.c.id == 1)).one()._mapping)
    upper = [each.code for each in shipped_divisions() if each.tier in (Tier.CITY, Tier.COUNTY)]
    rows = [
        row
        | {
            "id": 500_000 + 10 * n + k,
            "division_code": code,
            "role": role,
            "phone": f"+8613{n:04d}{k:05d}",
            "telegram_id": 9_000_000 + 10 * n + k,
            "invite_code": f"reader{n}.{k}",
        }
        for n, code in enumerate(upper)
        for k, role in enumerate(
            ("commander", "director", "flood_office_head", "fire_office_head", "duty_officer")
        )
    ]
    connection.execute(insert(people), rows)


def _answer(connection: Connection, draw: random.Random) -> None:
    """Nineteen of twenty answer within the hour."""
    rows = connection.execute(select(calls.c.id)).scalars().all()
    answered = [
        {"key": key, "took": int(draw.lognormvariate(4.5, 1.2) * 1000)}
        for key in rows
        if draw.random() < 0.95
    ]
    statement = text(
        "UPDATE calls SET state = 'acknowledged', answered_via = 'button', "
        "answered_at = called_at + :took WHERE id = :key"
    )
    assert CallState.ACKNOWLEDGED.value == "acknowledged"
    connection.execute(statement, answered)


def _report(connection: Connection, begins: Any, draw: random.Random) -> None:
    """A third of those called report, every tenth of them twice, with figures."""
    columns = (calls.c.id, calls.c.alert_id, calls.c.person_id, calls.c.division_code)
    found = [row for row in connection.execute(select(*columns)) if draw.random() < 0.33]
    rows = [
        {
            "alert_id": row.alert_id,
            "call_id": row.id,
            "person_id": row.person_id,
            "division_code": row.division_code,
            "report": "moved",
            "households": draw.randrange(20),
            "persons": draw.randrange(60),
            "reported_at": begins + timedelta(hours=3, seconds=n % 3600),
        }
        for n, row in enumerate([*found, *found[::10]])
    ]
    for some in _in_parts(rows):
        connection.execute(insert(reports), some)


def _tasks(villages: list[str], begins: Any, draw: random.Random) -> list[dict[str, Any]]:
    """Ten thousand, of which a third are done."""
    return [
        {
            "title": "排查隐患",
            "in_list": TaskList.TASK.value,
            "measure": "",
            "division_code": code,
            "responsible_division": code,
            "responsible_role": "village_responsible",
            "state": TaskState.OPEN.value,
            "created_at": begins - timedelta(hours=8),
            "since_at": begins - timedelta(hours=8),
            "due_at": begins + timedelta(hours=draw.randrange(-2, 12)),
        }
        for code in (draw.choice(villages) for _ in range(10_000))
    ]


def _copy(database: Database, day: date) -> None:
    """The month before has as much every day."""
    statement = text(
        "INSERT INTO daily_reports (day, division_code, own, sums) "
        "SELECT :to, division_code, own, sums FROM daily_reports WHERE day = :day"
    )
    known = text("INSERT INTO daily_days (day, made_at, told_at, unread) VALUES (:to, 1, 1, '[]')")
    days = [day.replace(day=n) for n in range(1, day.day)]

    def unit(connection: Connection) -> None:
        for each in days:
            connection.execute(statement, {"to": each.isoformat(), "day": day.isoformat()})
            connection.execute(known, {"to": each.isoformat()})

    database.do(unit)


def _files(report: DailyReport) -> tuple[float, float]:
    sheets = DailySheets(report, Gazetteer(shipped_divisions()), ())
    took = []
    for make in (as_daily_xlsx, as_daily_pdf):
        began = time.perf_counter()
        assert make(sheets)
        took.append(time.perf_counter() - began)
    return took[0], took[1]


def _in_parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, len(rows), _SOME):
        yield rows[first : first + _SOME]
