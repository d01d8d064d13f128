"""Stand-ins who were called already are told; whose account is to be proven anew for new rights.

Stand-ins of a warning are counted apart, by an index of theirs.
"""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0037"
down_revision = "0036"

KINDS = (
    "call remind post chase cancel answered report_due silent_list silent_list_edit help_wanted "
    "silent_sheet confirm released still_send card post_card summary distress distress_sent "
    "distress_update field_report red_day red_day_silent red_day_fire oversight reply "
    "check_in_missed patrol_silent patrol_back hotspot_task hotspot_spot hotspot_taken "
    "hotspot_due hotspot_list hotspot_alarm hotspot_verdict roll_call roll_call_result "
    "roll_call_silent picture over stood_down chase_edit help_news account_news stand_in_too"
).split()


def upgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(op.get_bind(), {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.add_column(
        "people", sa.Column("unproven", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    only = sa.text("stand_in_for IS NOT NULL")
    op.create_index(
        "calls_standing_in",
        "calls",
        ["alert_id", "division_code"],
        unique=False,
        sqlite_where=only,
        postgresql_where=only,
    )
