"""Whoever is on duty hands over to a named colleague, with or without a duty plan."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0083"
down_revision = "0082"


def upgrade() -> None:
    op.add_column(
        "duty_asks",
        sa.Column("words", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
    op.add_column("duty_asks", sa.Column("chased_at", sa.BigInteger(), nullable=True))
    kinds = "kind IN ('swap', 'stand_in', 'fill', 'handover')"
    add_rules(op.get_bind(), {"duty_asks": {"kind_known": kinds}})
