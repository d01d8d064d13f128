"""Rows about warnings, newest first, a page of those that the asker may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, Select

from alerts.alert_store import alerts_by_id
from alerts.model import Alert

ROWS_AT_ONCE = 200
MOST_LOOKED_AT = 4000
"""Rows of one request (ours): whoever sees none of them goes on from there."""

T = TypeVar("T")


def shown_page(
    connection: Connection,
    query: Select[Any],
    number: Column[Any],
    read: Callable[[Sequence[Row[Any]]], Sequence[T | None]],
    most: int,
    before: int | None,
) -> tuple[list[T], int | None]:
    """The next ``most`` of what may be seen, and below which number the next page goes on.

    :param query: its rows have an ``id``; ``number``: the column of the ids.
    :param read: what each row is; ``None``: the asker may not see it.
    :param before: with smaller ids only.
    """
    found: list[T] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        next_rows = query.order_by(number.desc()).limit(ROWS_AT_ONCE)
        if before is not None:
            next_rows = next_rows.where(number < before)
        rows = connection.execute(next_rows).all()
        for row, what in zip(rows, read(rows), strict=True):
            before = int(row.id)
            if what is not None:
                found.append(what)
            if len(found) == most:
                return found, before
        looked_at += len(rows)
        if len(rows) < ROWS_AT_ONCE:
            return found, None
    return found, before


def shown_rows(
    connection: Connection,
    query: Select[Any],
    number: Column[Any],
    shown: Callable[[Alert], bool],
    most: int,
    before: int | None,
) -> tuple[list[tuple[Any, Alert]], int | None]:
    """As ``shown_page``, of rows with an ``alert_id``, whose warnings are ``shown``."""

    def read(rows: Sequence[Row[Any]]) -> list[tuple[Any, Alert] | None]:
        alerts = alerts_by_id(connection, {row.alert_id for row in rows})
        return [
            (row, alerts[row.alert_id]) if shown(alerts[row.alert_id]) else None for row in rows
        ]

    return shown_page(connection, query, number, read, most, before)
