"""Answers that count no more: taken back, or doubted by an officer above."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    known = "kind IN ('taken_back', 'doubted')"
    op.create_table(
        "withdrawn_answers",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("call_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", Id),
        sa.Column("reason", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_via", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        sa.CheckConstraint(without_lists(known) if sqlite else known, name="kind_known"),
        sa.CheckConstraint("kind <> 'doubted' OR by_id IS NOT NULL", name="doubted_by_officer"),
        sqlite_autoincrement=True,
    )
    op.create_index("withdrawn_answers_alert", "withdrawn_answers", ["alert_id", "call_id"])
    op.create_index("withdrawn_answers_call", "withdrawn_answers", ["call_id", "id"])
