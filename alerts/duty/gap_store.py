"""Gaps in duty plans as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from alerts.duty.model import Gap
from contacts.duty_plan import Span
from data.tables.duty import duty_gaps as table

_GAP = (
    table.c.id,
    table.c.division_code,
    table.c.starts_at,
    table.c.ends_at,
    table.c.told,
    table.c.closed_at,
)


def open_gaps(connection: Connection, code: str) -> list[Gap]:
    """The gaps of a division that are neither filled nor over, the first first."""
    query = select(*_GAP).where(table.c.division_code == code, table.c.closed_at.is_(None))
    return [_gap(row) for row in connection.execute(query.order_by(table.c.starts_at))]


def gap(connection: Connection, gap_id: int) -> Gap | None:
    """The gap of this number."""
    row = connection.execute(select(*_GAP).where(table.c.id == gap_id)).first()
    return None if row is None else _gap(row)


def add(connection: Connection, code: str, span: Span, now: datetime) -> Gap:
    """A gap was found."""
    values = {
        "division_code": code,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "found_at": now,
    }
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    return Gap(int(key[0]), code, span.starts_at, span.ends_at)


def move(connection: Connection, gap_id: int, span: Span) -> None:
    """A part of it was filled, or it grew."""
    values = {"starts_at": span.starts_at, "ends_at": span.ends_at}
    connection.execute(update(table).where(table.c.id == gap_id).values(values))


def set_told(connection: Connection, gap_id: int, told: int) -> None:
    """These rungs were told."""
    connection.execute(update(table).where(table.c.id == gap_id).values(told=told))


def close(connection: Connection, gap_id: int, how: str, now: datetime) -> None:
    """It is ``filled``, or ``past``."""
    values = {"closed_at": now, "closed_how": how}
    connection.execute(update(table).where(table.c.id == gap_id).values(values))


def _gap(row: Any) -> Gap:
    return Gap(*row)
