"""(A1) 100,000 tasks of the five lists are open, and 5,000 become due at once: seconds until all
of these are told, in chunks, and what a look costs when nothing is due.

The due ones are those of one warning, made together; and, for comparison, as many spread over all.
"""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, select, update

from alerts.loop.tasks import store, sweep
from alerts.loop.tasks.ladder import TaskRules
from alerts.loop.tasks.model import NewTask, Responsible, Step, TaskList
from bench.scene import Row, filled, now
from bot.app import tune_interpreter
from contacts.people import Role
from data.database import Connection, Database
from data.tables.contacts import people
from data.tables.tasks import tasks

OPEN, DUE = 100_000, 5_000
SWEPT_WITHIN = 0.5
"""Seconds (the issue's bar)."""

RULES = TaskRules()
STEPS = (Step.REMIND, Step.DUE, Step.ABOVE)
"""What the due ones are due for, about a third each."""


def task_sweep(folder: Path, *, quick: bool) -> list[Row]:
    """Swept as the tick does it; then looked at again."""
    number, due = (20_000, 1_000) if quick else (OPEN, DUE)
    database = filled(folder / "tasks.db", 15_000, posts=100)
    try:
        database.do(lambda c: _made(c, number))
        tune_interpreter()  # as every process of the bot does
        # A bot that runs has its statements ready: a few are swept before.
        _swept(database, 30, tasks.c.id <= 30)
        together = _swept(database, due, tasks.c.id > number - due)
        spread = _swept(database, due, tasks.c.id % (number // due) == 0)
        idle = _idle(database)
    finally:
        database.close()
    bar = SWEPT_WITHIN * due / DUE
    return [
        Row(
            "A1",
            f"{number:,} open tasks, {due:,} due: all told",
            f"{together:.2f} s",
            f"≤ {bar:.1f} s",
            together <= bar,
        ),
        Row("A1", "the same, spread over all of them", f"{spread:.2f} s"),
        Row("A1", "a look when nothing is due", f"{idle * 1000:.2f} ms"),
    ]


def _swept(database: Database, due: int, which: ColumnElement[bool]) -> float:
    """Seconds until these are told, a third of them for each of ``STEPS``."""
    database.do(lambda c: _fall_due(c, which))
    began, swept = time.perf_counter(), 0
    while done := database.do(lambda c: sweep.run_due(c, RULES, now())):
        swept += done
    seconds = time.perf_counter() - began
    assert swept == due, (swept, due)
    return seconds


def _idle(database: Database) -> float:
    looks = 200
    began = time.perf_counter()
    for _ in range(looks):
        database.read(lambda c: sweep.anything_due(c, now()))
    return (time.perf_counter() - began) / looks


def _made(connection: Connection, number: int) -> None:
    """Tasks of the persons of the province, in turn; nobody was told of them yet."""
    posts = connection.execute(
        select(people.c.division_code, people.c.role, people.c.place_code).order_by(people.c.id)
    ).all()
    lists, at = tuple(TaskList), now()
    for first in range(0, number, 5_000):
        new = [
            NewTask(
                f"第 {n} 项",
                at + timedelta(days=3),
                Responsible(post.division_code, Role(post.role), post.place_code),
                lists[n % len(lists)],
            )
            for n in range(first, min(first + 5_000, number))
            for post in (posts[n % len(posts)],)
        ]
        store.add_many(connection, new, at - timedelta(days=3))
    later = {"next_step": Step.REMIND.value, "next_due_at": at + timedelta(days=2)}
    connection.execute(update(tasks).values(later))


def _fall_due(connection: Connection, which: ColumnElement[bool]) -> None:
    at = now()
    for turn, step in enumerate(STEPS):
        mine = which & ((tasks.c.id / 2) % len(STEPS) == turn)
        values = {"next_step": step.value, "next_due_at": at - timedelta(minutes=1)}
        if step is not Step.REMIND:
            values["due_at"] = at - timedelta(minutes=30)
        connection.execute(update(tasks).where(mine).values(values))
