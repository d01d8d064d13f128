"""The tables of a warning's changes: its messages, what waits for a second person, what is undone.

The messages of a warning stay with it, as ``alerts`` does: only what calls left goes to history.
"""

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

# Each CAP message of a warning, with what held from then on. Rows are added, never changed. It
# refers to those of the same warning before it.
alert_messages = Table(
    "alert_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, ... within the warning: its version
    Column("identifier", String(31), nullable=False, unique=True),
    Column("msg_type", String(6), nullable=False),  # CAP: Alert, Update, Cancel
    Column("kind", String(12), nullable=False),  # the weightiest of ``kinds``
    Column("kinds", JSON, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("by_id", ForeignKey("people.id"), nullable=False),
    Column("confirmed_by", ForeignKey("people.id")),
    Column("level", String(8), nullable=False),
    Column("headline", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("areas", JSON, nullable=False),
    Column("places", JSON),
    Column("lead_minutes", Integer),
    Column("besides", JSON),
    Column("shape", Text),
    Column("stage", Integer),
    Column("issued_by", Text),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("alert_id", "number"),
    one_of("msg_type", "Alert", "Update", "Cancel"),
    one_of(
        "kind",
        "alert",
        "cancel",
        "lift",
        "upgrade",
        "stage",
        "downgrade",
        "add_area",
        "narrow",
        "correct",
        "extend",
    ),
    one_of("level", "red", "orange", "yellow", "blue"),
    rule("first_is_alert", "(number = 1) = (msg_type = 'Alert')"),
    rule("two_persons", "confirmed_by <> by_id"),
)

# Changes that wait for a second person, one at a time of each warning, and what became of them.
# What held before stays in force meanwhile.
pending_changes = Table(
    "pending_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("change", JSON, nullable=False),
    Column("by_id", ForeignKey("people.id"), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("decided_by", ForeignKey("people.id")),
    Column("decided_at", UtcDateTime),
    Column("command_line", String(160)),  # as of ``alerts``
    Index(
        "pending_changes_open",
        "alert_id",
        unique=True,
        **only(text("state = 'pending'")),
    ),
    # Superseded by another change; lapsed, as its warning ended or nobody decided.
    one_of("state", "pending", "made", "refused", "superseded", "lapsed"),
    rule("two_persons", "state <> 'made' OR decided_by <> by_id"),
    rule("decided_has_time", "state = 'pending' OR decided_at IS NOT NULL"),
)

# Changes of which not everybody called is dealt with yet, in order: a province's take seconds.
unfinished_updates = Table(
    "unfinished_updates",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the message
    Column("calls_after", BigInteger, nullable=False, server_default=text("0")),
    Column("calls_upto", BigInteger, nullable=False),  # ids of the calls there were
    # calls: those there were are dealt with; new: whoever is called besides is; rest: the others.
    Column("step", String(8), nullable=False),
    Column("called", Integer, nullable=False, server_default=text("0")),
    Column("asked", Integer, nullable=False, server_default=text("0")),
    Column("told", Integer, nullable=False, server_default=text("0")),
    Column("stood_down", Integer, nullable=False, server_default=text("0")),
    one_of("step", "calls", "new", "rest"),
)

# The posts of calls that go on for others, which a narrowing left out: counted nowhere as called.
# Who was moved there stays counted where it was, and what was said of it in the ledger. A post that
# the warning is for again goes back.
left_out_posts = Table(
    "left_out_posts",
    metadata,
    Column("call_id", BigInteger, primary_key=True, autoincrement=False),
    Column("division_code", String(12), primary_key=True),
    Column("role", String(24), primary_key=True),
    Column("place_code", String(80), primary_key=True, server_default=text("''")),
    Column("alert_id", BigInteger, nullable=False),
    Column("report", String(16)),
    Column("reported_at", UtcDateTime),
    Column("households", Integer),
    Column("persons", Integer),
    Index("left_out_posts_alert", "alert_id"),
    sqlite_with_rowid=False,
)
