"""How old an act is, and that a warning overdue by too much is held until somebody decides."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0025"
down_revision = "0024"


KINDS = (
    "call remind post chase cancel answered report_due silent_list silent_list_edit help_wanted "
    "confirm released still_send card post_card summary distress distress_sent distress_update "
    "field_report red_day red_day_silent red_day_fire oversight reply check_in_missed "
    "patrol_silent patrol_back hotspot_task hotspot_spot hotspot_taken hotspot_due hotspot_list "
    "hotspot_alarm hotspot_verdict roll_call roll_call_result roll_call_silent picture"
).split()


def upgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(op.get_bind(), {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.add_column("alerts", sa.Column("held_at", sa.BigInteger()))
    op.add_column("bots", sa.Column("heard_until", sa.BigInteger()))
    # The last update that was handled was taken in a moment before.
    op.execute(
        "UPDATE bots SET heard_until = "
        "(SELECT max(at) FROM handled_updates WHERE handled_updates.bot_id = bots.id)"
    )
