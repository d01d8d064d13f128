"""The tables of duty: gaps in its plan, changes asked for, hand-overs, calendars. Shifts themselves
are in ``data.tables.contacts``."""

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
    UniqueConstraint,
    text,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# When the duty plan of a division is to be looked at next, for gaps and hand-overs. A division
# gets its row with its first shift; without shifts it keeps no plan.
duty_watches = Table(
    "duty_watches",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("look_at", UtcDateTime, nullable=False),
    Index("duty_watches_due", "look_at"),
)

# A time for which nobody is on a division's plan; told a week, a day and an hour before.
duty_gaps = Table(
    "duty_gaps",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    Column("told", Integer, nullable=False, server_default=text("0")),  # bits of GapRung
    Column("closed_at", UtcDateTime),
    Column("closed_how", String(8)),
    Index("duty_gaps_open", "division_code", **only(text("closed_at IS NULL"))),
    rule("ends_after_start", "ends_at > starts_at"),
    one_of("closed_how", "filled", "past"),
    rule("closed_says_how", "(closed_at IS NULL) = (closed_how IS NULL)"),
)

# Somebody was asked to take a shift (换班), a part of one (临时替班), a gap, or the watch (交班).
duty_asks = Table(
    "duty_asks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(8), nullable=False),  # alerts.duty.model.AskKind
    Column("division_code", String(12), nullable=False),
    # No keys: a shift that was joined to another, or whose person was erased, is gone.
    Column("shift_id", BigInteger),  # null: a gap
    Column("back_id", BigInteger),  # the shift taken in return; null: none
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("asked_by", ForeignKey("people.id"), nullable=False),
    Column("asked_of", ForeignKey("people.id"), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),  # alerts.duty.model.AskState
    Column("decided_at", UtcDateTime),
    Column("due_at", UtcDateTime),  # when it lapses, or they are asked again; null: decided
    Column("words", Text, nullable=False, server_default=text("''")),  # with a hand-over
    Column("chased_at", UtcDateTime),
    Index("duty_asks_due", "due_at", **only(text("due_at IS NOT NULL"))),
    Index("duty_asks_of", "asked_of", "state"),
    Index("duty_asks_by", "asked_by", "state"),
    one_of("kind", "swap", "stand_in", "fill", "handover"),
    one_of("state", "open", "agreed", "declined", "withdrawn", "lapsed"),
    rule("ends_after_start", "ends_at > starts_at"),
    rule("open_is_due", "state <> 'open' OR due_at IS NOT NULL"),
    rule("decided_has_time", "state = 'open' OR decided_at IS NOT NULL"),
)

# A shift as a file entered it, changed in chat since: the same file again does not undo that.
shift_moves = Table(
    "shift_moves",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("division_code", String(12), primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("moved_at", UtcDateTime, nullable=False),
)

# 交接班: one watch over a division hands over to the next at ``at``.
duty_handovers = Table(
    "duty_handovers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("given_by", ForeignKey("people.id")),  # null: nobody wrote; what is open went by itself
    Column("given_at", UtcDateTime),
    Column("words", Text, nullable=False, server_default=text("''")),
    Column("open_things", JSON),  # what was open then: alerts.duty.open_things_store
    Column("received_by", ForeignKey("people.id")),
    Column("received_at", UtcDateTime),
    Column("step", String(8), nullable=False),  # alerts.duty.model.HandOverStep
    Column("due_at", UtcDateTime),  # when the next step is; null: over
    UniqueConstraint("division_code", "at"),
    Index("duty_handovers_due", "due_at", **only(text("due_at IS NOT NULL"))),
    one_of("step", "planned", "asked", "given", "received", "missed", "off"),
    rule("given_has_time", "given_by IS NULL OR given_at IS NOT NULL"),
    rule("received_has_time", "(received_by IS NULL) = (received_at IS NULL)"),
)

# The address under which a calendar program reads a person's shifts; one at a time works.
calendar_links = Table(
    "calendar_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("calendar_links_one", "person_id", unique=True, **only(text("ended_at IS NULL"))),
)
