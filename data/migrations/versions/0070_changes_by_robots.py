"""Robots of groups say each change of a warning."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    column = sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1"))
    op.add_column("robot_posts", column)
