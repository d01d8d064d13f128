"""The tables that keep jiaoying running: leases, inbox, audit trail, board links, findings."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from data.tables.columns import Id, UtcDateTime, metadata

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),  # what only one process may do: dispatch:7, tick
    Column("holder", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),  # by the clock of the database
)

# Updates are committed here before the offset moves, and deleted with their effect.
inbox = Table(
    "inbox",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("payload", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", BigInteger),  # people.id; null: jiaoying itself
    Column("action", String(32), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("detail", Text, nullable=False),  # canonical JSON
    Column("hash", String(64), nullable=False),
    Index("audit_subject", "subject"),
)

# One row, made by the migration: so all processes on a database sign and verify alike.
board_keys = Table(
    "board_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
)

board_links = Table(
    "board_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime),  # null: not opened yet; a link opens once
    Index("board_links_made", "made_at"),
)

# What is wrong now, one row a kind; the row goes when it is over.
findings = Table(
    "findings",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # when it was last found
    Column("told_at", UtcDateTime),  # when officers were last told; null: not yet
    Column("told", JSON, nullable=False),  # people.id of everybody told: they hear of its end
    Column("facts", JSON, nullable=False),
)

# One row, made by the migration and only ever updated: the proof that the store can be written.
pulses = Table(
    "pulses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
)
