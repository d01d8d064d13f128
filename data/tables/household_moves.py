"""The tables of who was moved: ticks by household, their sums by village, shelters overfull."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    text,
    true,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# What was ticked of a household in a warning: a row each time, of which the last one is
# ``current``. ``persons`` are as many as it had then. No names: the household has them.
household_moves = Table(
    "household_moves",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("household_id", ForeignKey("evacuation_households.id"), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("state", String(8), nullable=False),
    Column("persons", Integer, nullable=False),
    Column("by_id", ForeignKey("people.id"), nullable=False),
    Column("via", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("current", Boolean, nullable=False, server_default=true()),
    Index("household_moves_alert", "alert_id", "id"),
    Index(
        "household_moves_current",
        "alert_id",
        "household_id",
        unique=True,
        **only(text("current")),
    ),
    Index(
        "household_moves_village",
        "alert_id",
        "division_code",
        **only(text("current")),
    ),
    one_of("state", "moved", "away", "refused", "home"),
    one_of("via", "own", "officer"),
    rule("persons_not_negative", "persons >= 0"),
)

# The sums of those by village, so that nobody reads 300,000 households for a card; a row for each
# village in which any was ever ticked. ``said``: the figures reported of it last, while there are
# ticks, which count instead.
household_counts = Table(
    "household_counts",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, autoincrement=False),
    Column("division_code", String(12), primary_key=True),
    *(
        Column(name, Integer, nullable=False)
        for name in "moved moved_persons away away_persons refused refused_persons".split()
    ),
    Column("said_households", Integer),
    Column("said_persons", Integer),
    sqlite_with_rowid=False,
)

# A shelter in which more have arrived than it holds: the duty officers are told once a warning.
overfull_shelters = Table(
    "overfull_shelters",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, autoincrement=False),
    Column("shelter_id", ForeignKey("shelters.id"), primary_key=True, autoincrement=False),
    Column("arrived", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# A call home (返回) and the warning for which its villages were moved. The call is an alert itself.
returns = Table(
    "returns",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, autoincrement=False),
    Column("of_alert_id", ForeignKey("alerts.id"), nullable=False),
    Index("returns_of", "of_alert_id"),
)
