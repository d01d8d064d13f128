"""A message keeps what it was drawn for, its places besides, its stage and whose signal it is."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0065"
down_revision = "0064"

KINDS = (
    "'alert', 'cancel', 'lift', 'upgrade', 'stage', 'downgrade', 'add_area', 'narrow', 'correct', "
    "'extend'"
)


def upgrade() -> None:
    for name, kind in (
        ("besides", sa.JSON()),
        ("shape", sa.Text()),
        ("stage", sa.Integer()),
        ("issued_by", sa.Text()),
    ):
        op.add_column("alert_messages", sa.Column(name, kind))
    names = ("besides", "shape", "stage", "issued_by")
    its = "(SELECT alerts.{0} FROM alerts WHERE alerts.id = alert_messages.alert_id)"
    values = ", ".join(f"{name} = {its.format(name)}" for name in names)
    op.execute(f"UPDATE alert_messages SET {values}")
    add_rules(op.get_bind(), {"alert_messages": {"kind_known": f"kind IN ({KINDS})"}})
