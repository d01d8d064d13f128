"""Roll calls (点名): who was asked where they are, and what they answered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "roll_calls",
        sa.Column("id", _id(), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("whom", sa.String(length=12), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("started_by", _id(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", _id(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), server_default=sa.text("'zh'"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("map_wanted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("map_message_id", sa.BigInteger(), nullable=True),
        sa.Column("map_at", sa.BigInteger(), nullable=True),
        sa.Column("map_shown", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["started_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "roll_calls_open",
        "roll_calls",
        ["ends_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "roll_call_entries",
        sa.Column("roll_call_id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("position_id", sa.BigInteger(), nullable=True),
        sa.Column("away_m", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["roll_call_id"], ["roll_calls.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("roll_call_id", "person_id"),
    )
    op.create_index(
        "roll_call_entries_state", "roll_call_entries", ["roll_call_id", "state", "division_code"]
    )
    op.create_index(
        "roll_call_entries_asked",
        "roll_call_entries",
        ["person_id"],
        sqlite_where=sa.text("state <> 'answered'"),
        postgresql_where=sa.text("state <> 'answered'"),
    )
