"""What is said of duty, and of what patrols come to."""

from alembic import op

from data.migrations.rules import add_rules

revision = "0079"
down_revision = "0078"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card "
    "summary distress distress_sent distress_update field_report red_day red_day_silent "
    "red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task "
    "hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict "
    "roll_call roll_call_result roll_call_silent picture stage_ask stage_news over stood_down "
    "chase_edit help_news account_news roster_ask roster_denied roster_silent stand_in_too "
    "ledger_sheet cut_off_list errand proposed proposed_list sky_picture sky_stopped changed "
    "narrowed confirm_change change_decided closed_time expiry_asked daily_file daily_remark "
    "daily_report task_above task_check task_evidence task_news shelter_full duty_gaps "
    "duty_asked duty_news duty_handover patrol_sheet"
).split()


def upgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(op.get_bind(), {"deliveries": {"kind_known": f"kind IN ({listed})"}})
