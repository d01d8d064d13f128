"""The tables of the watch over jiaoying itself; see ``data.tables`` for how times are kept."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table

from data.columns import UtcDateTime
from data.tables import metadata

# What is wrong now, one row a kind; the row goes when it is over.
findings = Table(
    "findings",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # when it was last found
    Column("told_at", UtcDateTime),  # when officers were last told; null: not yet
    Column("told", JSON, nullable=False),  # people.id of everybody told: they hear of its end
    Column("facts", JSON, nullable=False),
)

# One row, made by the migration and only ever updated: the proof that the store can be written.
pulses = Table(
    "pulses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
)
