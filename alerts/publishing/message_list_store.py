"""The CAP messages of all warnings, newest first, for feeds; and one by its identifier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from alerts.alert_store import alerts_by_id
from alerts.model import Alert
from alerts.publishing.shown_rows_store import shown_rows
from data.tables.changes import alert_messages as table


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
    query = select(*_COLUMNS)
    rows, following = shown_rows(connection, query, table.c.id, shown, most, before)
    return Page([_listed(row, alert) for row, alert in rows], following)


def by_identifier(connection: Connection, identifier: str) -> Listed | None:
    """The message that bears this identifier."""
    row = connection.execute(select(*_COLUMNS).where(table.c.identifier == identifier)).first()
    if row is None:
        return None
    return _listed(row, alerts_by_id(connection, [row.alert_id])[row.alert_id])


def _listed(row: Any, alert: Alert) -> Listed:
    return Listed(row.id, alert, row.number, row.identifier, row.sent_at)
