"""Satellite hotspots, their clusters, and the tasks to verify them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("etag", sa.String(length=200), nullable=True),
        sa.Column("last_modified", sa.String(length=200), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fault", sa.String(length=20), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("succeeded_at", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("new_rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("bad_rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("newest_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "heat_sources",
        sa.Column("id", _id(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("verdicts", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "hotspot_tasks",
        sa.Column("id", _id(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=True),
        sa.Column("village_m", sa.Float(), nullable=True),
        sa.Column("pixels", sa.Integer(), nullable=False),
        sa.Column("hotspots", sa.Integer(), nullable=False),
        sa.Column("satellites", sa.String(length=80), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_id", _id(), nullable=True),
        sa.Column("answer_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_by", _id(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(length=24), nullable=True),
        sa.Column("verdict_by", _id(), nullable=True),
        sa.Column("verdict_at", sa.BigInteger(), nullable=True),
        sa.Column("position_id", _id(), nullable=True),
        sa.Column("away_m", sa.Float(), nullable=True),
        sa.Column("far", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("report_id", _id(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("county_at", sa.BigInteger(), nullable=True),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["asked_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"]),
        sa.ForeignKeyConstraint(["report_id"], ["field_reports.id"]),
        sa.ForeignKeyConstraint(["verdict_by"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, column in (("next", "next_at"), ("accepted", "accepted_by")):
        op.create_index(
            f"hotspot_tasks_{name}",
            "hotspot_tasks",
            [column],
            unique=False,
            sqlite_where=sa.text(f"{column} IS NOT NULL"),
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index("hotspot_tasks_county", "hotspot_tasks", ["county_code", "state"], unique=False)
    op.create_table(
        "hotspots",
        sa.Column("id", _id(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("feed", sa.String(length=40), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("acquired_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("satellite", sa.String(length=16), nullable=False),
        sa.Column("instrument", sa.String(length=8), nullable=False),
        sa.Column("confidence", sa.String(length=8), nullable=False),
        sa.Column("frp_mw", sa.Float(), nullable=True),
        sa.Column("county_code", sa.String(length=12), nullable=False),
        sa.Column("task_id", _id(), nullable=True),
        sa.Column("heat_source_id", _id(), nullable=True),
        sa.ForeignKeyConstraint(["heat_source_id"], ["heat_sources.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["hotspot_tasks.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("hotspots_acquired", "hotspots", ["acquired_at"], unique=False)
    op.create_index("hotspots_task", "hotspots", ["task_id"], unique=False)
    op.create_table(
        "hotspot_asks",
        sa.Column("task_id", _id(), nullable=False),
        sa.Column("person_id", _id(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("away_m", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["hotspot_tasks.id"]),
        sa.PrimaryKeyConstraint("task_id", "person_id"),
    )
    op.create_index("hotspot_asks_person", "hotspot_asks", ["person_id", "answer"], unique=False)
