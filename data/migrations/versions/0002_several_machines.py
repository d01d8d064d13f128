"""Several bots and several machines: whose chat it is, who may do what only one may do."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "bots",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("username", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("down_reason", sa.String(length=16), nullable=True),
        sa.Column("down_since", sa.BigInteger(), nullable=True),
        sa.Column("retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("people", sa.Column("bot_id", sa.BigInteger(), nullable=True))
    op.create_index("people_bot", "people", ["bot_id"], unique=False)
    op.add_column("groups", sa.Column("bot_id", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("bot_id", sa.BigInteger(), nullable=True))
    op.drop_index("deliveries_queue", table_name="deliveries")
    queued = sa.text("state = 'queued'")
    op.create_index(
        "deliveries_queue",
        "deliveries",
        ["bot_id", "lane", "place", "id"],
        unique=False,
        sqlite_where=queued,
        postgresql_where=queued,
    )
