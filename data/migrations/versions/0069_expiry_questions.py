"""The question before a warning expires; and cards in whose place something is asked."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0069"
down_revision = "0068"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card "
    "summary distress distress_sent distress_update field_report red_day red_day_silent "
    "red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task "
    "hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict "
    "roll_call roll_call_result roll_call_silent picture stage_ask stage_news over stood_down "
    "chase_edit help_news account_news roster_ask roster_denied roster_silent stand_in_too "
    "ledger_sheet cut_off_list errand proposed proposed_list sky_picture sky_stopped changed "
    "narrowed confirm_change change_decided closed_time expiry_asked"
).split()


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(connection, {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.add_column("cards", sa.Column("asks_until", sa.BigInteger()))
    op.create_table(
        "expiry_questions",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("answer", sa.String(8)),
        sa.Column("answered_by", Id),
        sa.Column("answered_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "expires_at"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["answered_by"], ["people.id"]),
        rule("answer_known", "answer IN ('extended', 'let', 'over')"),
        rule("answered_has_time", "answer IS NULL OR answered_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    still_open = sa.text("answer IS NULL")
    op.create_index(
        "expiry_questions_open",
        "expiry_questions",
        ["alert_id"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
