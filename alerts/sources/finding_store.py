"""What is wrong with something that a source says, as rows: a line each, where an operator sees it.

A finding is a kind of trouble with a subject (a station, a message) of a feed. Seen again it is the
same finding, with its newest facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, select

from data.tables.water import source_findings as table
from data.upserts import insert_into


@dataclass(frozen=True, slots=True)
class SourceFinding:
    """One thing that is wrong, since when, and how often it was seen."""

    feed: str
    subject: str
    kind: str
    facts: Mapping[str, Any]
    times: int
    since: datetime
    seen_at: datetime


def note(
    connection: Connection,
    feed: str,
    subject: str,
    kind: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """Remember what is wrong. ``facts`` are short texts and numbers, and no secret."""
    statement = insert_into(connection, table)
    values = {
        "feed": feed[:40],
        "subject": subject[:200],
        "kind": kind,
        "facts": dict(facts),
        "times": 1,
        "since": now,
        "seen_at": now,
    }
    connection.execute(
        statement.values(**values).on_conflict_do_update(
            index_elements=["feed", "subject", "kind"],
            set_={
                "facts": statement.excluded.facts,
                "seen_at": statement.excluded.seen_at,
                "times": table.c.times + 1,
            },
        )
    )


def settled(connection: Connection, feed: str, subject: str, kind: str) -> None:
    """It is right again."""
    connection.execute(
        delete(table).where(
            table.c.feed == feed, table.c.subject == subject[:200], table.c.kind == kind
        )
    )


def known(connection: Connection, feed: str, subjects: Iterable[str]) -> set[tuple[str, str]]:
    """Subject and kind of what is wrong with these already."""
    query = select(table.c.subject, table.c.kind).where(
        table.c.feed == feed, table.c.subject.in_(list(subjects))
    )
    return {(row.subject, row.kind) for row in connection.execute(query)}


def since(connection: Connection, seen_since: datetime, limit: int = 200) -> list[SourceFinding]:
    """What was seen since then, the newest trouble first."""
    return [
        SourceFinding(row.feed, row.subject, row.kind, row.facts, row.times, row.since, row.seen_at)
        for row in connection.execute(_SINCE, {"seen_since": seen_since, "most": limit})
    ]


_SINCE = (
    select(table)
    .where(table.c.seen_at >= bindparam("seen_since"))
    .order_by(table.c.since.desc(), table.c.feed, table.c.subject)
    .limit(bindparam("most", type_=Integer))
)
"""Asked twice a minute: built once."""


def any_before(connection: Connection, before: datetime) -> bool:
    """Whether there are findings that nobody saw again since then."""
    query = select(table.c.feed).where(table.c.seen_at < before).limit(1)
    return connection.execute(query).first() is not None


def forget_before(connection: Connection, before: datetime) -> int:
    """Forget what was not seen since then."""
    return connection.execute(delete(table).where(table.c.seen_at < before)).rowcount
