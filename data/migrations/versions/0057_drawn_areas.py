"""Warnings for land that was drawn, and for places outside their areas."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("besides", sa.JSON(), nullable=True))
    op.add_column("alerts", sa.Column("shape", sa.Text(), nullable=True))
