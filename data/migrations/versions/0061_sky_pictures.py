"""Satellite and radar pictures for the groups of warnings in force."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0061"
down_revision = "0060"

KINDS = """
call remind post chase cancel over answered stood_down stand_in_too report_due
unreported_list silent_list silent_list_edit silent_sheet ledger_sheet cut_off_list
errand chase_edit help_wanted help_news confirm released still_send card post_card
summary distress distress_sent distress_update field_report red_day red_day_silent
red_day_fire oversight account_news reply check_in_missed patrol_silent patrol_back
hotspot_task hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm
hotspot_verdict roll_call roll_call_result roll_call_silent roster_ask roster_denied
roster_silent proposed proposed_list picture sky_picture sky_stopped
"""


def upgrade() -> None:
    listed = ", ".join(f"'{word}'" for word in KINDS.split())
    add_rules(op.get_bind(), {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.create_table(
        "sky_pictures",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("as_photo", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "sky_groups",
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("stopped_after", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("source", "chat_id"),
    )
    op.create_table(
        "sky_mutes",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("muted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id"),
    )
