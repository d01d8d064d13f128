"""What Telegram refused in words that nobody foresaw: kept for somebody to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from data.tables.running import unforeseen_refusals as table

MOST_KEPT = 50
"""Texts kept: a server that answers everything with another text fills no disk (ours)."""

KEPT_FOR = timedelta(days=7)
LONGEST = 200  # characters, of the column


@dataclass(frozen=True, slots=True)
class Refusal:
    """One text, and how often it came."""

    words: str
    first_at: datetime
    last_at: datetime
    count: int


def note(connection: Connection, words: str, now: datetime) -> None:
    """Telegram refused something in these words (without tokens)."""
    words = words[:LONGEST]
    again = update(table).where(table.c.words == words)
    if connection.execute(again.values(last_at=now, count=table.c.count + 1)).rowcount:
        return
    connection.execute(delete(table).where(table.c.last_at < now - KEPT_FOR))
    newest = select(table.c.words).order_by(table.c.last_at.desc()).limit(MOST_KEPT - 1)
    connection.execute(delete(table).where(table.c.words.not_in(newest)))
    connection.execute(insert(table).values(words=words, first_at=now, last_at=now, count=1))


def since(connection: Connection, after: datetime) -> list[Refusal]:
    """What came after this, the newest first."""
    return [Refusal(*row) for row in connection.execute(_SINCE, {"after": after})]


_SINCE = (
    select(table.c.words, table.c.first_at, table.c.last_at, table.c.count)
    .where(table.c.last_at > bindparam("after"))
    .order_by(table.c.last_at.desc(), table.c.words)
)
