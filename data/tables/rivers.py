"""The table of rivers: their stretches in order, for the villages along them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, Table, Text, UniqueConstraint, true

from data.tables.columns import Id, metadata, rule

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
