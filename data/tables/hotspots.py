"""The tables of satellite hotspots, the tasks to verify them, and the feeds they come from."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    false,
    text,
    true,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# What is remembered of a feed between two polls. Its address may hold a key: only its fingerprint.
feeds = Table(
    "feeds",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("fingerprint", String(16), nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("etag", String(200)),
    Column("last_modified", String(200)),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("fault", String(20)),  # of the last poll; null: it went well
    Column("tried_at", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("rows", Integer, nullable=False, server_default=text("0")),  # of the last good answer
    Column("new_rows", Integer, nullable=False, server_default=text("0")),
    Column("bad_rows", Integer, nullable=False, server_default=text("0")),
    Column("newest_at", UtcDateTime),  # the newest acquisition ever seen
)

# Something that is always hot (a steel works, a kiln): hotspots at it make no task, unless they are
# more or hotter than usual. Learned from verdicts, or listed in a file.
heat_sources = Table(
    "heat_sources",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("verdicts", Integer, nullable=False),  # that taught it
    Column("learned_at", UtcDateTime, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("forgotten_at", UtcDateTime),  # a commander says it is none; verdicts since then count
    Column("county_code", String(12), nullable=False, server_default=text("''")),
    Column("listed", Boolean, nullable=False, server_default=false()),  # by a file
    Column("name", String(64), nullable=False, server_default=text("''")),
    Column("kind", String(12)),
    Column("radius_m", Float),  # null: that of the settings
    Column("usual_pixels", Integer),  # what the file says is usual in one pass
    Column("usual_frp_mw", Float),
    Index("heat_sources_listed", "county_code", "name", unique=True, **only(text("listed"))),
    one_of(
        "kind", "steelworks", "power_plant", "gas_flare", "kiln", "greenhouse", "landfill", "other"
    ),
    rule("radius_positive", "radius_m > 0"),
    rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

# One fire, or what looks like one, to be looked at from the ground.
hotspot_tasks = Table(
    "hotspot_tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("state", String(12), nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("county_code", String(12), nullable=False),
    Column("village_code", String(12)),
    Column("village_m", Float),  # metres from that village
    Column("pixels", Integer, nullable=False),  # the most one satellite saw at once
    Column("hotspots", Integer, nullable=False),  # all that belong to it
    Column("satellites", String(80), nullable=False),
    Column("first_at", UtcDateTime, nullable=False),  # acquisitions
    Column("last_at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("asked_id", ForeignKey("people.id")),  # whose answer is awaited
    Column("answer_at", UtcDateTime),  # until when
    Column("accepted_by", ForeignKey("people.id")),
    Column("accepted_at", UtcDateTime),
    Column("verdict", String(24)),
    Column("verdict_by", ForeignKey("people.id")),
    Column("verdict_at", UtcDateTime),
    Column("position_id", ForeignKey("positions.id")),
    Column("away_m", Float),  # from that position to the nearest of its hotspots
    Column("far", Boolean, nullable=False, server_default=false()),
    Column("report_id", ForeignKey("field_reports.id")),  # the photo from the spot
    Column("steps", Integer, nullable=False, server_default=text("0")),  # bits of Step
    Column("county_at", UtcDateTime),  # when the county is to hear that it is overdue
    Column("next_at", UtcDateTime),  # when the sweep has to look; null: never
    Index("hotspot_tasks_next", "next_at", **only(text("next_at IS NOT NULL"))),
    Index("hotspot_tasks_county", "county_code", "state"),
    Index("hotspot_tasks_accepted", "accepted_by", **only(text("accepted_by IS NOT NULL"))),
    one_of("state", "waiting", "asked", "accepted", "verified", "expired"),
    one_of(
        "verdict",
        "forest_fire",
        "grassland_fire",
        "farm_burning",
        "planned_burning",
        "other_heat_source",
        "nothing_found",
    ),
    rule("accepted_has_time", "accepted_by IS NULL OR accepted_at IS NOT NULL"),
    rule("verdict_has_time", "verdict IS NULL OR verdict_at IS NOT NULL"),
    rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

hotspots = Table(
    "hotspots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(80), nullable=False, unique=True),  # the same pixel of the same pass
    Column("feed", String(40), nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("acquired_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("satellite", String(16), nullable=False),
    Column("instrument", String(8), nullable=False),
    Column("confidence", String(8), nullable=False),
    Column("frp_mw", Float),
    Column("county_code", String(12), nullable=False),
    Column("task_id", ForeignKey("hotspot_tasks.id")),
    # Without a task it is masked; with one it was more than is usual there.
    Column("heat_source_id", ForeignKey("heat_sources.id")),
    Index("hotspots_acquired", "acquired_at"),
    Index("hotspots_task", "task_id"),
    Index("hotspots_heat", "heat_source_id", **only(text("heat_source_id IS NOT NULL"))),
    one_of("confidence", "low", "nominal", "high"),
    rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
)

# Who was asked to go, in what order, and what they answered.
hotspot_asks = Table(
    "hotspot_asks",
    metadata,
    Column("task_id", ForeignKey("hotspot_tasks.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("away_m", Float, nullable=False),
    Column("answer", String(12), nullable=False),
    Column("answered_at", UtcDateTime),
    Index("hotspot_asks_person", "person_id", "answer"),
    one_of("answer", "awaited", "accepted", "cannot", "silent", "spared"),
)
