"""Whose signal a warning passes on."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("alerts", sa.Column("issued_by", sa.Text()))
