"""A delivery that may have arrived says so, and what could not be said is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("uncertain_at", sa.BigInteger()))
    impossible = sa.text("state = 'failed' AND error = 'impossible'")
    op.create_index(
        "deliveries_impossible",
        "deliveries",
        ["sent_at"],
        unique=False,
        sqlite_where=impossible,
        postgresql_where=impossible,
    )
