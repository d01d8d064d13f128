"""What the sweep is compared with: one durable APScheduler job for each step of each call.

Kind to the peer: its two SQLite files run in WAL mode as ours does (its default is slower), all due
jobs are due at once, so that it wakes up once, and one worker thread, since more of them only fight
for SQLite's lock. A job reads its call, decides with our own rules, and writes one row in a
transaction of its own; then the following step is planned, as another date job. It queues no
message and writes no audit trail: the sweep does both.
"""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine, bindparam, create_engine, event, select, update

from alerts.call_store import CALL_COLUMNS, as_call
from alerts.escalation import Due, due_step, next_step
from alerts.model import Level
from bench.scene import CHASING
from data.tables.alerts import calls

_POLICY = CHASING.policies[Level.RED]
_READ = select(*CALL_COLUMNS).where(calls.c.id == bindparam("call_id"))
_WRITE = (
    update(calls)
    .where(calls.c.id == bindparam("call_id"))
    .values(
        steps=bindparam("new_steps"), last_step_at=bindparam("at"), due_at=bindparam("following")
    )
)


class _Run:
    """What the jobs of one run share; a job stores only the name of a function and a number."""

    engine: Engine
    now: datetime
    scheduler: BackgroundScheduler
    plans_next: bool
    left: int
    done: threading.Event


def step(call_id: int) -> None:
    """What a date job does when it fires."""
    with _Run.engine.begin() as connection:
        call = as_call(connection.execute(_READ, {"call_id": call_id}).one())
        due = due_step(_POLICY, call.ladder_state, _Run.now)
        assert due is not None
        following = next_step(
            _POLICY, call.ladder_state, taking=Due(due.step, _Run.now, due.reason)
        )
        connection.execute(
            _WRITE,
            {
                "call_id": call_id,
                "new_steps": call.steps | due.step,
                "at": _Run.now,
                "following": None if following is None else following.at,
            },
        )
    if _Run.plans_next and following is not None:
        _Run.scheduler.add_job(
            step, "date", run_date=_Run.now + timedelta(hours=2), args=(call_id,)
        )
    _Run.left -= 1
    if not _Run.left:
        _Run.done.set()


def fire(
    database: Path, folder: Path, now: datetime, due: int, held: int, *, durable: bool, plan: bool
) -> float:
    """Seconds to fire the jobs of the first ``due`` calls, out of ``held`` jobs in the store.

    :param database: a copy of the sweep's database, calls due; it is changed.
    :param plan: whether each job also plans the following step, as the sweep does.
    """
    store = (
        SQLAlchemyJobStore(engine=_engine(folder / f"jobs-{time.time_ns()}.db"))
        if durable
        else MemoryJobStore()
    )
    scheduler = BackgroundScheduler(
        jobstores={"default": store}, executors={"default": ThreadPoolExecutor(1)}, timezone="UTC"
    )
    scheduler.start(paused=True)
    _Run.engine, _Run.now, _Run.scheduler = _engine(database), now, scheduler
    _Run.plans_next, _Run.left, _Run.done = plan, due, threading.Event()
    past, later = now - timedelta(days=1), now + timedelta(days=1)
    jobs = [_job(scheduler, n, past if n <= due else later) for n in range(1, held + 1)]
    if isinstance(store, SQLAlchemyJobStore):
        _fill(store, jobs)
    else:
        for job in jobs:
            store.add_job(job)
    began = time.perf_counter()
    scheduler.resume()
    assert _Run.done.wait(600), "the jobs did not end"
    _settled(store, held if plan else held - due)
    took = time.perf_counter() - began
    scheduler.shutdown(wait=True)
    _Run.engine.dispose()
    return took


def _settled(store: Any, expected: int) -> None:
    """Until what fired is out of the store."""
    count: Callable[[], int] = lambda: len(store._jobs)  # noqa: E731
    if isinstance(store, SQLAlchemyJobStore):
        query = select(store.jobs_t.c.id)

        def count() -> int:
            with store.engine.connect() as connection:
                return len(connection.execute(query).all())

    while count() > expected:
        time.sleep(0.01)


def _job(scheduler: BackgroundScheduler, call_id: int, at: datetime) -> Job:
    return Job(
        scheduler,
        str(call_id),
        func=step,
        args=(call_id,),
        kwargs={},
        trigger=DateTrigger(run_date=at, timezone="UTC"),
        executor="default",
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
        name=str(call_id),
        next_run_time=at,
    )


def _fill(store: SQLAlchemyJobStore, jobs: list[Job]) -> None:
    """All jobs in one statement: planning them is not what is measured."""
    rows = [
        {
            "id": job.id,
            "next_run_time": job.next_run_time.timestamp(),
            "job_state": pickle.dumps(job.__getstate__(), store.pickle_protocol),
        }
        for job in jobs
    ]
    with store.engine.begin() as connection:
        connection.execute(store.jobs_t.insert(), rows)


def _engine(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine
