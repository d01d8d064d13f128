"""The tables of roll calls (点名): who was asked where they are, and what they answered."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from data.columns import Id, UtcDateTime
from data.tables import metadata, only

roll_calls = Table(
    "roll_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("whom", String(12), nullable=False),  # alerts.patrol.rollcall.Whom
    Column("minutes", Integer, nullable=False),
    Column("started_by", ForeignKey("people.id"), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),  # the last time everybody silent was asked
    Column("ends_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", ForeignKey("people.id")),  # null: its time was over
    # The result in the chat of whoever called, edited in place, and what it shows now.
    Column("chat_id", BigInteger, nullable=False),
    Column("language", String(8), nullable=False, server_default=text("'zh'")),
    Column("message_id", BigInteger),
    Column("shown", Text),
    Column("map_wanted", Boolean, nullable=False, server_default=false()),
    Column("map_message_id", BigInteger),
    Column("map_at", UtcDateTime),  # when the picture was queued last
    Column("map_shown", Text),
    Index("roll_calls_open", "ends_at", **only(text("closed_at IS NULL"))),
    # Null: out of date. Looked for every few seconds, so each has an index of only such rows.
    Index("roll_calls_stale", "id", **only(text("shown IS NULL"))),
    Index("roll_calls_drawn", "id", **only(text("map_wanted"))),
)

roll_call_entries = Table(
    "roll_call_entries",
    metadata,
    Column("roll_call_id", ForeignKey("roll_calls.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("state", String(12), nullable=False),  # alerts.patrol.rollcall.Standing
    Column("answered_at", UtcDateTime),
    Column("position_id", BigInteger),  # no key: positions are deleted in time, this row is not
    Column("away_m", Float),  # metres outside the person's zone, where there is one
    Index("roll_call_entries_state", "roll_call_id", "state", "division_code"),
    Index("roll_call_entries_asked", "person_id", **only(text("state <> 'answered'"))),
)
