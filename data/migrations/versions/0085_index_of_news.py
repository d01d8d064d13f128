"""What other channels only tell is looked for without the calls that wait beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"


def upgrade() -> None:
    told = sa.text("state = 'queued' AND kind IN ('card', 'end', 'narrowed')")
    op.create_index(
        "channel_deliveries_news",
        "channel_deliveries",
        ["channel", "id"],
        sqlite_where=told,
        postgresql_where=told,
    )
