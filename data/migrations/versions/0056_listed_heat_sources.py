"""Heat sources from a file: named, with a radius, and with what is usual there."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0056"
down_revision = "0055"

KINDS = "steelworks power_plant gas_flare kiln greenhouse landfill other"


def upgrade() -> None:
    for column in (
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("name", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.String(12)),
        sa.Column("radius_m", sa.Float()),
        sa.Column("usual_pixels", sa.Integer()),
        sa.Column("usual_frp_mw", sa.Float()),
    ):
        op.add_column("heat_sources", column)
    words = ", ".join(f"'{word}'" for word in KINDS.split())
    rules = {"kind_known": f"kind IN ({words})", "radius_positive": "radius_m > 0"}
    add_rules(op.get_bind(), {"heat_sources": rules})

    def index(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
        only = sa.text(where)
        op.create_index(
            name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only
        )

    index("heat_sources_listed", "heat_sources", ["county_code", "name"], "listed", unique=True)
    seen = "heat_source_id IS NOT NULL"
    index("hotspots_heat", "hotspots", ["heat_source_id"], seen, unique=False)
