"""How many were moved by what was ticked of households, at any moment, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from alerts.loop.evacuation.counting import MoveState
from data.tables.household_moves import household_moves as moves

Village = tuple[int, str]
"""A warning and a division."""

Counts = tuple[int, int]
"""Households and persons."""


def ticked(connection: Connection, alert_ids: Sequence[int], at: datetime) -> dict[Village, Counts]:
    """Of each village in which any household stood ticked then: how many stood as moved."""
    last = (
        select(func.max(moves.c.id).label("id"))
        .where(moves.c.alert_id.in_(alert_ids), moves.c.at < at)
        .group_by(moves.c.alert_id, moves.c.household_id)
        .subquery()
    )
    stood = moves.c.state == MoveState.MOVED.value
    query = (
        select(
            moves.c.alert_id,
            moves.c.division_code,
            func.sum(case((stood, 1), else_=0)),
            func.sum(case((stood, moves.c.persons), else_=0)),
        )
        .join(last, last.c.id == moves.c.id)
        .where(moves.c.state != MoveState.HOME.value)
        .group_by(moves.c.alert_id, moves.c.division_code)
    )
    return {
        (alert_id, code): (int(households), int(persons))
        for alert_id, code, households, persons in connection.execute(query).all()
    }
