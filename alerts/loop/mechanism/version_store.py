"""Imported versions of mechanisms, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from data.tables.templates import mechanism_versions as table

_newer = table.alias("newer")
_NEWEST = (
    select(table.c.key, table.c.version, table.c.body)
    .where(
        table.c.version
        == select(func.max(_newer.c.version)).where(_newer.c.key == table.c.key).scalar_subquery()
    )
    .order_by(table.c.key)
)


def newest(connection: Connection) -> dict[str, tuple[int, str]]:
    """By key the newest version: its number, and its file's text."""
    rows = connection.execute(_NEWEST)
    return {key: (version, body) for key, version, body in rows}


def add(connection: Connection, key: str, version: int, body: str, now: datetime) -> None:
    """Write one more."""
    values = {"key": key, "version": version, "body": body, "at": now}
    connection.execute(insert(table).values(values))
