"""Whoever a narrowing left out is in no denominator; what was moved there stays counted."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0091"
down_revision = "0090"

STATES = "waiting acknowledged proxied reported discharged cancelled left_out".split()
MARK = 512  # the bit of ``steps`` that said so until now


def upgrade() -> None:
    listed = ", ".join(f"'{state}'" for state in STATES)
    add_rules(op.get_bind(), {"calls": {"state_known": f"state IN ({listed})"}})
    op.create_table(
        "left_out_posts",
        sa.Column("call_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.String(16)),
        sa.Column("reported_at", sa.BigInteger()),
        sa.Column("households", sa.Integer()),
        sa.Column("persons", sa.Integer()),
        sa.PrimaryKeyConstraint("call_id", "division_code", "role", "place_code"),
        sqlite_with_rowid=False,
    )
    op.create_index("left_out_posts_alert", "left_out_posts", ["alert_id"])
    # The triggers of ``calls`` take them out of the numbers.
    op.execute(
        f"UPDATE calls SET state = 'left_out', steps = steps - {MARK} WHERE (steps & {MARK}) <> 0"
    )
