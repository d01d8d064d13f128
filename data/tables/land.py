"""The tables of land that warnings are for: rivers in stretches, drawings."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from data.tables.columns import Id, UtcDateTime, metadata, rule

river_stretches = Table(
    "river_stretches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("river", Text, nullable=False),
    Column("number", Integer, nullable=False),  # its order from the source
    Column("name", Text, nullable=False),
    # Parts of a line as the water flows, each a list of [lon, lat], WGS-84; empty: villages only.
    Column("lines", JSON, nullable=False),
    Column("buffer_m", Float, nullable=False),  # how far from the line its villages lie
    Column("villages", JSON, nullable=False),  # codes; none: those within the buffer
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("river", "number"),
    rule("buffer_positive", "buffer_m > 0"),
)

# Drawings made on the command wall, until their commander takes them into a warning.
drawn_areas = Table(
    "drawn_areas",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("shape", Text, nullable=False),  # GeoJSON, WGS-84
    Column("created_at", UtcDateTime, nullable=False),
)
