"""The tables of evacuation: shelters, cards, the households on them, land that floods."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# Where people are taken (安置点). WGS-84 lon/lat; capacity in persons; null: nobody said.
shelters = Table(
    "shelters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("name", Text, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("capacity", Integer),
    Column("key_holder", Text, nullable=False, server_default=text("''")),
    Column("key_phone", String(20), nullable=False, server_default=text("''")),
    UniqueConstraint("division_code", "name"),
    rule("capacity_positive", "capacity > 0"),
    rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
    rule("spot_whole", "(lon IS NULL) = (lat IS NULL)"),
)

# One a village, or one for a hazard point or settlement in it (``place_code``, which need not be
# among ``places``). What is empty, nobody said. One that is not ``active`` was taken out of use.
evacuation_cards = Table(
    "evacuation_cards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    Column("name", Text, nullable=False),
    Column("hazards", String(200), nullable=False, server_default=text("''")),  # by commas; or any
    Column("organiser", Text, nullable=False, server_default=text("''")),
    Column("organiser_phone", String(20), nullable=False, server_default=text("''")),
    Column("organiser_id", ForeignKey("people.id")),  # who of the roster that is, if anybody
    Column("signal", Text, nullable=False, server_default=text("''")),
    Column("when_to_move", Text, nullable=False, server_default=text("''")),
    Column("route", JSON, nullable=False),  # [[lon, lat], …] from the village on, WGS-84
    Column("route_words", Text, nullable=False, server_default=text("''")),
    Column("households", Integer, nullable=False),  # who is to move (应转)
    Column("persons", Integer, nullable=False),
    Column("shelter_id", ForeignKey("shelters.id")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("source", Text, nullable=False, server_default=text("''")),  # the file it came from
    Column("by_id", ForeignKey("people.id")),  # null: at the command line
    Column("at", UtcDateTime, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("division_code", "place_code"),
    rule("counts_not_negative", "households >= 0 AND persons >= 0"),
    rule("version_positive", "version > 0"),
)

# Who moves, household by household. One that a newer list of its card no longer has stays as a
# number without names (``active`` is false): what was counted refers to it.
evacuation_households = Table(
    "evacuation_households",
    metadata,
    Column("id", Id, primary_key=True),
    Column("card_id", ForeignKey("evacuation_cards.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Column("persons", Integer, nullable=False),
    Column("phone", String(20), nullable=False, server_default=text("''")),
    Column("frail", String(12)),  # why somebody of it cannot go alone; null: nobody
    Column("frail_who", Text, nullable=False, server_default=text("''")),
    Column("carer", Text, nullable=False, server_default=text("''")),  # who takes the frail along
    Column("carer_phone", String(20), nullable=False, server_default=text("''")),
    Column("address", Text, nullable=False, server_default=text("''")),
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("card_id", "number"),
    one_of(
        "frail", "elderly", "disabled", "bedridden", "ill", "pregnant", "child", "alone", "other"
    ),
    rule("number_positive", "number > 0"),
    rule("persons_not_negative", "persons >= 0"),
)

# Land that floods or slides, as drawn in a plan: where no shelter may lie.
flood_zones = Table(
    "flood_zones",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("shape", Text, nullable=False),  # GeoJSON, WGS-84
    Column("west", Float, nullable=False),
    Column("south", Float, nullable=False),
    Column("east", Float, nullable=False),
    Column("north", Float, nullable=False),
    Index("flood_zones_west", "west"),
)

# A warning whose cards are sent to whoever answers; until it ends. No foreign keys below: calls go
# to the history, and these rows are gone long before.
card_rounds = Table(
    "card_rounds",
    metadata,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),  # of the warning when its calls were looked through
)

# Who is owed which card once they have answered.
card_sends = Table(
    "card_sends",
    metadata,
    Column("call_id", BigInteger, primary_key=True, autoincrement=False),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("alert_id", BigInteger, nullable=False),
    Column("sent_at", UtcDateTime),  # null: not queued yet
    Index("card_sends_open", "alert_id", **only(text("sent_at IS NULL"))),
    sqlite_with_rowid=False,
)
