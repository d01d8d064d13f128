"""Versions of templates that were edited in a chat or imported."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id, UtcDateTime

revision = "0076"
down_revision = "0075"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    kinds = "kind IN ('warning', 'card', 'list')"
    op.create_table(
        "template_versions",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text()),
        sa.Column("by_id", key),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("restored", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "key", "division_code", "version"),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        sa.CheckConstraint(without_lists(kinds) if sqlite else kinds, name="kind_known"),
        sa.CheckConstraint("version > 0", name="version_positive"),
        sqlite_autoincrement=True,
    )
