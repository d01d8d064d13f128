"""How far a release has got that is too large for one transaction."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "unfinished_releases",
        sa.Column("alert_id", key, nullable=False, autoincrement=False),
        sa.Column("by_id", key, nullable=False),
        sa.Column("calls_begin", sa.BigInteger(), nullable=False),
        sa.Column("calls_after", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("alert_id"),
    )
