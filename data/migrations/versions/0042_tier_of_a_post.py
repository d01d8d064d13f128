"""The tier that a post is held from: 县级, 乡级, 村级包保责任人. Nobody said it of older posts."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0042"
down_revision = "0041"

KNOWN = "held_from IN ('province', 'city', 'county', 'township', 'village')"


def upgrade() -> None:
    for table in ("people", "posts"):
        op.add_column(table, sa.Column("held_from", sa.String(8), nullable=True))
    rules = {"held_from_known": KNOWN}
    add_rules(op.get_bind(), {"people": rules, "posts": rules})
