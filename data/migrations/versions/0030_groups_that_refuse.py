"""Groups that may not be written to, and refusals in words that nobody foresaw."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0030"
down_revision = "0029"

CONTACTS = (
    "contact IN ('ok', 'never_started', 'blocked', 'deactivated', 'removed', 'bot_down', 'refused')"
)


def upgrade() -> None:
    op.add_column("groups", sa.Column("asked_at", sa.BigInteger(), nullable=True))
    rule = {"contact_known": CONTACTS}
    add_rules(op.get_bind(), {"groups": rule, "people": rule})
    op.create_table(
        "unforeseen_refusals",
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("words"),
    )
