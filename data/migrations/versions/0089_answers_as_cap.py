"""Answers, closings and expiries become files, too: those of before are not written after all."""

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"

UNFILED = sa.text("filed_at IS NULL")


def upgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE outgoing_events SET filed_at = at WHERE filed_at IS NULL"
            " AND message_number IS NULL"
        )
    )
    op.drop_index("outgoing_events_unfiled", "outgoing_events")
    op.create_index(
        "outgoing_events_unfiled",
        "outgoing_events",
        ["id"],
        postgresql_where=UNFILED,
        sqlite_where=UNFILED,
    )
