"""Repeated calls for help, reports from the spot, the orders of red danger days."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.add_column("distress_calls", sa.Column("sent_at", sa.BigInteger(), nullable=True))
    op.add_column("distress_calls", sa.Column("due_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "distress_calls",
        sa.Column("rounds", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("distress_calls", sa.Column("told", sa.JSON(), nullable=True))
    # What was raised before went out at once.
    op.execute("UPDATE distress_calls SET sent_at = raised_at, rounds = 1")
    op.create_index(
        "distress_calls_due",
        "distress_calls",
        ["due_at"],
        unique=False,
        **_where("due_at IS NOT NULL"),
    )
    op.create_index(
        "distress_calls_open",
        "distress_calls",
        ["person_id"],
        unique=False,
        **_where("cleared_at IS NULL"),
    )
    for column in (
        sa.Column("bot_id", sa.BigInteger(), nullable=True),
        sa.Column("forward_at", sa.BigInteger(), nullable=True),
        sa.Column("copy_at", sa.BigInteger(), nullable=True),
        sa.Column("copy_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("copied_as", sa.Text(), nullable=True),
    ):
        op.add_column("field_reports", column)
    for name, due in (("forward", "forward_at"), ("copy", "copy_at")):
        op.create_index(
            f"field_reports_{name}",
            "field_reports",
            [due],
            unique=False,
            **_where(f"{due} IS NOT NULL"),
        )
    op.create_index(
        "field_reports_division", "field_reports", ["division_code", "id"], unique=False
    )
    op.create_table(
        "season_asks",
        sa.Column("id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("decided_for", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "day", "kind"),
    )
    op.create_index("season_asks_day", "season_asks", ["day", "kind", "decided_for"], unique=False)
    op.create_table(
        "season_rounds",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("decided_for", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "decided_for", "kind", "step"),
    )
