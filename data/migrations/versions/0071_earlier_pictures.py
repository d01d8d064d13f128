"""Pictures before the newest are known when they come again."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    column = sa.Column("before", sa.Text(), nullable=False, server_default=sa.text("''"))
    op.add_column("sky_pictures", column)
