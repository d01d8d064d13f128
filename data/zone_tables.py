"""The tables of patrol zones: where somebody is to patrol."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from data.columns import Id
from data.tables import metadata

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
)

zone_people = Table(
    "zone_people",
    metadata,
    Column("zone_id", ForeignKey("zones.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Index("zone_people_person", "person_id"),
)
