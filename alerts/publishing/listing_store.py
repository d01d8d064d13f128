"""Warnings a page at a time, newest first, for systems that read them all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from alerts.alert_store import as_alert
from alerts.model import Alert, State
from data.tables.alerts import alerts as table

ROWS_AT_ONCE = 200
MOST_LOOKED_AT = 4000
"""Rows of one request (ours): whoever sees none of them goes on from there."""


class Page(NamedTuple):
    """Warnings, and from which number on the next page goes down; ``None``: there is none."""

    alerts: list[Alert]
    before: int | None


def page(
    connection: Connection,
    shown: Callable[[Alert], bool],
    most: int,
    *,
    before: int | None = None,
    states: Collection[State] = (),
    since: datetime | None = None,
) -> Page:
    """The next ``most`` warnings that are ``shown``.

    :param before: with smaller numbers only.
    :param states: in these; empty: in any.
    :param since: created then or later.
    """
    found: list[Alert] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        query = select(table).order_by(table.c.id.desc()).limit(ROWS_AT_ONCE)
        if before is not None:
            query = query.where(table.c.id < before)
        if states:
            query = query.where(table.c.state.in_([state.value for state in states]))
        if since is not None:
            query = query.where(table.c.created_at >= since)
        rows = connection.execute(query).all()
        for row in rows:
            before = int(row.id)
            alert = as_alert(row)
            if shown(alert):
                found.append(alert)
            if len(found) == most:
                return Page(found, before)
        looked_at += len(rows)
        if len(rows) < ROWS_AT_ONCE:
            return Page(found, None)
    return Page(found, before)
