"""(d) releasing to 60,000 people and (e) sweeping 20,000 due calls, compared with one by one."""

from __future__ import annotations

import shutil
import statistics
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Insert, insert, select, text

from alerts.chase import sweep
from bench.planned_jobs import fire
from bench.scene import CHASING, Row, filled, go, now
from data.database import Connection, Database
from data.tables.alerts import alerts, calls, deliveries
from data.tables.columns import to_milliseconds
from data.tables.contacts import people, posts

PERSONS = 60_000
DUE = 20_000
ONE_BY_ONE = 6000
FURTHER_POSTS = 20_000


def release(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds from the call of the use case to its commit, targeting included."""
    database = filled(folder / "release.db", PERSONS)
    times = []
    for _ in range(3 if quick else 9):
        began = time.perf_counter()
        released = go(database)
        times.append(time.perf_counter() - began)
        assert released.calls == PERSONS
    peer = _row_by_row(database, ONE_BY_ONE) * PERSONS / ONE_BY_ONE
    database.do(_hold_more_posts)
    with_posts = []
    for _ in range(3 if quick else 9):
        began = time.perf_counter()
        released = go(database)
        with_posts.append(time.perf_counter() - began)
        assert released.calls == PERSONS
    database.close()
    median, slowest = statistics.median(times), max(times)
    times_faster = peer / median
    ratio = statistics.median(with_posts) / median
    return [
        Row("d", "release to 60,000 committed, median s", f"{median:.3f}"),
        Row("d", "release to 60,000 committed, slowest s", f"{slowest:.3f}"),
        Row("d", "times as long with 80,000 posts", f"{ratio:.2f}", "≤ 1.5", ratio <= 1.5),
        Row("d", f"a SQLAlchemy INSERT for each row, s ({ONE_BY_ONE} × 10)", f"{peer:.2f}"),
        Row("d", "times faster than row by row", f"{times_faster:.0f}", "≥ 40", times_faster >= 40),
    ]


def _hold_more_posts(connection: Connection) -> None:
    """One person of three answers for the village after theirs, too."""
    villages = sorted(set(connection.execute(select(people.c.division_code)).scalars()))
    after = dict(pairwise(villages))
    chosen = connection.execute(
        select(people.c.id, people.c.division_code).where(people.c.id % 3 == 0)
    ).all()
    rows = [
        {
            "person_id": row.id,
            "division_code": after.get(row.division_code, villages[0]),
            "role": "village_responsible" if row.id % 2 else "ranger",
        }
        for row in chosen[:FURTHER_POSTS]
    ]
    connection.execute(insert(posts), rows)


def _row_by_row(database: Database, persons: int) -> float:
    """The same call and delivery for each person, read and inserted one by one, one commit."""

    def unit(connection: Connection) -> None:
        moment = now()
        alert_id = connection.execute(select(alerts.c.id).limit(1)).scalar_one()
        chosen = connection.execute(
            select(people).where(people.c.contact == "ok", people.c.id > 1).limit(persons)
        ).all()
        # A fresh alert of its own, or the calls would be there already.
        row = connection.execute(select(alerts).where(alerts.c.id == alert_id)).one()._asdict()
        row |= {"id": None, "identifier": f"peer{moment:%H%M%S%f}"}
        peer_id = _added(connection, insert(alerts).values(row))
        for person in chosen:
            call = insert(calls).values(
                alert_id=peer_id,
                person_id=person.id,
                division_code=person.division_code,
                role=person.role,
                state="waiting",
                reach="queued",
                called_at=moment,
                due_at=moment,
            )
            call_id = _added(connection, call)
            connection.execute(
                insert(deliveries).values(
                    kind="call",
                    lane=2,
                    place=1,
                    state="queued",
                    chat_id=person.telegram_id,
                    language=person.language,
                    role=person.role,
                    alert_id=peer_id,
                    call_id=call_id,
                    person_id=person.id,
                    not_before=moment,
                    created_at=moment,
                )
            )

    began = time.perf_counter()
    database.do(unit)
    return time.perf_counter() - began


def _added(connection: Connection, row: Insert) -> int:
    key = connection.execute(row).inserted_primary_key
    assert key is not None
    return int(key[0])


def sweeping(folder: Path, *, quick: bool) -> list[Row]:
    """20,000 of 60,000 calls come due at once: each gets its step, delivery and trail entry."""
    file = folder / "sweep.db"
    at = due(file)
    times = []
    for turn in range(1 if quick else 3):
        copy = folder / f"ours-{turn}.db"
        shutil.copy(file, copy)
        times.append(_swept(copy, at))
    ours = statistics.median(times)
    jobs = 500 if quick else 2000

    def peer(name: str, *, durable: bool, plan: bool) -> float:
        copy = folder / f"{name}.db"
        shutil.copy(file, copy)
        return fire(copy, folder, at, jobs, PERSONS, durable=durable, plan=plan) * DUE / jobs

    planned = peer("planned", durable=True, plan=True)
    fired = peer("fired", durable=True, plan=False)
    memory = peer("memory", durable=False, plan=True)
    ratio = planned / ours
    sample = f"({jobs} fired of {PERSONS} held, × {DUE // jobs})"
    return [
        Row("e", "20,000 due of 60,000 swept, next step planned, s", f"{ours:.2f}"),
        Row("e", f"as many stored date jobs, next step planned, s {sample}", f"{planned:.1f}"),
        Row("e", "times faster than stored date jobs", f"{ratio:.0f}", "≥ 60", ratio >= 60),
        Row("e", f"stored date jobs, nothing planned after, s {sample}", f"{fired:.1f}"),
        Row("e", "date jobs in memory (a restart loses them), s", f"{memory:.1f}"),
    ]


def due(file: Path) -> datetime:
    """60,000 called; the first 20,000 got their call 2.5 minutes ago: a reminder is due."""
    database = filled(file, PERSONS)
    at = make_due(database)
    database.close()
    return at


def make_due(database: Database) -> datetime:
    """The same in a database filled already; returns when to sweep."""
    go(database, CHASING)
    at = now() + timedelta(minutes=2.5)

    def due(connection: Connection) -> None:
        connection.execute(text("UPDATE calls SET due_at = 9999999999999"))
        connection.execute(
            text(
                "UPDATE calls SET delivered_at = called_at, reach = 'delivered', due_at = :at "
                "WHERE id <= :most"
            ),
            {"at": to_milliseconds(at) - 1000, "most": DUE},
        )

    database.do(due)
    return at


def _swept(file: Path, at: datetime) -> float:
    database = Database(f"sqlite:///{file}")
    took = swept_in(database, at)
    database.close()
    return took


def swept_in(database: Database, at: datetime) -> float:
    """Seconds to sweep what ``make_due`` left."""
    began = time.perf_counter()
    swept = 0
    while taken := database.do(lambda c: sweep(c, CHASING, at)):
        swept += taken
    took = time.perf_counter() - began
    assert swept == DUE
    return took
