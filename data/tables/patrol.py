"""The tables of patrols: zones, hours, positions, roll calls, calls for help, reports, the season.

Positions are WGS-84 lon/lat; see ``data.tables`` for how times are kept.
"""

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
    true,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

zones = Table(
    "zones",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    # empty: only for the persons of zone_people
    Column("division_code", String(12), nullable=False, server_default=text("''")),
    Column("kind", String(8), nullable=False),  # area, route
    Column("buffer_m", Float, nullable=False),  # of a route, metres to either side
    Column("lines", JSON, nullable=False),  # WGS-84 lon/lat: an area's rings, or a route's lines
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("division_code", "name"),
    one_of("kind", "area", "route"),
)

zone_people = Table(
    "zone_people",
    metadata,
    Column("zone_id", ForeignKey("zones.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Index("zone_people_person", "person_id"),
)

# One person's hours on one day; every_minutes 0: nothing is expected of them (a day off).
patrol_shifts = Table(
    "patrol_shifts",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("every_minutes", Integer, nullable=False),
    rule("ends_after_start", "ends_at > starts_at"),
)

# The same for everybody of a division who has no hours of their own that day.
patrol_orders = Table(
    "patrol_orders",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("every_minutes", Integer, nullable=False),
    rule("ends_after_start", "ends_at > starts_at"),
)

# One row a patroller: what is expected next, and how far the chase of a missed check-in has come.
check_in_watches = Table(
    "check_in_watches",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    # which day and which settings the row was worked out for; another one: work it out anew
    Column("plan", String(64), nullable=False, server_default=text("''")),
    Column("times", JSON, nullable=False),  # the plan: milliseconds since the epoch, UTC
    Column("expected_at", UtcDateTime),  # the next check-in; null: none more in this plan
    Column("missed_at", UtcDateTime),  # the first check-in missed since the last sign of life
    Column("missed", Integer, nullable=False, server_default=text("0")),
    Column("round_at", UtcDateTime),  # the missed check-in from which the running round counts
    # bits of Rung: those of the running round, and those ever told
    Column("steps", Integer, nullable=False, server_default=text("0")),
    Column("told", Integer, nullable=False, server_default=text("0")),
    Column("back_at", UtcDateTime),  # a sign of life those told have not heard of yet
    Column("due_at", UtcDateTime),  # when the sweep has to look; null: never
    Index("check_in_watches_due", "due_at", **only(text("due_at IS NOT NULL"))),
    Index("check_in_watches_missed", "missed_at", **only(text("missed_at IS NOT NULL"))),
)

# Where somebody was, as their phone said.
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
    rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

# 点名
roll_calls = Table(
    "roll_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("whom", String(12), nullable=False),  # alerts.patrol.roll_calls.model.Whom
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
    one_of("whom", "patrol", "rangers", "lookouts", "checkpoints", "village", "everyone"),
    Index("roll_calls_one_open", "division_code", unique=True, **only(text("closed_at IS NULL"))),
)

# One row for everybody who is asked where they are.
roll_call_entries = Table(
    "roll_call_entries",
    metadata,
    Column("roll_call_id", ForeignKey("roll_calls.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("state", String(12), nullable=False),  # alerts.patrol.roll_calls.model.Standing
    Column("answered_at", UtcDateTime),
    Column("position_id", BigInteger),  # no key: positions are deleted in time, this row is not
    Column("away_m", Float),  # metres outside the person's zone, where there is one
    Index("roll_call_entries_state", "roll_call_id", "state", "division_code"),
    Index("roll_call_entries_asked", "person_id", **only(text("state <> 'answered'"))),
    one_of("state", "asked", "answered", "far", "unreachable"),
    rule("answered_has_time", "state NOT IN ('answered', 'far') OR answered_at IS NOT NULL"),
)

# 求救: who called for help, who was told, who took it.
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
    Column("rung_at", UtcDateTime),  # when the last round left
    Column("rounds", Integer, nullable=False, server_default=text("0")),
    Column("told", JSON),  # ids of everybody who got it
    Index("distress_calls_due", "due_at", **only(text("due_at IS NOT NULL"))),
    Index("distress_calls_open", "person_id", unique=True, **only(text("cleared_at IS NULL"))),
    rule("taken_has_time", "taken_by IS NULL OR taken_at IS NOT NULL"),
    rule("cleared_has_time", "cleared_by IS NULL OR cleared_at IS NOT NULL"),
)

# The messages about a call for help that bear buttons, so that the buttons go when it ends.
distress_messages = Table(
    "distress_messages",
    metadata,
    Column("distress_id", ForeignKey("distress_calls.id"), primary_key=True),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # alerts.outbox.messages.MessageKind
    one_of("kind", "distress", "distress_sent", "distress_update"),
)

# What was sent from the spot: photos, videos, voices, words.
field_reports = Table(
    "field_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("alert_id", ForeignKey("alerts.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(12), nullable=False),
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
    one_of("kind", "photo", "video", "video_note", "voice", "document", "text"),
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

# The dates set by a year's order; they stand for [season] of config.toml in their division.
fire_seasons = Table(
    "fire_seasons",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("ends_on", Date, nullable=False),
)

# A time in which no fire may be lit outdoors (禁火期), both days included, by whose order.
closed_times = Table(
    "closed_times",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("ends_on", Date, nullable=False),
    Column("by_order", String(64), nullable=False, server_default=text("''")),
    Column("begun_at", UtcDateTime),  # when people were told that it has begun, or its new dates
    Column("ended_at", UtcDateTime),  # and that it is over
    rule("ends_after_it_starts", "ends_on >= starts_on"),
)

# The forest-fire danger (1 green to 5 red) of a division and all below it that have none of theirs.
fire_danger = Table(
    "fire_danger",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("level", Integer, nullable=False),
    Column("scale", String(10)),  # whose colours: null where nobody said
    Column("set_at", UtcDateTime, nullable=False),
    Column("set_by", ForeignKey("people.id")),  # null: by an import
    Index("fire_danger_day", "day"),
    rule("level_known", "level BETWEEN 1 AND 5"),
    one_of("scale", "weather", "command", "national"),
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
    Column("recalled_at", UtcDateTime),  # the day is red no longer
    UniqueConstraint("person_id", "day", "kind"),
    Index("season_asks_day", "day", "kind", "decided_for"),
    one_of("kind", "orders", "zero_report"),
    one_of("answer", "received", "no_fire", "fire"),
    rule("answered_has_time", "answer IS NULL OR answered_at IS NOT NULL"),
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
    one_of("kind", "orders", "zero_report"),
    one_of("step", "asked", "reminded", "listed"),
)
