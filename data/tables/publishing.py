"""The tables of what goes out to other systems: events, webhooks, tokens of the API."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# What others are to be told: a row written in the transaction of what happened. Some are of a CAP
# message (``alert_messages``), which becomes a file.
outgoing_events = Table(
    "outgoing_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("message_number", Integer),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", JSON),  # the numbers as they were, of what no message says
    Column("spread_at", UtcDateTime),  # when a delivery was queued for each webhook; null: not yet
    Column("filed_at", UtcDateTime),  # when its file was written; null: not yet
    Index("outgoing_events_alert", "alert_id", "id"),
    Index("outgoing_events_at", "at"),
    Index("outgoing_events_unspread", "id", **only(text("spread_at IS NULL"))),
    Index("outgoing_events_unfiled", "id", **only(text("filed_at IS NULL"))),
    one_of(
        "kind",
        "released",
        "updated",
        "lifted",
        "cancelled",
        "expired",
        "counts",
        "closed",
        "reopened",
    ),
    rule("message_number_positive", "message_number >= 1"),
)

# One event for one webhook, by the name it has in the configuration: its address is not stored.
webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", ForeignKey("outgoing_events.id"), nullable=False),
    Column("webhook", String(40), nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("status", Integer),  # the last answer's; null: none came
    Column("error", String(40)),  # what went wrong last, as a word of ours
    UniqueConstraint("event_id", "webhook"),
    Index(
        "webhook_deliveries_due",
        "webhook",
        "due_at",
        **only(text("state = 'waiting'")),
    ),
    Index("webhook_deliveries_dead", "done_at", **only(text("state = 'dead'"))),
    one_of("state", "waiting", "sent", "dead", "replaced"),
    rule("attempts_not_negative", "attempts >= 0"),
    rule("done_has_time", "state = 'waiting' OR done_at IS NOT NULL"),
)

# Tokens of the API. Of the token itself only a digest is kept; ``public`` is its first part, by
# which it is found and named.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("public", String(12), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(160), nullable=False),  # on a server, as user@host
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("used_from", String(16)),  # the kind of address: loopback, private, public
    Column("ended_at", UtcDateTime),
    Column("ended_how", String(12)),
    Index("api_tokens_person", "person_id"),
    one_of("ended_how", "revoked", "left", "post_lost"),
    rule("ended_how_has_time", "ended_how IS NULL OR ended_at IS NOT NULL"),
)

# What was done for a request that said its key: said again, it is answered the same.
api_requests = Table(
    "api_requests",
    metadata,
    Column("token_id", ForeignKey("api_tokens.id"), nullable=False),
    Column("key", String(80), nullable=False),
    Column("digest", String(64), nullable=False),  # of method, path and body
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("token_id", "key"),
    Index("api_requests_at", "at"),
)
