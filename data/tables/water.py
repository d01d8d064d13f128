"""The tables of gauges and rain stations, their readings, and what sources are doubted for."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
    true,
)

from data.tables.columns import UtcDateTime, metadata, one_of, only, rule

# A gauge or rain station: its lines, and whom it warns. WGS-84 lon/lat.
stations = Table(
    "stations",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("river", Text, nullable=False, server_default=text("''")),
    Column("division_code", String(12), nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("hazard", String(24), nullable=False),
    Column("lines", JSON, nullable=False),  # [quantity, kind, value, minutes of rain]
    Column("warns", JSON, nullable=False),  # codes of divisions
    Column("places", JSON, nullable=False),  # codes of places
    Column("stretch", Text, nullable=False, server_default=text("''")),
    Column("active", Boolean, nullable=False, server_default=true()),
    Index("stations_division", "division_code"),
    rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

# What was measured, for some days: the curve, and sums of rain. SI units. (No key to the station:
# stations are taken out of use and never deleted, and this is written by the thousand.)
readings = Table(
    "readings",
    metadata,
    Column("station_code", String(40), primary_key=True),
    Column("quantity", String(8), primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("minutes", Integer, primary_key=True, autoincrement=False),  # of rain; else 0
    Column("value", Float, nullable=False),
    Column("doubt", String(8)),  # why it moves nothing; null: it is believed
    Column("feed", String(40), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("readings_at", "at"),
    one_of("quantity", "level", "flow", "rain"),
    one_of("doubt", "unit", "datum", "jump", "stuck"),
)

# One row a quantity of a station: where it stands, and what the next reading is judged by.
station_watches = Table(
    "station_watches",
    metadata,
    Column("station_code", String(40), primary_key=True),
    Column("quantity", String(8), primary_key=True),
    # alerts.sources.gauges.judging.Trace
    Column("last_at", UtcDateTime),
    Column("last_value", Float, nullable=False, server_default=text("0")),
    Column("same_since", UtcDateTime),
    Column("same", Integer, nullable=False, server_default=text("0")),
    Column("every_s", Float, nullable=False, server_default=text("0")),
    Column("waits_at", UtcDateTime),
    Column("waits_value", Float, nullable=False, server_default=text("0")),
    # alerts.sources.gauges.crossings.Standing
    Column("held", Integer, nullable=False, server_default=text("0")),
    Column("since", UtcDateTime),
    Column("crossed_at", UtcDateTime),
    Column("below_since", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("value", Float, nullable=False, server_default=text("0")),  # at the last look
    Column("minutes", Integer, nullable=False, server_default=text("0")),  # the window of rain
    Column("proposed", Integer, nullable=False, server_default=text("0")),  # the rank, last
    Column("proposal_id", ForeignKey("proposed_warnings.id")),  # the last of this episode
    Column("silent_at", UtcDateTime),  # when it is silent if nothing comes; null: never heard
    Column("next_at", UtcDateTime),  # when the sweep has to look; null: when a reading comes
    Index("station_watches_next", "next_at", **only(text("next_at IS NOT NULL"))),
    Index("station_watches_silent", "silent_at", **only(text("silent_at IS NOT NULL"))),
    one_of("quantity", "level", "flow", "rain"),
    rule("held_has_time", "held = 0 OR since IS NOT NULL"),
)

# What is wrong with something that a source says; forgotten when it has not been seen for a day.
source_findings = Table(
    "source_findings",
    metadata,
    Column("feed", String(40), primary_key=True),
    Column("subject", String(200), primary_key=True),  # a station's code, an identifier; or empty
    Column("kind", String(24), primary_key=True),
    Column("facts", JSON, nullable=False),  # values for its line
    Column("times", Integer, nullable=False, server_default=text("1")),
    Column("since", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("source_findings_seen", "seen_at"),
)
