"""What other channels only tell: a card in words, that a warning is over, or no more here."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0080"
down_revision = "0079"


def upgrade() -> None:
    kinds = "'call', 'remind', 'test', 'card', 'end', 'narrowed'"
    add_rules(op.get_bind(), {"channel_deliveries": {"kind_known": f"kind IN ({kinds})"}})
    op.create_table(
        "untold_ends",
        sa.Column("alert_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("told >= 0", name="told_not_negative"),
        sqlite_with_rowid=False,
    )
