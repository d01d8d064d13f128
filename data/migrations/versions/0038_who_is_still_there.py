"""When a list last named a person, when they last said that it is still them, when they answered.

Nothing is known of persons of before: their lists have no date until one is imported again.
"""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    for name in ("listed_at", "confirmed_at", "doubted_at", "proven_at"):
        op.add_column("people", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("people", sa.Column("doubt", sa.String(8), nullable=True))
    op.add_column("people", sa.Column("proven_how", sa.String(12), nullable=True))
    rules = {
        "doubt_known": "doubt IN ('left_out', 'denied')",
        "proven_how_known": (
            "proven_how IN ('answered', 'drill', 'telephone', 'roll_call', 'confirmed')"
        ),
    }
    add_rules(op.get_bind(), {"people": rules})
    op.create_table(
        "roster_lists",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
