"""Warnings of other agencies as they came."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id

revision = "0063"
down_revision = "0062"

KNOWN = "type IN ('Alert', 'Update', 'Cancel', 'Ack', 'Error')"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    empty = sa.text("''")
    op.create_table(
        "cap_messages",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("identifier", sa.String(200), nullable=False, server_default=empty),
        sa.Column("sender", sa.String(200), nullable=False, server_default=empty),
        sa.Column("type", sa.String(8)),
        sa.Column("sent", sa.BigInteger()),
        sa.Column("refers", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("words", sa.String(200), nullable=False, server_default=empty),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("raw", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint(without_lists(KNOWN) if sqlite else KNOWN, name="type_known"),
        sqlite_autoincrement=True,
    )
    op.create_index("cap_messages_once", "cap_messages", ["source", "digest"], unique=True)
    op.create_index("cap_messages_identifier", "cap_messages", ["source", "identifier"])
    op.create_index("cap_messages_received", "cap_messages", ["received_at"])
    op.create_table(
        "cap_entries",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "digest"),
    )
    op.create_index("cap_entries_seen", "cap_entries", ["seen_at"])
