"""A watch that was taken over in chat where no plan is kept leaves no gap behind it."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"


def upgrade() -> None:
    op.add_column(
        "shifts", sa.Column("planned", sa.Boolean(), nullable=False, server_default=sa.true())
    )
