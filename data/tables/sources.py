"""The tables of what others tell us: warnings that machines propose."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    text,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# A warning that a machine proposes: ``identifier`` is the source's own. ``draft`` holds level,
# hazard, areas, text and the rest of it, ``notes`` lines for whoever decides.
proposed_warnings = Table(
    "proposed_warnings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("identifier", String(200), nullable=False),
    Column("sender", String(200), nullable=False, server_default=text("''")),
    Column("kind", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("hazard", String(24), nullable=False),
    Column("draft", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("draft_only", Boolean, nullable=False, server_default=false()),
    Column("picture", String(80), nullable=False, server_default=text("''")),  # drawn with it
    Column("changes", ForeignKey("alerts.id")),  # the warning that an update or a lifting is about
    Column("valid_until", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("why_asked", String(16)),  # though a policy says that it goes out by itself
    Column("asked_depth", Integer),  # the tier asked last; null: nobody yet
    Column("next_at", UtcDateTime),  # when the sweep has to look; null: never
    Column("decided_by", ForeignKey("people.id")),
    Column("decided_at", UtcDateTime),
    Column("alert_id", ForeignKey("alerts.id")),  # what became of it
    Index("proposed_warnings_once", "source", "identifier", unique=True),
    Index("proposed_warnings_next", "next_at", **only(text("next_at IS NOT NULL"))),
    Index("proposed_warnings_open", "valid_until", **only(text("state = 'open'"))),
    Index("proposed_warnings_alert", "alert_id", **only(text("alert_id IS NOT NULL"))),
    one_of("kind", "new", "update", "lift"),
    one_of("state", "open", "released", "dismissed", "expired", "superseded", "ignored"),
    rule("open_is_looked_at", "state <> 'open' OR next_at IS NOT NULL"),
    rule("decided_has_time", "state = 'open' OR state = 'ignored' OR decided_at IS NOT NULL"),
)

# A message of another agency as it came, whatever became of it. ``digest`` stands for what makes
# it one message (sender, identifier, sent), or for its bytes where it cannot be read. ``raw`` is
# the document, packed by zlib; it goes when it was kept long enough.
cap_messages = Table(
    "cap_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("digest", String(32), nullable=False),
    Column("identifier", String(200), nullable=False, server_default=text("''")),
    Column("sender", String(200), nullable=False, server_default=text("''")),
    Column("type", String(8)),  # null: it cannot be read
    Column("sent", UtcDateTime),
    Column("refers", JSON, nullable=False),  # identifiers of earlier messages
    Column("outcome", String(20), nullable=False),
    Column("words", String(200), nullable=False, server_default=text("''")),
    Column("received_at", UtcDateTime, nullable=False),
    Column("content", String(32), nullable=False),  # a digest of ``raw`` unpacked
    Column("raw", LargeBinary),
    Index("cap_messages_once", "source", "digest", unique=True),
    Index("cap_messages_identifier", "source", "identifier"),
    Index("cap_messages_received", "received_at"),
    one_of("type", "Alert", "Update", "Cancel", "Ack", "Error"),
)

# What was fetched of the links of a feed: not fetched again while its entry stays as it is.
cap_entries = Table(
    "cap_entries",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("digest", String(32), primary_key=True),  # of the entry's id, link and time
    Column("seen_at", UtcDateTime, nullable=False),
    Index("cap_entries_seen", "seen_at"),
)
