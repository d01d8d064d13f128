"""The tables of what patrols come to: sums of each person's day, kept longer than the positions."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Float, ForeignKey, Index, Integer, String, Table
from sqlalchemy import text as sql

from data.tables.columns import UtcDateTime, metadata, only, rule

# One person's patrol on one local day, summed up by ``alerts.patrol.results``.
patrol_days = Table(
    "patrol_days",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("division_code", String(12), nullable=False),  # the person's, when it was summed up
    Column("positions", Integer, nullable=False, server_default=sql("0")),  # that count
    Column("doubtful", Integer, nullable=False, server_default=sql("0")),  # that do not
    Column("first_at", UtcDateTime),
    Column("last_at", UtcDateTime),
    Column("seconds", Integer, nullable=False, server_default=sql("0")),
    Column("distance_m", Float, nullable=False, server_default=sql("0")),
    # The parts of the zones or routes: how many there are, how many of them were walked, and which
    # (a bit each, as hexadecimal digits), under the name of the drawing.
    Column("drawing", String(16), nullable=False, server_default=sql("''")),
    Column("cells", Integer, nullable=False, server_default=sql("0")),
    Column("visited", Integer, nullable=False, server_default=sql("0")),
    Column("walked", String(80), nullable=False, server_default=sql("''")),
    Column("reports", Integer, nullable=False, server_default=sql("0")),
    Column("made_at", UtcDateTime),  # null: not summed up yet
    Column("due_at", UtcDateTime),  # when it is to be summed up anew; null: nothing came since
    Index("patrol_days_day", "day", "division_code"),
    Index("patrol_days_due", "due_at", **only(sql("due_at IS NOT NULL"))),
    rule(
        "counts_not_negative",
        "positions >= 0 AND doubtful >= 0 AND seconds >= 0 AND distance_m >= 0 AND reports >= 0",
    ),
    rule("visited_are_cells", "visited >= 0 AND visited <= cells"),
)

# Up to which row each source was looked through.
patrol_marks = Table(
    "patrol_marks",
    metadata,
    Column("source", String(12), primary_key=True),
    Column("last_id", BigInteger, nullable=False),
)
