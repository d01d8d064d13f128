"""Changes of which not everybody called is dealt with yet, as rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, exists, func, insert, select, update

from alerts.lifecycle import ASKING
from data.tables.alerts import calls, unfinished_releases
from data.tables.changes import alert_messages
from data.tables.changes import unfinished_updates as table

CALLS, NEW, REST = "calls", "new", "rest"
"""The steps, in order: those called already; whoever is called besides; groups and the end."""

_ASKING = [kind.value for kind in ASKING]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How far a change has got: the message of this number of its warning.

    Of the calls there were, with ids up to ``calls_upto``, those up to ``calls_after`` are dealt
    with. The persons are counted so far, as in ``alerts.updates.model.Changed``.
    """

    alert_id: int
    number: int
    calls_after: int
    calls_upto: int
    step: str
    called: int
    asked: int
    told: int
    stood_down: int


_COLUMNS = [table.c[name] for name in Unfinished.__slots__]
# Asked every second: built once. Of one warning in the order in which they were made.
_FIRST = (
    select(*_COLUMNS)
    .where(~exists().where(unfinished_releases.c.alert_id == table.c.alert_id))
    .order_by(table.c.number, table.c.alert_id)
    .limit(1)
)


def begin(connection: Connection, alert_id: int, number: int) -> Unfinished:
    """A change begins to be carried out."""
    ends = select(func.min(calls.c.id), func.max(calls.c.id)).where(calls.c.alert_id == alert_id)
    first_id, last_id = connection.execute(ends).one()
    after, upto = (first_id or 1) - 1, last_id or 0
    values = {
        "alert_id": alert_id,
        "number": number,
        "calls_after": after,
        "calls_upto": upto,
        "step": CALLS,
    }
    connection.execute(insert(table).values(values))
    return Unfinished(alert_id, number, after, upto, CALLS, 0, 0, 0, 0)


def first(connection: Connection, but: Collection[int] = ()) -> Unfinished | None:
    """The change that has waited longest; not of a release that is not finished, nor ``but``."""
    query = _FIRST.where(table.c.alert_id.not_in(but)) if but else _FIRST
    row = connection.execute(query).first()
    return None if row is None else Unfinished(*row)


def save(connection: Connection, unfinished: Unfinished) -> None:
    """Write back how far it has got."""
    names = ("calls_after", "step", "called", "asked", "told", "stood_down")
    values: dict[str, Any] = {name: getattr(unfinished, name) for name in names}
    connection.execute(
        update(table)
        .where(table.c.alert_id == unfinished.alert_id, table.c.number == unfinished.number)
        .values(values)
    )


def end(connection: Connection, alert_id: int, number: int | None = None) -> None:
    """Nothing of this change (of all of the warning's) is left to be done."""
    query = delete(table).where(table.c.alert_id == alert_id)
    if number is not None:
        query = query.where(table.c.number == number)
    connection.execute(query)


def is_unfinished(connection: Connection, alert_id: int) -> bool:
    """Whether a change of the warning is still being carried out."""
    query = select(table.c.number).where(table.c.alert_id == alert_id).limit(1)
    return connection.execute(query).first() is not None


def anything_before(connection: Connection, unfinished: Unfinished) -> bool:
    """Whether an earlier change of the same warning is still being carried out."""
    query = select(table.c.number).where(
        table.c.alert_id == unfinished.alert_id, table.c.number < unfinished.number
    )
    return connection.execute(query.limit(1)).first() is not None


def passed(
    connection: Connection, alert_id: int, number: int, call_ids: Sequence[int]
) -> list[int]:
    """Those of these calls that a change has been carried out for."""
    query = select(table.c.calls_after).where(
        table.c.alert_id == alert_id, table.c.number == number, table.c.step == CALLS
    )
    upto = connection.execute(query).scalar()
    return [call_id for call_id in call_ids if upto is None or call_id <= upto]


class Rise(NamedTuple):
    """A change that asks everybody again, and has not got to all: to none of the calls with ids
    above ``calls_after``. ``at``: when it was made."""

    alert_id: int
    number: int
    calls_after: int
    calls_upto: int
    at: datetime


def rises(connection: Connection, alert_ids: Collection[int]) -> list[Rise]:
    """Those of these warnings; the first first."""
    if not alert_ids:
        return []
    query = (
        select(
            table.c.alert_id,
            table.c.number,
            table.c.calls_after,
            table.c.calls_upto,
            alert_messages.c.sent_at,
        )
        .join(alert_messages, _ITS_MESSAGE)
        .where(_ASKS, table.c.alert_id.in_(sorted(alert_ids)))
        .order_by(table.c.number)
    )
    return [Rise(*row) for row in connection.execute(query)]


def asking_again(connection: Connection) -> set[int]:
    """The warnings of which everybody is being asked again, and not all of them are yet."""
    query = select(table.c.alert_id).join(alert_messages, _ITS_MESSAGE).where(_ASKS)
    return set(connection.execute(query).scalars())


_ITS_MESSAGE = and_(
    alert_messages.c.alert_id == table.c.alert_id, alert_messages.c.number == table.c.number
)
_ASKS = and_(alert_messages.c.kind.in_(_ASKING), table.c.step == CALLS)
