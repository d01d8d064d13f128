"""Evacuation cards: shelters, cards, households, land that floods; who is owed a card."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id, UtcDateTime

revision = "0072"
down_revision = "0071"

FRAIL = "'elderly', 'disabled', 'bedridden', 'ill', 'pregnant', 'child', 'alone', 'other'"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def words(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))

    def phone(name: str) -> sa.Column[str]:
        return sa.Column(name, sa.String(20), nullable=False, server_default=sa.text("''"))

    def in_use() -> sa.Column[bool]:
        return sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true())

    op.create_table(
        "shelters",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("capacity", sa.Integer()),
        words("key_holder"),
        phone("key_phone"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("division_code", "name"),
        rule("capacity_positive", "capacity > 0"),
        rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
        rule("spot_whole", "(lon IS NULL) = (lat IS NULL)"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "evacuation_cards",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hazards", sa.String(200), nullable=False, server_default=sa.text("''")),
        words("organiser"),
        phone("organiser_phone"),
        sa.Column("organiser_id", key),
        words("signal"),
        words("when_to_move"),
        sa.Column("route", sa.JSON(), nullable=False),
        words("route_words"),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("shelter_id", key),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
        words("source"),
        sa.Column("by_id", key),
        sa.Column("at", UtcDateTime, nullable=False),
        in_use(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("division_code", "place_code"),
        sa.ForeignKeyConstraint(["organiser_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelters.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        rule("counts_not_negative", "households >= 0 AND persons >= 0"),
        rule("version_positive", "version > 0"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "evacuation_households",
        sa.Column("id", Id, nullable=False),
        sa.Column("card_id", key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        phone("phone"),
        sa.Column("frail", sa.String(12)),
        words("frail_who"),
        words("carer"),
        phone("carer_phone"),
        words("address"),
        in_use(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("card_id", "number"),
        sa.ForeignKeyConstraint(["card_id"], ["evacuation_cards.id"]),
        rule("frail_known", f"frail IN ({FRAIL})"),
        rule("number_positive", "number > 0"),
        rule("persons_not_negative", "persons >= 0"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "flood_zones",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        *(sa.Column(side, sa.Float(), nullable=False) for side in "west south east north".split()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )
    op.create_index("flood_zones_west", "flood_zones", ["west"])
    op.create_table(
        "card_rounds",
        sa.Column("alert_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_table(
        "card_sends",
        sa.Column("call_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("card_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.PrimaryKeyConstraint("call_id", "card_id"),
        sqlite_with_rowid=False,
    )
    still_owed = sa.text("sent_at IS NULL")
    op.create_index(
        "card_sends_open",
        "card_sends",
        ["alert_id"],
        sqlite_where=still_owed,
        postgresql_where=still_owed,
    )
