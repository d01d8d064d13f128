"""Until when everything done to a bot was taken in: what comes after a silence may be as old."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("bots", sa.Column("heard_until", sa.BigInteger()))
    # The last update that was handled was taken in a moment before.
    op.execute(
        "UPDATE bots SET heard_until = "
        "(SELECT max(at) FROM handled_updates WHERE handled_updates.bot_id = bots.id)"
    )
