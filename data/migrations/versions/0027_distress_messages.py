"""The buttons under a call for help go when it ends; its caller cannot ring without a pause."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("distress_calls", sa.Column("rung_at", sa.BigInteger()))
    op.create_table(
        "distress_messages",
        sa.Column("distress_id", key, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["distress_id"], ["distress_calls.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("distress_id", "chat_id", "message_id"),
    )
    kinds = "kind IN ('distress', 'distress_sent', 'distress_update')"
    add_rules(op.get_bind(), {"distress_messages": {"kind_known": kinds}})
