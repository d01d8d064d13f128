"""Other channels tell what changed of a warning, too: each change, so more than once a call."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0092"
down_revision = "0091"

ONCE = sa.text("state <> 'dropped' AND kind <> 'test' AND kind <> 'changed'")
TOLD = sa.text("state = 'queued' AND kind IN ('card', 'end', 'narrowed', 'changed')")


def upgrade() -> None:
    kinds = "'call', 'remind', 'test', 'card', 'end', 'narrowed', 'changed'"
    add_rules(op.get_bind(), {"channel_deliveries": {"kind_known": f"kind IN ({kinds})"}})
    table = "channel_deliveries"
    op.drop_index("channel_deliveries_once", table)
    op.create_index(
        "channel_deliveries_once",
        table,
        ["call_id", "kind", "channel", "address"],
        unique=True,
        sqlite_where=ONCE,
        postgresql_where=ONCE,
    )
    op.drop_index("channel_deliveries_news", table)
    op.create_index(
        "channel_deliveries_news",
        table,
        ["channel", "id"],
        sqlite_where=TOLD,
        postgresql_where=TOLD,
    )
