"""Who is ringing up whom that has not answered; the list of them as a file."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0033"
down_revision = "0032"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = (
    "kind IN ('call', 'remind', 'post', 'chase', 'cancel', 'answered', 'report_due', "
    "'silent_list', 'silent_list_edit', 'silent_sheet', 'help_wanted', "
    "'confirm', 'released', 'still_send', 'card', "
    "'post_card', 'summary', 'distress', 'distress_sent', 'distress_update', "
    "'field_report', 'red_day', 'red_day_silent', 'red_day_fire', 'oversight', 'reply', "
    "'check_in_missed', 'patrol_silent', 'patrol_back', 'hotspot_task', 'hotspot_spot', "
    "'hotspot_taken', 'hotspot_due', 'hotspot_list', 'hotspot_alarm', 'hotspot_verdict', "
    "'roll_call', 'roll_call_result', 'roll_call_silent', 'picture', 'over', 'stood_down', "
    "'chase_edit', 'help_news')"
)


def upgrade() -> None:
    op.create_table(
        "ringing",
        sa.Column("call_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("officer_id", ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("call_id"),
    )
    add_rules(op.get_bind(), {"deliveries": {"kind_known": KINDS}})
