"""The access log knows groups and the command line, too: who ran it, and where."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.add_column(
        "access_log", sa.Column("operator", sa.String(160), nullable=False, server_default="")
    )
    way = {"way_known": "way IN ('bot', 'board', 'group', 'command')"}
    add_rules(op.get_bind(), {"access_log": way})
