"""Patrol zones, shifts and the check-ins expected in them, fire seasons and danger levels."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fire_seasons",
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("division_code", "starts_on"),
    )
    op.create_table(
        "fire_danger",
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("set_by", _id(), nullable=True),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("division_code", "day"),
    )
    op.create_index("fire_danger_day", "fire_danger", ["day"], unique=False)
    op.create_table(
        "zones",
        sa.Column("id", _id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "division_code", sa.String(length=12), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("buffer_m", sa.Float(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("division_code", "name"),
    )
    op.create_table(
        "zone_people",
        sa.Column("zone_id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["zone_id"], ["zones.id"]),
        sa.PrimaryKeyConstraint("zone_id", "person_id"),
    )
    op.create_index("zone_people_person", "zone_people", ["person_id"], unique=False)
    op.create_table(
        "patrol_shifts",
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id", "day", "starts_at"),
    )
    op.create_table(
        "patrol_orders",
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("division_code", "day", "starts_at"),
    )
    op.create_table(
        "check_in_watches",
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("plan", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("expected_at", sa.BigInteger(), nullable=True),
        sa.Column("missed_at", sa.BigInteger(), nullable=True),
        sa.Column("missed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("round_at", sa.BigInteger(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("told", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("back_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index(
        "check_in_watches_due",
        "check_in_watches",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "check_in_watches_missed",
        "check_in_watches",
        ["missed_at"],
        unique=False,
        sqlite_where=sa.text("missed_at IS NOT NULL"),
        postgresql_where=sa.text("missed_at IS NOT NULL"),
    )
