"""(d) a release to 60,000 and (e) a sweep of 20,000 due, against APScheduler's date jobs."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import timedelta
from pathlib import Path

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import create_engine, text

from alerts.chase import sweep
from bench.scene import CHASING, Row, filled, go, now
from data.columns import to_milliseconds

PERSONS = 60_000
DUE = 20_000


def release(folder: Path, *, quick: bool) -> list[Row]:
    """Seconds from the call of the use case to its commit, targeting included."""
    database = filled(folder / "release.db", PERSONS)
    times = []
    for _ in range(3 if quick else 7):
        began = time.perf_counter()
        released = go(database)
        times.append(time.perf_counter() - began)
        assert released.calls == PERSONS
    database.close()
    median, slowest = statistics.median(times), max(times)
    peer = _row_by_row(folder, 6000) * 10
    return [
        Row("d", "release to 60,000 committed, median s", f"{median:.3f}", "≤ 0.5", median <= 0.5),
        Row("d", "release to 60,000 committed, slowest s", f"{slowest:.3f}"),
        Row("d", "the same rows one INSERT each, s (6,000 measured, x10)", f"{peer:.2f}"),
    ]


def _row_by_row(folder: Path, rows: int) -> float:
    engine = create_engine(f"sqlite:///{folder}/rows.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE c (id INTEGER PRIMARY KEY, p INT, d TEXT, s TEXT)"))
    began = time.perf_counter()
    with engine.begin() as connection:
        for number in range(rows * 2):
            connection.execute(
                text("INSERT INTO c (p, d, s) VALUES (:p, :d, 'waiting')"),
                {"p": number, "d": "222403101200"},
            )
    return time.perf_counter() - began


def sweeping(folder: Path, *, quick: bool) -> list[Row]:
    """20,000 of 60,000 calls come due at once: each gets its step, delivery and trail entry."""
    database = filled(folder / "sweep.db", PERSONS)
    go(database, CHASING)
    at = now() + timedelta(minutes=2.5)

    def due(connection) -> None:  # type: ignore[no-untyped-def]
        connection.execute(text("UPDATE calls SET due_at = 9999999999999"))
        connection.execute(
            text(
                "UPDATE calls SET delivered_at = called_at, reach = 'delivered', due_at = :at "
                "WHERE id <= :most"
            ),
            {"at": to_milliseconds(at) - 1000, "most": DUE},
        )

    database.do(due)
    began = time.perf_counter()
    swept = 0
    while taken := database.do(lambda c: sweep(c, CHASING, at)):
        swept += taken
    ours = time.perf_counter() - began
    assert swept == DUE
    database.close()
    jobs = 500 if quick else 2000
    stored = asyncio.run(_date_jobs(folder, jobs, durable=True)) * DUE / jobs
    memory = asyncio.run(_date_jobs(folder, jobs, durable=False)) * DUE / jobs
    ratio = stored / ours
    return [
        Row("e", "20,000 due of 60,000 swept, s", f"{ours:.2f}"),
        Row(
            "e", f"20,000 date jobs in an SQLAlchemyJobStore, s ({jobs} measured)", f"{stored:.1f}"
        ),
        Row("e", "times faster", f"{ratio:.0f}", "≥ 50", ratio >= 50),
        Row(
            "e",
            f"20,000 date jobs in memory, s ({jobs} measured; a restart loses them)",
            f"{memory:.1f}",
        ),
    ]


_engine = None
_done = 0


def _step(call_id: int) -> None:
    """What a date job does when it fires: one call's step, in its own transaction."""
    global _done
    assert _engine is not None
    with _engine.begin() as connection:
        connection.execute(
            text("UPDATE calls SET steps = steps | 1 WHERE id = :id AND state = 'waiting'"),
            {"id": call_id},
        )
        connection.execute(text("INSERT INTO deliveries (call_id) VALUES (:id)"), {"id": call_id})
    _done += 1


async def _date_jobs(folder: Path, jobs: int, *, durable: bool) -> float:
    """Seconds to plan and fire so many date jobs: a timer a call instead of a row a call."""
    global _engine, _done
    _done = 0
    calls = folder / f"calls-{time.time_ns()}.db"
    _engine = create_engine(f"sqlite:///{calls}", connect_args={"timeout": 30})
    with _engine.begin() as connection:
        connection.execute(text("CREATE TABLE calls (id INTEGER PRIMARY KEY, state, steps INT)"))
        connection.execute(text("CREATE TABLE deliveries (id INTEGER PRIMARY KEY, call_id INT)"))
        connection.execute(
            text("INSERT INTO calls (id, state, steps) VALUES (:id, 'waiting', 0)"),
            [{"id": number} for number in range(jobs)],
        )
    job_store = SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")
    stores = {"default": job_store} if durable else {}
    scheduler = AsyncIOScheduler(jobstores=stores, timezone="UTC")
    scheduler.start(paused=True)
    began = time.perf_counter()
    for number in range(jobs):
        scheduler.add_job(
            _step,
            "date",
            run_date=now(),
            args=(number,),
            misfire_grace_time=None,
            executor="default",
        )
    scheduler.resume()
    while _done < jobs:  # noqa: ASYNC110 - worker threads count
        await asyncio.sleep(0.005)
    took = time.perf_counter() - began
    scheduler.shutdown(wait=False)
    _engine.dispose()
    calls.unlink()
    return took
