"""The tables of what an answer is not enough for: answers that count no more, villages cut off."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Text, false, text

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# Answers that count no more: taken back by their person, doubted by an officer above, or given
# before the level was raised. Rows are added, never changed. The call waits again, and was made
# anew at ``at``.
withdrawn_answers = Table(
    "withdrawn_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("call_id", ForeignKey("calls.id"), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_id", ForeignKey("people.id")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("called_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    Column("answered_via", String(12), nullable=False),
    Index("withdrawn_answers_alert", "alert_id", "call_id"),
    Index("withdrawn_answers_call", "call_id", "id"),
    one_of("kind", "taken_back", "doubted", "raised"),
    rule("doubted_by_officer", "kind <> 'doubted' OR by_id IS NOT NULL"),
)

# Villages silent by every way of calling, or said to be cut off by an officer: a row each time.
cut_off_villages = Table(
    "cut_off_villages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    Column("marked_by", ForeignKey("people.id")),  # null: found by itself
    Column("ended_at", UtcDateTime),
    Column("ended_by", ForeignKey("people.id")),
    Column("ended_how", String(12)),
    Index("cut_off_alert", "alert_id", "division_code"),
    Index(
        "cut_off_open",
        "alert_id",
        "division_code",
        unique=True,
        **only(text("ended_at IS NULL")),
    ),
    rule("ended_how_known", "ended_how IN ('answered', 'reached', 'unmarked', 'over')"),
    rule("ended_how_has_time", "ended_how IS NULL OR ended_at IS NOT NULL"),
)

# Who is sent to such a village, one at a time.
errands = Table(
    "errands",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("cut_off_id", ForeignKey("cut_off_villages.id"), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("assigned_by", ForeignKey("people.id"), nullable=False),
    Column("assigned_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("answered_at", UtcDateTime),
    Column("reported_at", UtcDateTime),
    Column("due_at", UtcDateTime),  # when the runner is asked again, or the officers are told
    Column("asked_again", Boolean, nullable=False, server_default=false()),
    Index("errands_alert", "alert_id"),
    Index("errands_village", "cut_off_id", "id"),
    Index(
        "errands_open",
        "cut_off_id",
        unique=True,
        **only(text("state = 'asked' OR state = 'going'")),
    ),
    Index("errands_due", "due_at", **only(text("due_at IS NOT NULL"))),
    one_of("state", "asked", "going", "declined", "arrived", "failed", "ended"),
)
