"""Updates as they came from Telegram: committed here before the offset moves.

A row is deleted in the transaction of its effect, so that a process killed at any moment neither
loses a tap nor counts it twice. What cannot be handled again and again is set aside, not lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from data.tables.running import inbox

MOST_ATTEMPTS = 3
"""How often an update is tried before it is set aside (kept in the table, not tried again)."""


def put(
    connection: Connection, bot_id: int, updates: Iterable[dict[str, Any]], now: datetime
) -> list[int]:
    """Store updates that are not stored yet; returns the ids of the new ones."""
    rows = {
        update["update_id"]: {
            "bot_id": bot_id,
            "update_id": update["update_id"],
            "payload": orjson.dumps(update).decode(),
            "received_at": now,
            "attempts": 0,
        }
        for update in updates
    }
    if not rows:
        return []
    known = connection.execute(
        select(inbox.c.update_id).where(inbox.c.bot_id == bot_id, inbox.c.update_id.in_(list(rows)))
    ).scalars()
    for update_id in known:
        del rows[update_id]
    if rows:
        connection.execute(insert(inbox), list(rows.values()))
    return list(rows)


def pending(connection: Connection, bot_id: int) -> list[dict[str, Any]]:
    """What was stored but not handled, oldest first: after a restart."""
    query = (
        select(inbox.c.payload)
        .where(inbox.c.bot_id == bot_id, inbox.c.attempts < MOST_ATTEMPTS)
        .order_by(inbox.c.update_id)
    )
    return [orjson.loads(payload) for payload in connection.execute(query).scalars()]


_DONE = delete(inbox).where(
    inbox.c.bot_id == bindparam("bot"), inbox.c.update_id == bindparam("update")
)
_TRIED = (
    update(inbox)
    .where(inbox.c.bot_id == bindparam("bot"), inbox.c.update_id == bindparam("update"))
    .values(attempts=inbox.c.attempts + 1)
)


def done(connection: Connection, bot_id: int, update_id: int) -> None:
    """The update had its effect, in this transaction."""
    connection.execute(_DONE, {"bot": bot_id, "update": update_id})


def failed(connection: Connection, bot_id: int, update_id: int) -> None:
    """Handling the update failed; it is tried again at the next start."""
    connection.execute(_TRIED, {"bot": bot_id, "update": update_id})


def count(connection: Connection) -> int:
    """How many updates wait."""
    return int(connection.execute(select(func.count()).select_from(inbox)).scalar_one())


def any_set_aside(connection: Connection, before: datetime) -> bool:
    """Whether ``delete_set_aside`` would find any."""
    query = select(inbox.c.update_id).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    return connection.execute(query.limit(1)).first() is not None


def delete_set_aside(connection: Connection, before: datetime) -> int:
    """Delete what could not be handled and came before then; returns how many."""
    return connection.execute(
        delete(inbox).where(inbox.c.received_at < before, inbox.c.attempts > 0)
    ).rowcount
