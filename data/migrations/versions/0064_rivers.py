"""Rivers in stretches, and the villages below a reservoir."""

import sqlalchemy as sa
from alembic import op

from data.tables.columns import Id

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    op.add_column("places", sa.Column("below", sa.JSON(), nullable=True))
    op.create_table(
        "river_stretches",
        sa.Column("id", Id, nullable=False),
        sa.Column("river", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("buffer_m", sa.Float(), nullable=False),
        sa.Column("villages", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("river", "number"),
        sa.CheckConstraint("buffer_m > 0", name="buffer_positive"),
        sqlite_autoincrement=True,
    )
