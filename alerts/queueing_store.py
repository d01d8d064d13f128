"""Many deliveries queued in one statement, each with the bot of its chat.

The rows go over as one JSON value, as in ``alerts.ladder_store`` and for the same reason: a sweep
queues thousands, while the thread that sends wants the interpreter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Insert, column, func, insert, literal_column, select, text

from contacts.bot_store import bot_of
from data.columns import to_milliseconds
from data.json_rows import rows_sql
from data.tables import deliveries

_FIELDS = {
    "kind": "text",
    "lane": "integer",
    "place": "integer",
    "chat_id": "bigint",
    "language": "text",
    "role": "text",
    "alert_id": "bigint",
    "call_id": "bigint",
    "person_id": "bigint",
    "params": "json",
    "coalesce_key": "text",
    "not_before": "bigint",
    "created_at": "bigint",
}


def _insert(dialect: str) -> Insert:
    """Many rows in one statement, each with the bot of its chat."""
    given = text(rows_sql(dialect, _FIELDS)).columns(*map(column, _FIELDS)).subquery("given")
    bot_id = func.coalesce(*bot_of(given.c.chat_id))
    return insert(deliveries).from_select(
        ["state", "bot_id", *_FIELDS],
        select(literal_column("'queued'"), bot_id, *given.c),
        include_defaults=False,
    )


_INSERT = {dialect: _insert(dialect) for dialect in ("sqlite", "postgresql")}


def insert_queued(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Queue ``rows``: each has every column of ``Outbox.add``, same meaning."""
    given = orjson.dumps([_values(row) for row in rows]).decode()
    connection.execute(_INSERT[connection.dialect.name], {"rows": given})


def _values(row: Mapping[str, Any]) -> list[Any]:
    """A row in the order of ``_FIELDS``."""
    return [
        row["kind"],
        row["lane"],
        row["place"],
        row["chat_id"],
        row["language"],
        row["role"],
        row["alert_id"],
        row["call_id"],
        row["person_id"],
        orjson.dumps(row["params"]).decode(),
        row["coalesce_key"],
        to_milliseconds(row["not_before"]),
        to_milliseconds(row["created_at"]),
    ]
