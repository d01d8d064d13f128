"""The questions before an expiry as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, or_, select, update

from alerts.expiry.model import ASK_BEFORE, ExpiryAnswer, ExpiryQuestion
from alerts.model import IN_FORCE
from data.tables.alerts import alerts
from data.tables.columns import UtcDateTime
from data.tables.expiry import expiry_questions as table

_NOW = bindparam("now", type_=UtcDateTime)
_IN_FORCE = alerts.c.state.in_([state.value for state in IN_FORCE])

_NEAR = (
    select(alerts.c.id)
    .where(
        _IN_FORCE,
        alerts.c.held_at.is_(None),
        alerts.c.expires_at > _NOW,
        alerts.c.expires_at <= bindparam("near", type_=UtcDateTime),
        ~exists().where(table.c.alert_id == alerts.c.id, table.c.expires_at == alerts.c.expires_at),
    )
    .order_by(alerts.c.id)
)
_MOVING = (
    select(table.c.alert_id)
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(
        table.c.answer.is_(None),
        or_(table.c.due_at <= _NOW, ~_IN_FORCE, alerts.c.expires_at != table.c.expires_at),
    )
    .order_by(table.c.alert_id)
)


def near(connection: Connection, now: datetime) -> list[int]:
    """Warnings in force that end soon and were not asked about yet, by id."""
    return list(connection.execute(_NEAR, {"now": now, "near": now + ASK_BEFORE}).scalars())


def moving(connection: Connection, now: datetime) -> list[int]:
    """Warnings with an open question that is due, or answered by what was done, by id."""
    return list(dict.fromkeys(connection.execute(_MOVING, {"now": now}).scalars()))


def add(
    connection: Connection, alert_id: int, expires_at: datetime, due_at: datetime, now: datetime
) -> None:
    """The question is being asked."""
    values = {
        "alert_id": alert_id,
        "expires_at": expires_at,
        "asked_at": now,
        "due_at": due_at,
    }
    connection.execute(insert(table).values(values))


def newest(connection: Connection, alert_id: int) -> ExpiryQuestion | None:
    """The last question about a warning, or ``None``."""
    query = select(table).where(table.c.alert_id == alert_id).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _question(row)


def open_questions(connection: Connection, alert_id: int) -> list[ExpiryQuestion]:
    """Those about a warning that nobody has answered."""
    query = select(table).where(table.c.alert_id == alert_id, table.c.answer.is_(None))
    return [_question(row) for row in connection.execute(query.order_by(table.c.id))]


def duty_asked(connection: Connection, question_id: int) -> None:
    """The duty officers are being asked."""
    connection.execute(update(table).where(table.c.id == question_id).values(due_at=None))


def answered(
    connection: Connection,
    question_id: int,
    answer: ExpiryAnswer,
    by: int | None,
    now: datetime,
) -> None:
    """What came of it; nobody else is asked."""
    values = {
        "answer": answer.value,
        "answered_by": by,
        "answered_at": now,
        "due_at": None,
    }
    connection.execute(update(table).where(table.c.id == question_id).values(values))


def _question(row: Row[Any]) -> ExpiryQuestion:
    values = dict(row._mapping)
    values["answer"] = None if row.answer is None else ExpiryAnswer(row.answer)
    return ExpiryQuestion(**values)
