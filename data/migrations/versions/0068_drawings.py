"""Drawings made on the command wall."""

import sqlalchemy as sa
from alembic import op

from data.tables.columns import Id, UtcDateTime

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "drawn_areas",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", key, nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sqlite_autoincrement=True,
    )
