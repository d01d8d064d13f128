"""The table of the question that is asked before a warning expires."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint, text

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# Once for each time until which a warning holds: prolonged, it is asked about anew.
expiry_questions = Table(
    "expiry_questions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),  # what was asked about
    Column("asked_at", UtcDateTime, nullable=False),
    # When the duty officers are asked, if nobody has answered; null: they were.
    Column("due_at", UtcDateTime),
    Column("answer", String(8)),
    Column("answered_by", ForeignKey("people.id")),  # null: it was answered by what was done
    Column("answered_at", UtcDateTime),
    UniqueConstraint("alert_id", "expires_at"),
    Index("expiry_questions_open", "alert_id", **only(text("answer IS NULL"))),
    one_of("answer", "extended", "let", "over"),
    rule("answered_has_time", "answer IS NULL OR answered_at IS NOT NULL"),
)
