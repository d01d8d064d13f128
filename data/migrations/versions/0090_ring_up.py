"""Who is told by nothing is named to a duty officer; how far the end of a warning was told."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0090"
down_revision = "0089"

KINDS = (
    "call remind post chase cancel over answered stood_down stand_in_too report_due "
    "unreported_list silent_list silent_list_edit silent_sheet ledger_sheet cut_off_list "
    "errand chase_edit help_wanted help_news confirm changed narrowed confirm_change "
    "change_decided released expiry_asked still_send card post_card summary distress "
    "distress_sent distress_update field_report red_day red_day_silent red_day_fire "
    "closed_time oversight account_news reply check_in_missed patrol_silent patrol_back "
    "hotspot_task hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm "
    "hotspot_verdict roll_call roll_call_result roll_call_silent roster_ask roster_denied "
    "roster_silent proposed proposed_list stage_ask stage_news duty_gaps duty_asked duty_news "
    "duty_handover patrol_sheet picture sky_picture shelter_full ring_up sky_stopped "
    "task_news task_check task_above task_evidence lists_told daily_report daily_file daily_remark"
).split()


def upgrade() -> None:
    op.add_column(
        "untold_ends",
        sa.Column("after_call_id", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(op.get_bind(), {"deliveries": {"kind_known": f"kind IN ({listed})"}})
