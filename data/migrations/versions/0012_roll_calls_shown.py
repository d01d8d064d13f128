"""Which results of roll calls are out of date is found by an index, not by counting."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for name, condition in (("stale", "shown IS NULL"), ("drawn", "map_wanted")):
        op.create_index(
            f"roll_calls_{name}",
            "roll_calls",
            ["id"],
            unique=False,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
