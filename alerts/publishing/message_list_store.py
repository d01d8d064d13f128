"""The CAP messages of all warnings, newest first, for feeds; and one by its identifier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from alerts.alert_store import alerts_by_id
from alerts.model import Alert
from data.tables.changes import alert_messages as table

ROWS_AT_ONCE = 100
MOST_LOOKED_AT = 2000
"""Rows of one request (ours)."""


class Listed(NamedTuple):
    """One message of a feed; ``id`` orders them."""

    id: int
    alert: Alert
    number: int
    identifier: str
    sent_at: datetime


class Page(NamedTuple):
    """Messages, and from which number on the next page goes down; ``None``: there is none."""

    messages: list[Listed]
    before: int | None


_COLUMNS = (table.c.id, table.c.alert_id, table.c.number, table.c.identifier, table.c.sent_at)


def page(
    connection: Connection, shown: Callable[[Alert], bool], most: int, before: int | None = None
) -> Page:
    """The next ``most`` messages of warnings that are ``shown``."""
    found: list[Listed] = []
    looked_at = 0
    while looked_at < MOST_LOOKED_AT:
        query = select(*_COLUMNS).order_by(table.c.id.desc()).limit(ROWS_AT_ONCE)
        if before is not None:
            query = query.where(table.c.id < before)
        rows = connection.execute(query).all()
        alerts = alerts_by_id(connection, {row.alert_id for row in rows})
        for row in rows:
            before = int(row.id)
            alert = alerts[row.alert_id]
            if shown(alert):
                found.append(Listed(row.id, alert, row.number, row.identifier, row.sent_at))
            if len(found) == most:
                return Page(found, before)
        looked_at += len(rows)
        if len(rows) < ROWS_AT_ONCE:
            return Page(found, None)
    return Page(found, before)


def by_identifier(connection: Connection, identifier: str) -> Listed | None:
    """The message that bears this identifier."""
    row = connection.execute(select(*_COLUMNS).where(table.c.identifier == identifier)).first()
    if row is None:
        return None
    alert = alerts_by_id(connection, [row.alert_id])[row.alert_id]
    return Listed(row.id, alert, row.number, row.identifier, row.sent_at)
