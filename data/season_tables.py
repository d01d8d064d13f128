"""The tables of the fire season: its dates by order, and the danger level of each day."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from data.columns import UtcDateTime
from data.tables import metadata

# The dates set by a year's order; they stand for [season] of config.toml in their division.
fire_seasons = Table(
    "fire_seasons",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("ends_on", Date, nullable=False),
)

# The forest-fire danger (1 green to 5 red) of a division and all below it that have none of theirs.
fire_danger = Table(
    "fire_danger",
    metadata,
    Column("division_code", String(12), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("level", Integer, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("set_by", ForeignKey("people.id")),  # null: by an import
    Index("fire_danger_day", "day"),
)
