"""Emergency responses are raised like warnings; a warning planned in stages says which one runs."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0059"
down_revision = "0058"

HAZARDS = (
    "rainstorm flash_flood river_flood geological waterlogging typhoon thunderstorm_gale reservoir "
    "forest_fire_danger forest_fire snowstorm gale hail cold_wave road_icing flood_response "
    "fire_response"
).split()


def upgrade() -> None:
    op.add_column("alerts", sa.Column("stage", sa.Integer()))
    listed = ", ".join(f"'{hazard}'" for hazard in HAZARDS)
    add_rules(op.get_bind(), {"alerts": {"hazard_known": f"hazard IN ({listed})"}})
