"""Column types every database stores the same way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Dialect,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    TextClause,
    TypeDecorator,
    literal_column,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# SQLite gives automatic ids only to a column typed exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


@lru_cache(4096)
def to_milliseconds(at: datetime) -> int:
    """Milliseconds since the epoch of an aware ``at``."""
    return (at - _EPOCH) // _MILLISECOND


@lru_cache(4096)  # rows written in one transaction mostly hold the same times
def from_milliseconds(value: int) -> datetime:
    """The aware UTC time of ``value`` milliseconds since the epoch."""
    return _EPOCH + timedelta(milliseconds=value)


def constant(word: str) -> ColumnElement[str]:
    """SQL: a word of ours written into a statement.

    The planner sees it, as an index of some rows needs, and nothing is bound when it is executed.
    """
    assert word.replace("_", "").isalnum(), word
    return literal_column(f"'{word}'", String())


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as integer milliseconds since the epoch, UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> Any:
        return None if value is None else to_milliseconds(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        return None if value is None else from_milliseconds(value)


metadata = MetaData()
"""Every table, once ``data.tables`` is imported."""


BY_TRIGGER = {"by_trigger": "postgresql"}
"""Information of a foreign key that PostgreSQL does not have: triggers refuse the same rows there,
for all rows of a statement at once (migration 0022)."""


def of_dialect(made: Any, dialect: str) -> bool:
    """Whether databases of this kind have the constraint or index; for comparing with them."""
    return not (
        isinstance(made, ForeignKeyConstraint)
        and any(key.info.get("by_trigger") == dialect for key in made.elements)
    )


def only(condition: TextClause) -> dict[str, Any]:
    """Makes an index hold only the rows that meet ``condition``.

    On PostgreSQL the migration alone says so: to name it here would load that dialect at every
    start, 2 MB and 50 ms.
    """
    return {"sqlite_where": condition}


def rule(name: str, condition: str) -> CheckConstraint:
    """What is true of every row of the table; the database refuses any other.

    A migration makes it too: see ``data.migrations.rules``.
    """
    return CheckConstraint(condition, name=name)


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of these, or null where it may be null."""
    listed = ", ".join(f"'{value}'" for value in values)
    return rule(f"{column}_known", f"{column} IN ({listed})")
