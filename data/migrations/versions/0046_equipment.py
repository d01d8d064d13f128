"""Satellite telephones and loudspeakers of villages and places."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    kinds = "kind IN ('satellite_phone', 'loudspeaker')"
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "equipment",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("number", sa.String(20), nullable=False, server_default=sa.text("''")),
        sa.Column("words", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "division_code", "place_code", "number", "words"),
        sa.CheckConstraint(without_lists(kinds) if sqlite else kinds, name="kind_known"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_equipment_division_code", "equipment", ["division_code"])
