"""Rows about warnings, newest first, a page of those that the asker may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, Select

from alerts.alert_store import alerts_by_id
from alerts.model import Alert

ROWS_AT_ONCE = 100
MOST_LOOKED_AT = 2000
"""Rows of one request (ours): whoever sees none of them goes on from there."""


def shown_rows(
    connection: Connection,
    query: Select[Any],
    number: Column[Any],
    shown: Callable[[Alert], bool],
    most: int,
    before: int | None,
) -> tuple[list[tuple[Any, Alert]], int | None]:
    """The next ``most`` rows of warnings that are ``shown``, and where the next page goes on.

    :param query: its rows have an ``id`` and an ``alert_id``; ``number``: the column of the ids.
    :param before: with smaller ids only.
    """
    found: list[tuple[Any, Alert]] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        next_rows = query.order_by(number.desc()).limit(ROWS_AT_ONCE)
        if before is not None:
            next_rows = next_rows.where(number < before)
        rows = connection.execute(next_rows).all()
        alerts = alerts_by_id(connection, {row.alert_id for row in rows})
        for row in rows:
            before = int(row.id)
            alert = alerts[row.alert_id]
            if shown(alert):
                found.append((row, alert))
            if len(found) == most:
                return found, before
        looked_at += len(rows)
        if len(rows) < ROWS_AT_ONCE:
            return found, None
    return found, before
