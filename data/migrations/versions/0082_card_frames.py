"""Frames of evacuation cards are templates, too."""

from alembic import op

from data.migrations.rules import add_rules

revision = "0082"
down_revision = "0081"


def upgrade() -> None:
    kinds = "kind IN ('warning', 'card', 'list', 'frame')"
    add_rules(op.get_bind(), {"template_versions": {"kind_known": kinds}})
