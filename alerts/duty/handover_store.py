"""Hand-overs as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from alerts.duty.model import HandOver, HandOverStep
from data.due import any_by
from data.set_aside import DueColumn
from data.tables.duty import duty_handovers as table
from data.upserts import insert_into

_HANDOVER = tuple(
    table.c[name]
    for name in (
        "id division_code at step given_by given_at words open_things received_by received_at"
        " due_at"
    ).split()
)

DUE = DueColumn("handover", table.c.id, table.c.due_at)


def plan(connection: Connection, code: str, at: datetime, due_at: datetime) -> None:
    """The watch of a division changes hands then; planned already, nothing changes.

    One that was called off is planned anew.
    """
    statement = insert_into(connection, table).values(
        division_code=code, at=at, step=HandOverStep.PLANNED.value, due_at=due_at
    )
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.division_code, table.c.at],
        set_={"step": HandOverStep.PLANNED.value, "due_at": due_at},
        where=table.c.step == HandOverStep.OFF.value,
    )
    connection.execute(statement)


def planned(connection: Connection, code: str, since: datetime) -> list[HandOver]:
    """Those of a division from then on that nobody was given yet, the first first."""
    not_given = (HandOverStep.PLANNED.value, HandOverStep.ASKED.value)
    return _found(
        connection,
        select(*_HANDOVER).where(
            table.c.division_code == code, table.c.at >= since, table.c.step.in_(not_given)
        ),
    )


def latest(connection: Connection, code: str, until: datetime) -> HandOver | None:
    """The last one of a division that was not called off, until then."""
    query = select(*_HANDOVER).where(
        table.c.division_code == code,
        table.c.at <= until,
        table.c.step != HandOverStep.OFF.value,
    )
    row = connection.execute(query.order_by(table.c.at.desc()).limit(1)).first()
    return None if row is None else _handover(row)


def handover(connection: Connection, handover_id: int, *, lock: bool = False) -> HandOver | None:
    """The hand-over of this number; ``lock`` it to change it."""
    query: Select[Any] = select(*_HANDOVER).where(table.c.id == handover_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _handover(row)


def at_moment(connection: Connection, code: str, at: datetime) -> HandOver | None:
    """The hand-over of a division at that moment."""
    query = select(*_HANDOVER).where(table.c.division_code == code, table.c.at == at)
    row = connection.execute(query).first()
    return None if row is None else _handover(row)


def change(connection: Connection, handover_id: int, **values: Any) -> None:
    """Set columns of a hand-over."""
    if isinstance(values.get("step"), HandOverStep):
        values["step"] = values["step"].value
    connection.execute(update(table).where(table.c.id == handover_id).values(values))


def due(connection: Connection, now: datetime, limit: int) -> list[HandOver]:
    """Those of which a step is due, the earliest first."""
    query = select(*_HANDOVER).where(table.c.due_at.is_not(None), table.c.due_at <= now)
    return _found(connection, query.order_by(table.c.due_at, table.c.id).limit(limit), ordered=True)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a step of any is due: one look at an index."""
    return any_by(connection, table.c.due_at, now)


def _found(connection: Connection, query: Select[Any], *, ordered: bool = False) -> list[HandOver]:
    rows = connection.execute(query if ordered else query.order_by(table.c.at))
    return [_handover(row) for row in rows]


def _handover(row: Any) -> HandOver:
    values = list(row)
    values[3] = HandOverStep(values[3])
    return HandOver(*values)
