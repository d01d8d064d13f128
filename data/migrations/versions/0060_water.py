"""Gauges and rain stations, their readings, and what sources are doubted for."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id

revision = "0060"
down_revision = "0059"


def one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def index(name: str, table: str, column: str, where: str = "") -> None:
        only = sa.text(where) if where else None
        op.create_index(name, table, [column], sqlite_where=only, postgresql_where=only)

    def number(name: str, kind: sa.types.TypeEngine[float] | None = None) -> sa.Column[float]:
        return sa.Column(name, kind or sa.Integer(), nullable=False, server_default=sa.text("0"))

    op.create_table(
        "stations",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("river", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("hazard", sa.String(24), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("warns", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("stretch", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("code"),
        rule("spot_on_earth", "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"),
    )
    index("stations_division", "stations", "division_code")
    op.create_table(
        "readings",
        sa.Column("station_code", sa.String(40), nullable=False),
        sa.Column("quantity", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("doubt", sa.String(8)),
        sa.Column("feed", sa.String(40), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("station_code", "quantity", "at", "minutes"),
        rule("quantity_known", one_of("quantity", "level flow rain")),
        rule("doubt_known", one_of("doubt", "unit datum jump stuck")),
    )
    index("readings_at", "readings", "at")
    op.create_table(
        "station_watches",
        sa.Column("station_code", sa.String(40), nullable=False),
        sa.Column("quantity", sa.String(8), nullable=False),
        sa.Column("last_at", sa.BigInteger()),
        number("last_value", sa.Float()),
        sa.Column("same_since", sa.BigInteger()),
        number("same"),
        number("every_s", sa.Float()),
        sa.Column("waits_at", sa.BigInteger()),
        number("waits_value", sa.Float()),
        number("held"),
        sa.Column("since", sa.BigInteger()),
        sa.Column("crossed_at", sa.BigInteger()),
        sa.Column("below_since", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger()),
        number("value", sa.Float()),
        number("minutes"),
        number("proposed"),
        sa.Column("proposal_id", Id),
        sa.Column("silent_at", sa.BigInteger()),
        sa.Column("next_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("station_code", "quantity"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposed_warnings.id"]),
        rule("quantity_known", one_of("quantity", "level flow rain")),
        rule("held_has_time", "held = 0 OR since IS NOT NULL"),
    )
    index("station_watches_next", "station_watches", "next_at", "next_at IS NOT NULL")
    index("station_watches_silent", "station_watches", "silent_at", "silent_at IS NOT NULL")
    op.create_table(
        "source_findings",
        sa.Column("feed", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "subject", "kind"),
    )
    index("source_findings_seen", "source_findings", "seen_at")
    op.add_column(
        "proposed_warnings",
        sa.Column("picture", sa.String(80), nullable=False, server_default=sa.text("''")),
    )
