"""The tables of what patrollers send; see ``data.tables`` for how times are kept."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    false,
)

from data.columns import Id, UtcDateTime
from data.tables import metadata

positions = Table(
    "positions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("accuracy_m", Float),
    Column("division_code", String(12)),
    Column("live", Boolean, nullable=False, server_default=false()),
    Column("message_id", BigInteger),
    Column("doubts", JSON, nullable=False),  # why the position is doubtful; empty: it is good
    Index("positions_person", "person_id", "taken_at"),
)

distress_calls = Table(
    "distress_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("position_id", ForeignKey("positions.id")),
    Column("file_id", Text),
    Column("file_kind", String(12)),
    Column("note", Text),
    Column("taken_by", ForeignKey("people.id")),
    Column("taken_at", UtcDateTime),
    Column("cleared_by", ForeignKey("people.id")),
    Column("cleared_at", UtcDateTime),
)

field_reports = Table(
    "field_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("alert_id", ForeignKey("alerts.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(12), nullable=False),  # photo, video, video_note, voice, text
    Column("file_id", Text),
    Column("caption", Text),
    Column("media_group_id", String(40)),
    Column("position_id", ForeignKey("positions.id")),
    Column("division_code", String(12)),
)
