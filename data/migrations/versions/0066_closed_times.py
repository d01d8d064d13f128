"""Closed times (no fire outdoors, by order), and whose colours a level of fire danger is of."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0066"
down_revision = "0065"

KINDS = """
call remind post chase cancel over answered stood_down stand_in_too report_due
unreported_list silent_list silent_list_edit silent_sheet ledger_sheet cut_off_list
errand chase_edit help_wanted help_news confirm changed narrowed confirm_change
change_decided released still_send card post_card summary distress distress_sent
distress_update field_report red_day red_day_silent red_day_fire closed_time oversight
account_news reply check_in_missed patrol_silent patrol_back hotspot_task hotspot_spot
hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict roll_call
roll_call_result roll_call_silent roster_ask roster_denied roster_silent proposed
proposed_list picture sky_picture sky_stopped
"""


def upgrade() -> None:
    listed = ", ".join(f"'{word}'" for word in KINDS.split())
    op.create_table(
        "closed_times",
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("by_order", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("begun_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("division_code", "starts_on"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
    )
    op.add_column("fire_danger", sa.Column("scale", sa.String(10)))
    scales = "scale IN ('weather', 'command', 'national')"
    rules = {
        "deliveries": {"kind_known": f"kind IN ({listed})"},
        "fire_danger": {"scale_known": scales},
    }
    add_rules(op.get_bind(), rules)
