"""Messages of other agencies as rows: each once, with its raw text for as long as it is kept."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from alerts.sources.cap.model import CapAlert, CapType
from data.json_rows import GIVEN_WORDS, as_json
from data.tables.sources import cap_entries, cap_messages
from data.upserts import insert_into


class Outcome(Enum):
    """What became of a message."""

    PROPOSED = "proposed"  # a draft, or several
    ELSEWHERE = "elsewhere"  # not about our divisions
    OUT_OF_DATE = "out_of_date"
    NOT_MEANT = "not_meant"  # a test, or an answer to another message
    NOT_OURS = "not_ours"  # heat, fog: nobody is called for that
    UNKNOWN_EVENT = "unknown_event"
    CLEAR = "clear"  # it says that there is nothing to fear
    ENDED = "ended"  # a cancel or all clear that took back what was proposed
    CANCEL_UNKNOWN = "cancel_unknown"  # of a message we never had
    CANCEL_BY_OTHER = "cancel_by_other"  # of somebody else's message
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be kept. ``alert`` is ``None`` where it cannot be read: ``words`` say why."""

    source: str
    digest: str
    raw: bytes
    outcome: Outcome
    alert: CapAlert | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message that came before."""

    id: int
    digest: str
    identifier: str
    sender: str
    type: CapType | None
    sent: datetime | None
    refers: tuple[str, ...]
    outcome: Outcome
    words: str
    received_at: datetime
    content: str


def digest_of(text: str | bytes) -> str:
    """Stands for a text: 32 hexadecimal digits."""
    data = text.encode() if isinstance(text, str) else text
    return sha256(data).hexdigest()[:32]


def known(connection: Connection, source: str, digests: Iterable[str]) -> dict[str, str]:
    """Those that came before, with the digest of their content."""
    query = select(cap_messages.c.digest, cap_messages.c.content).where(
        cap_messages.c.source == source, cap_messages.c.digest.in_(GIVEN_WORDS)
    )
    found = connection.execute(query, {"words": as_json(list(digests))})
    return {row.digest: row.content for row in found}


def of_identifiers(
    connection: Connection, source: str, identifiers: Iterable[str]
) -> dict[str, list[KnownMessage]]:
    """Messages by their identifier, the newest first."""
    query = (
        select(*_COLUMNS)
        .where(cap_messages.c.source == source, cap_messages.c.identifier.in_(GIVEN_WORDS))
        .order_by(cap_messages.c.id.desc())
    )
    found: dict[str, list[KnownMessage]] = {}
    for row in connection.execute(query, {"words": as_json(list(identifiers))}):
        found.setdefault(row.identifier, []).append(_known(row))
    return found


def overtaken(connection: Connection, source: str, since: datetime) -> frozenset[tuple[str, str]]:
    """What updates and cancels that came since then refer to, by the same sender.

    A message that comes after what ended it is not proposed any more.
    """
    query = select(cap_messages.c.refers, cap_messages.c.sender).where(
        cap_messages.c.source == source,
        cap_messages.c.received_at >= since,
        cap_messages.c.type.in_([CapType.UPDATE.value, CapType.CANCEL.value]),
    )
    return frozenset(
        (identifier, row.sender) for row in connection.execute(query) for identifier in row.refers
    )


def add(connection: Connection, messages: Sequence[NewMessage], now: datetime) -> None:
    """Keep messages; one that another process has just kept stays as it is."""
    if not messages:
        return
    rows = [_row(message, now) for message in messages]
    statement = insert_into(connection, cap_messages)
    connection.execute(statement.on_conflict_do_nothing(), rows)


def raw_of(connection: Connection, message_id: int) -> bytes | None:
    """The document as it came; ``None``: there is no such message, or it was kept long enough."""
    query = select(cap_messages.c.raw).where(cap_messages.c.id == message_id)
    packed = connection.execute(query).scalar()
    return None if packed is None else zlib.decompress(packed)


def newest(
    connection: Connection, source: str | None = None, limit: int = 20
) -> list[tuple[str, KnownMessage]]:
    """The last messages of a source, or of all: with the source's name."""
    query = select(cap_messages.c.source, *_COLUMNS).order_by(cap_messages.c.id.desc())
    if source is not None:
        query = query.where(cap_messages.c.source == source)
    return [(row.source, _known(row)) for row in connection.execute(query.limit(limit))]


def counts(connection: Connection, since: datetime) -> dict[tuple[str, Outcome], int]:
    """How many messages since then, by source and what became of them."""
    query = (
        select(cap_messages.c.source, cap_messages.c.outcome, func.count())
        .where(cap_messages.c.received_at >= since)
        .group_by(cap_messages.c.source, cap_messages.c.outcome)
    )
    return {(row[0], Outcome(row[1])): row[2] for row in connection.execute(query)}


def fetched(connection: Connection, source: str, digests: Iterable[str]) -> set[str]:
    """Of these entries of a feed, those whose link was fetched."""
    query = select(cap_entries.c.digest).where(
        cap_entries.c.source == source, cap_entries.c.digest.in_(GIVEN_WORDS)
    )
    return set(connection.execute(query, {"words": as_json(list(digests))}).scalars())


def note_fetched(
    connection: Connection, source: str, digests: Iterable[str], now: datetime
) -> None:
    """These entries stand in the feed, and their links were fetched."""
    rows = [{"source": source, "digest": digest, "seen_at": now} for digest in digests]
    if rows:
        statement = insert_into(connection, cap_entries)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["source", "digest"], set_={"seen_at": now}
            ),
            rows,
        )


def any_raw_before(connection: Connection, before: datetime) -> bool:
    """Whether raw texts were kept long enough."""
    query = select(cap_messages.c.id).where(
        cap_messages.c.received_at < before, cap_messages.c.raw.is_not(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def forget_raw(connection: Connection, before: datetime) -> int:
    """Raw texts that were kept long enough go; that the messages came stays. A thousand at once."""
    some = (
        select(cap_messages.c.id)
        .where(cap_messages.c.received_at < before, cap_messages.c.raw.is_not(None))
        .limit(1000)
    )
    gone = update(cap_messages).where(cap_messages.c.id.in_(some.scalar_subquery()))
    connection.execute(delete(cap_entries).where(cap_entries.c.seen_at < before))
    return connection.execute(gone.values(raw=None)).rowcount


def _row(message: NewMessage, now: datetime) -> dict[str, Any]:
    alert = message.alert
    return {
        "source": message.source,
        "digest": message.digest,
        "identifier": "" if alert is None else alert.identifier,
        "sender": "" if alert is None else alert.sender,
        "type": None if alert is None else alert.type.value,
        "sent": None if alert is None else alert.sent,
        "refers": [] if alert is None else [one.identifier for one in alert.references][:50],
        "outcome": message.outcome.value,
        "words": message.words[:200],
        "received_at": now,
        "content": digest_of(message.raw),
        "raw": zlib.compress(message.raw, 1),
    }


_COLUMNS = [column for column in cap_messages.c if column.name not in ("raw", "source")]


def _known(row: Row[Any]) -> KnownMessage:
    return KnownMessage(
        row.id,
        row.digest,
        row.identifier,
        row.sender,
        None if row.type is None else CapType(row.type),
        row.sent,
        tuple(row.refers),
        Outcome(row.outcome),
        row.words,
        row.received_at,
        row.content,
    )
