"""Mechanisms of departments are imported, and every version is kept."""

import sqlalchemy as sa
from alembic import op

from data.tables.columns import Id, UtcDateTime

revision = "0084"
down_revision = "0083"


def upgrade() -> None:
    op.create_table(
        "mechanism_versions",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", "version"),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sqlite_autoincrement=True,
    )
