"""The tables of daily reports: what each day came to, and what was remarked about it."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, String, Table, Text, text

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# A day whose report is due once. Without ``made_at`` none was made: with the first row the reports
# of an installation begin, and of a day before that they are counted when somebody asks.
daily_days = Table(
    "daily_days",
    metadata,
    Column("day", Date, primary_key=True),  # local
    Column("made_at", UtcDateTime),
    Column("told_at", UtcDateTime),  # null: its readers are still to be told
    Column("unread", JSON, nullable=False),  # codes of divisions in which nobody could be told
    Index("daily_days_untold", "day", **only(text("told_at IS NULL"))),
    rule("untold_is_made", "told_at IS NOT NULL OR made_at IS NOT NULL"),
)

# What a day came to in a division: without what lies below it (villages are in their townships),
# and with it. A division in which nothing happened, nor below, has no row.
daily_reports = Table(
    "daily_reports",
    metadata,
    Column("day", Date, primary_key=True),
    Column("division_code", String(12), primary_key=True),
    Column("own", JSON, nullable=False),  # alerts.loop.daily.figures.to_json
    Column("sums", JSON),  # null: the same
    sqlite_with_rowid=False,
)

# What a tier above says about a division's day: one remark of each division, the newest.
daily_remarks = Table(
    "daily_remarks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("day", Date, nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("from_code", String(12), nullable=False),  # of the post from which it was made
    Column("mark", String(4), nullable=False),
    Column("words", Text, nullable=False),
    Column("by_id", ForeignKey("people.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("daily_remarks_once", "day", "division_code", "from_code", unique=True),
    one_of("mark", "good", "bad"),
    rule("from_above", "from_code <> division_code"),
)
