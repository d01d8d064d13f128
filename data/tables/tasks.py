"""The tables of the five lists (清单): tasks that a post answers for, and what happened to each."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

EVENT_KINDS = (
    "created changed taken handed_over progress submitted returned struck_off extension_asked "
    "extended extension_refused supervised unsupervised withdrawn reopened reminded overdue "
    "unchecked"
).split()

_OPEN = "state IN ('open', 'taken', 'submitted')"

# One task of a list. ``division_code`` (and ``place_code``, ``lon``, ``lat``) say where it is to be
# done; ``responsible_*`` whose it is: a post, at a place (a department, a reservoir) if one is
# named, and the person who was meant, if anybody was. ``since_at``: since when the present term
# runs (it was made, prolonged, sent back). ``next_due_at``: when the sweep has to look; null: never
# again. ``climbed``: how many tiers above were told that it is overdue, or not checked.
tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("in_list", String(14), nullable=False),
    Column("title", Text, nullable=False),
    Column("measure", Text, nullable=False, server_default=text("''")),
    Column("division_code", String(12), nullable=False),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    Column("lon", Float),
    Column("lat", Float),
    Column("responsible_division", String(12), nullable=False),
    Column("responsible_role", String(24), nullable=False),
    Column("responsible_place", String(80), nullable=False, server_default=text("''")),
    Column("responsible_id", ForeignKey("people.id")),
    Column("evidence", String(40), nullable=False, server_default=text("''")),  # asked for: photo,…
    Column("state", String(10), nullable=False),
    Column("created_by", ForeignKey("people.id")),  # null: by a template, or at the command line
    Column("created_at", UtcDateTime, nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("taken_by", ForeignKey("people.id")),
    Column("taken_at", UtcDateTime),
    Column("submitted_by", ForeignKey("people.id")),
    Column("submitted_at", UtcDateTime),
    Column("ended_by", ForeignKey("people.id")),  # who checked it; null: withdrawn by itself
    Column("ended_at", UtcDateTime),
    Column("asked_until", UtcDateTime),  # the extension that is asked for
    Column("asked_by", ForeignKey("people.id")),
    Column("supervised_by", ForeignKey("people.id")),  # 挂牌督办
    Column("supervised_at", UtcDateTime),
    Column("alert_id", ForeignKey("alerts.id")),
    Column("ends_with_alert", Boolean, nullable=False, server_default=false()),
    Column("cause_kind", String(16)),
    Column("cause_id", BigInteger),
    Column("parent_id", ForeignKey("tasks.id")),
    Column("template", String(64), nullable=False, server_default=text("''")),
    Column("template_version", Integer),
    Column("next_step", String(12)),
    Column("next_due_at", UtcDateTime),
    Column("climbed", Integer, nullable=False, server_default=text("0")),
    # The post for which a template made it for its warning: it is made once, whoever has it since.
    Column("made_for", String(120), nullable=False, server_default=text("''")),
    Index("tasks_next", "next_due_at", **only(text("next_due_at IS NOT NULL"))),
    Index("tasks_responsible", "responsible_division", "responsible_role", **only(text(_OPEN))),
    Index("tasks_taken", "taken_by", **only(text(_OPEN))),
    Index("tasks_named", "responsible_id", **only(text(_OPEN))),
    Index("tasks_alert", "alert_id", **only(text("alert_id IS NOT NULL"))),
    Index("tasks_ending", "alert_id", **only(text(f"ends_with_alert AND {_OPEN}"))),
    Index("tasks_parent", "parent_id", **only(text("parent_id IS NOT NULL"))),
    Index("tasks_cause", "cause_kind", "cause_id", **only(text("cause_id IS NOT NULL"))),
    Index("tasks_ended", "ended_at", **only(text("ended_at IS NOT NULL"))),
    Index(
        "tasks_once",
        "alert_id",
        "template",
        "made_for",
        unique=True,
        **only(text("made_for <> ''")),
    ),
    one_of("in_list", "task", "duty", "problem", "measure", "rectification"),
    one_of("state", "open", "taken", "submitted", "struck_off", "withdrawn"),
    one_of("next_step", "take", "remind", "due", "above", "check", "check_above"),
    one_of("cause_kind", "report", "help", "field_report", "alert", "mechanism", "other"),
    rule("taken_has_time", "taken_by IS NULL OR taken_at IS NOT NULL"),
    rule("submitted_has_time", "state <> 'submitted' OR submitted_at IS NOT NULL"),
    rule("ended_has_time", "state NOT IN ('struck_off', 'withdrawn') OR ended_at IS NOT NULL"),
    rule("two_persons", "state <> 'struck_off' OR ended_by <> submitted_by"),
    rule("due_after_start", "due_at >= since_at"),
    rule("task_spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

# Everything that happened to a task, in order: who did what, in what words, with which file or
# from where. Nothing of it is ever changed. ``detail``: what was changed, from and to; who was
# told.
task_events = Table(
    "task_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("task_id", ForeignKey("tasks.id"), nullable=False),
    Column("kind", String(18), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by_id", ForeignKey("people.id")),  # null: jiaoying itself, or the command line
    Column("words", Text, nullable=False, server_default=text("''")),
    Column("until", UtcDateTime),
    Column("file_kind", String(10)),
    Column("file_id", Text),
    Column("bot_id", BigInteger),  # whose file id it is
    Column("lon", Float),
    Column("lat", Float),
    Column("detail", JSON),
    Index("task_events_task", "task_id", "id"),
    one_of("kind", *EVENT_KINDS),
    one_of("file_kind", "photo", "video", "document", "voice"),
    rule("event_spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

# How far the tasks of a warning are made, after it was released or changed: division after division
# of those called. ``version``: the last of the warning's at this level for which that was begun.
# ``next_at``: when to go on; null: all are made.
task_makings = Table(
    "task_makings",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True),
    Column("level", String(8), primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("upto", String(12), nullable=False, server_default=text("''")),
    Column("made", Integer, nullable=False, server_default=text("0")),
    Column("next_at", UtcDateTime),
    Index("task_makings_next", "next_at", **only(text("next_at IS NOT NULL"))),
    rule("made_not_negative", "made >= 0"),
)
