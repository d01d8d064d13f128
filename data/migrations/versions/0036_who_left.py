"""When somebody left the roster, and the further numbers of a person.

Whoever is not in use in an old database has left it, some time before now.
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.add_column("people", sa.Column("left_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "people",
        sa.Column("other_phones", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
    op.execute(f"UPDATE people SET left_at = {int(time.time() * 1000)} WHERE NOT active")
