"""Tasks that ended long ago are deleted, with their history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, select

from data.json_rows import GIVEN_IDS, as_json
from data.tables.tasks import task_events
from data.tables.tasks import tasks as table

_C = table.c


def any_ended_before(connection: Connection, before: datetime) -> bool:
    """Whether a task ended so long ago that ``delete_ended_before`` would find it."""
    return connection.execute(_forgettable(before, 1)).first() is not None


def delete_ended_before(connection: Connection, before: datetime, limit: int = 500) -> int:
    """Delete tasks that ended before then, with their history; parts before what they are part of.

    Returns how many. That they were, and who did what, stays in the trail.
    """
    ids = list(connection.execute(_forgettable(before, limit)).scalars())
    connection.execute(delete(task_events).where(task_events.c.task_id.in_(GIVEN_IDS)), _ids(ids))
    connection.execute(delete(table).where(_C.id.in_(GIVEN_IDS)), _ids(ids))
    return len(ids)


def _forgettable(before: datetime, limit: int) -> Select[Any]:
    part = table.alias()
    return (
        select(_C.id)
        .where(_C.ended_at < before, ~exists().where(part.c.parent_id == _C.id))
        .limit(limit)
    )


def _ids(ids: Iterable[int]) -> dict[str, str]:
    return {"ids": as_json(ids)}
