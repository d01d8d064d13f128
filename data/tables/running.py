"""The tables that keep jiaoying running: leases, inbox, audit trail, dialogues, findings."""

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

# PostgreSQL: the last transaction each writing process has committed; see ``data.commit_marks``.
commit_marks = Table(
    "commit_marks",
    metadata,
    Column("writer", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),  # milliseconds since the epoch, the database's clock
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

# Updates that had their effect, kept for two days: one that comes again is not handled again.
# No index but its own key, no row number: it is written with every tap.
handled_updates = Table(
    "handled_updates",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
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

# Up to which entry the trail was archived: one row for each run of entries of one month. The live
# trail goes on after the last one; ``data.trail_marks`` signs and checks them.
audit_marks = Table(
    "audit_marks",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # the last archived entry
    Column("hash", String(64), nullable=False),  # of that entry
    Column("month", Integer, nullable=False),  # under which it and those before it are archived
    Column("made_at", UtcDateTime, nullable=False),
    Column("signature", String(64), nullable=False),
)

# One row, made by the migration: what marks are signed with.
audit_keys = Table(
    "audit_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", String(64), nullable=False),
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

# The browsers that show the board now: one for each link that was opened. What has no row here is
# shown nothing, however well its cookie is signed.
board_sessions = Table(
    "board_sessions",
    metadata,
    Column("link_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("address", String(16), nullable=False),  # of the browser: loopback, private, public
    Column("opened_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index("board_sessions_person", "person_id"),
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

# How each process at work is set and what its clock says, for the auditor to compare.
processes = Table(
    "processes",
    metadata,
    Column("name", String(64), primary_key=True),  # as the holder of leases
    Column("settings", JSON, nullable=False),  # a digest of each section that must be equal
    Column("ahead_ms", BigInteger),  # its clock before the database's; null: not measured yet
    Column("until", UtcDateTime, nullable=False),  # by the clock of the database
)

# How often each of the reference data was imported: processes that run load them anew.
reference_versions = Table(
    "reference_versions",
    metadata,
    Column("name", String(16), primary_key=True),  # divisions, boundaries
    Column("version", Integer, nullable=False),
)

# What fails again and again, so that nothing else waits for it.
set_aside = Table(
    "set_aside",
    metadata,
    Column("topic", String(16), primary_key=True),  # call, alert, tick
    Column("row_id", String(40), primary_key=True),  # its id, or a name
    Column("since", UtcDateTime, nullable=False),
    Column("again_at", UtcDateTime, nullable=False),  # when it is tried again
    Column("error", String(80), nullable=False),  # the class of the error
)

# What Telegram refused in words that this release does not know: a row a text, for some days.
unforeseen_refusals = Table(
    "unforeseen_refusals",
    metadata,
    Column("words", String(200), primary_key=True),  # Telegram's, without tokens
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
)

# One row, made by the migration and only ever updated: the proof that the store can be written.
pulses = Table(
    "pulses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
)

# Where a person is in a dialogue (a release being composed, a report awaited): survives restarts.
conversations = Table(
    "conversations",
    metadata,
    Column("telegram_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", String(24), nullable=False),
    Column("state", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("hears_until", UtcDateTime),  # until when typed words answer; null: only buttons do
)
