"""Old positions as rows: which may go, and their going."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data.hotspot_tables import hotspot_tasks
from data.json_rows import ids_of
from data.patrol_tables import distress_calls, field_reports, positions
from data.tables import inbox

_BOUND = (distress_calls.c.position_id, field_reports.c.position_id, hotspot_tasks.c.position_id)


@dataclass(frozen=True, slots=True)
class Batch:
    """The next positions in the order in which they came.

    ``ids`` may go; ``last_id`` is where the next batch begins; ``more``: it is worth asking for.
    """

    ids: tuple[int, ...]
    last_id: int
    more: bool


def next_batch(connection: Connection, before: datetime, after_id: int, limit: int) -> Batch:
    """Of the ``limit`` positions after ``after_id``, those received before ``before`` and unbound.

    In the order of their ids, which is that of their coming: no index of times is needed, and the
    walk ends at the first that is young.
    """
    query = (
        select(positions.c.id, positions.c.received_at)
        .where(positions.c.id > after_id)
        .order_by(positions.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    old = [row.id for row in rows if row.received_at < before]
    if not old:
        return Batch((), after_id, False)
    bound: set[int] = set()
    for column in _BOUND:
        held = select(column).where(column.between(old[0], old[-1]))
        bound.update(connection.execute(held).scalars())
    free = tuple(each for each in old if each not in bound)
    return Batch(free, old[-1], len(old) == len(rows) == limit)


def delete_set_aside(connection: Connection, before: datetime) -> int:
    """Updates that could not be handled hold positions and numbers too; returns how many went."""
    return connection.execute(
        delete(inbox).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    ).rowcount


def any_set_aside(connection: Connection, before: datetime) -> bool:
    """Whether ``delete_set_aside`` would find any."""
    query = select(inbox.c.update_id).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    return connection.execute(query.limit(1)).first() is not None


def delete_positions(connection: Connection, ids: tuple[int, ...]) -> int:
    """They are gone; returns how many."""
    return connection.execute(
        delete(positions).where(positions.c.id.in_(ids_of(connection, ids)))
    ).rowcount
