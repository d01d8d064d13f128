"""Warnings a page at a time, newest first, for systems that read them all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from alerts.alert_store import as_alert
from alerts.model import Alert, State
from alerts.publishing.shown_rows_store import shown_page
from data.tables.alerts import alerts as table


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
    query = select(table)
    if states:
        query = query.where(table.c.state.in_([state.value for state in states]))
    if since is not None:
        query = query.where(table.c.created_at >= since)

    def read(rows: Sequence[Row[Any]]) -> list[Alert | None]:
        alerts = [as_alert(row) for row in rows]
        return [alert if shown(alert) else None for alert in alerts]

    return Page(*shown_page(connection, query, table.c.id, read, most, before))
