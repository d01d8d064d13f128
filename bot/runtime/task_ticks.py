"""Tasks of the five lists: made for warnings, chased when due, withdrawn with their warning."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from alerts.loop.mechanism.making import any_owed, owed_still, owed_tasks
from alerts.loop.mechanism.model import TEMPLATES as OF_DEPARTMENTS
from alerts.loop.tasks import making, sweep, sweep_store
from alerts.loop.tasks.making import Way
from alerts.template_files.list_notice import tell_once
from alerts.template_files.listing import TEMPLATES as OF_LISTS
from alerts.template_files.listing import any_listed, listed_still, listed_tasks
from bot.runtime.chunks import in_chunks, of_column
from bot.runtime.schedule import Tick
from bot.services.services import Services

SECONDS = 5.0
"""Seconds between two looks: they count in minutes."""

SETTLING = timedelta(seconds=20)
"""After its start the bot takes in first what was done while it was out."""


def ways(services: Services) -> tuple[Way, ...]:
    """The ways in which posts come to owe something for a warning. Add one here."""
    mechanisms, folders = services.rules.warnings.mechanisms, services.rules.folders
    return (
        Way(
            OF_DEPARTMENTS,
            partial(any_owed, mechanisms),
            partial(owed_tasks, mechanisms),
            partial(owed_still, mechanisms),
        ),
        Way(
            OF_LISTS,
            partial(any_listed, folders),
            partial(listed_tasks, folders),
            partial(listed_still, folders),
        ),
    )


def task_ticks(services: Services) -> tuple[Tick[Any], ...]:
    """Rows of ``ticks``."""
    rules, database = services.rules.tasks, services.database
    made_by, begun = ways(services), partial(tell_once, services.rules.folders)

    async def make(_found: object, now: datetime) -> None:
        await in_chunks(
            database,
            now,
            lambda c, at, most: making.run_due(c, made_by, rules, at, limit=most, begun=begun),
            making.PIECE,
            making.set_first_aside,
        )

    async def chase(_found: object, now: datetime) -> None:
        await in_chunks(
            database,
            now,
            lambda c, at, most: sweep.run_due(c, rules, at, limit=most),
            sweep.CHUNK,
            of_column(sweep_store.DUE),
        )

    async def end(_found: object, now: datetime) -> None:
        while await database.run(lambda c: sweep.end_with_warnings(c, now)) == sweep.CHUNK:
            continue

    return (
        Tick("tasks_made", SECONDS, making.anything_due, make),
        Tick("tasks", SECONDS, sweep.anything_due, chase, settling=SETTLING),
        Tick("tasks_over", SECONDS, sweep.ended_warnings, end),
    )
