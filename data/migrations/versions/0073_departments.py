"""Departments of a division, and the posts of their liaisons."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0073"
down_revision = "0072"

ROLES = (
    "commander director deputy_director flood_office_head fire_office_head duty_officer staff "
    "village_responsible ranger lookout checkpoint monitoring_responsible warning_responsible "
    "evacuation_responsible inspection_responsible village_cadre grid_worker disaster_informant "
    "hazard_observer reservoir_head reservoir_engineer reservoir_inspector dyke_responsible "
    "hazard_point_responsible place_responsible department"
).split()
KINDS = (
    "reservoir dyke hazard_point school care_home camp scenic_spot settlement other department"
).split()


def upgrade() -> None:
    roles = f"role IN ({_listed(ROLES)})"
    rules = {
        "people": {"role_known": roles},
        "posts": {"role_known": roles},
        "places": {"kind_known": f"kind IN ({_listed(KINDS)})"},
    }
    add_rules(op.get_bind(), rules)
    for table in ("people", "posts"):
        liaisons = sa.text("role = 'department'")
        op.create_index(
            f"{table}_departments",
            table,
            ["division_code"],
            sqlite_where=liaisons,
            postgresql_where=liaisons,
        )


def _listed(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)
