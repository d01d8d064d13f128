"""The tables of what patrollers send; see ``data.tables`` for how times are kept."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from data.columns import Id, UtcDateTime
from data.tables import metadata, only

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
    Column("sent_at", UtcDateTime),  # when the first round left; null: tapped once, still pending
    Column("due_at", UtcDateTime),  # when the next round leaves; null: no more
    Column("rounds", Integer, nullable=False, server_default=text("0")),
    Column("told", JSON),  # ids of everybody who got it
    Index("distress_calls_due", "due_at", **only(text("due_at IS NOT NULL"))),
    Index("distress_calls_open", "person_id", **only(text("cleared_at IS NULL"))),
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
    Column("bot_id", BigInteger),  # whose file id it is: another bot cannot send it
    Column("forward_at", UtcDateTime),  # when it goes on, an album once it is whole; null: done
    Column("copy_at", UtcDateTime),  # when the next try to copy the file is due; null: never
    Column("copy_tries", Integer, nullable=False, server_default=text("0")),
    Column("copied_as", Text),  # its file below the media directory
    Index("field_reports_forward", "forward_at", **only(text("forward_at IS NOT NULL"))),
    Index("field_reports_copy", "copy_at", **only(text("copy_at IS NOT NULL"))),
    Index("field_reports_division", "division_code", "id"),
)

# A file id is good at one bot. What a file is called at another, once it was brought there.
known_files = Table(
    "known_files",
    metadata,
    Column("source", String(200), primary_key=True),  # its id at the bot that was given it
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("file_id", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What is asked of one person on a red danger day: the day's orders, the zero report.
season_asks = Table(
    "season_asks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("day", Date, nullable=False),  # local
    Column("kind", String(12), nullable=False),  # orders, zero_report
    Column("division_code", String(12), nullable=False),  # the person's
    Column("decided_for", String(12), nullable=False),  # whose red day it is: that one or above
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answer", String(12)),  # received, no_fire, fire
    Column("answered_at", UtcDateTime),
    UniqueConstraint("person_id", "day", "kind"),
    Index("season_asks_day", "day", "kind", "decided_for"),
)

# What was done once for a red day of a division: asked, reminded, the silent listed.
season_rounds = Table(
    "season_rounds",
    metadata,
    Column("day", Date, primary_key=True),
    Column("decided_for", String(12), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("step", String(12), primary_key=True),  # asked, reminded, listed
    Column("done_at", UtcDateTime, nullable=False),
)
