"""By which number an account was found: it is its owner's only while the number is."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    op.add_column("channel_addresses", sa.Column("found_by", sa.String(20)))
