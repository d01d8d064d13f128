"""A known heat source can be forgotten again: by whom and when."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("heat_sources", sa.Column("forgotten_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "heat_sources",
        sa.Column("county_code", sa.String(length=12), nullable=False, server_default=""),
    )
    _locate_the_known()


def _locate_the_known() -> None:
    """Those learned before lie in the county of the nearest task that taught them."""
    connection = op.get_bind()
    taught = connection.execute(
        sa.text(
            "SELECT lon, lat, county_code FROM hotspot_tasks WHERE verdict = 'other_heat_source'"
        )
    ).all()
    for one in connection.execute(sa.text("SELECT id, lon, lat FROM heat_sources")).all():
        if taught:
            nearest = min(
                taught, key=lambda task: abs(task.lon - one.lon) + abs(task.lat - one.lat)
            )
            connection.execute(
                sa.text("UPDATE heat_sources SET county_code = :county WHERE id = :id"),
                {"county": nearest.county_code, "id": one.id},
            )
