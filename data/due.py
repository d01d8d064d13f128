"""Whether anything of a table is due: asked every second or so, so the question is built once."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Column, Connection, Select, bindparam, select


def any_by(connection: Connection, column: Column[datetime], now: datetime) -> bool:
    """Whether ``column``, a due time, is reached in any row: one look at its index."""
    return connection.execute(_reached(column), {"now": now}).first() is not None


@cache
def _reached(column: Column[datetime]) -> Select[datetime]:
    # That it is not null is what some of the indexes are limited to.
    return select(column).where(column.is_not(None), column <= bindparam("now")).limit(1)
