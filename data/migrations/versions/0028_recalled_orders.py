"""Orders of a red danger day can be recalled: who got them is told, nobody has to answer."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("season_asks", sa.Column("recalled_at", sa.BigInteger()))
