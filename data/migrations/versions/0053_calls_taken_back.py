"""Calls that a gateway may still hold are found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    held = sa.text("withdrawn_at IS NULL AND (state = 'accepted' OR state = 'answered')")
    op.create_index(
        "channel_deliveries_held",
        "channel_deliveries",
        ["accepted_at"],
        sqlite_where=held,
        postgresql_where=held,
    )
