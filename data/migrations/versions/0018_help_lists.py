"""Who wants help is found without reading all calls of the warning."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    wanting = sa.text("report IN ('cannot', 'help')")
    op.create_index(
        "calls_help",
        "calls",
        ["alert_id", "division_code"],
        unique=False,
        sqlite_where=wanting,
        postgresql_where=wanting,
    )
