"""Daily reports, and what is remarked about them."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0077"
down_revision = "0076"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card "
    "summary distress distress_sent distress_update field_report red_day red_day_silent "
    "red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task "
    "hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict "
    "roll_call roll_call_result roll_call_silent picture stage_ask stage_news over "
    "stood_down chase_edit help_news account_news roster_ask roster_denied roster_silent "
    "stand_in_too ledger_sheet cut_off_list errand proposed proposed_list sky_picture "
    "sky_stopped changed narrowed confirm_change change_decided closed_time expiry_asked "
    "daily_file daily_remark daily_report task_above task_check task_evidence task_news"
).split()


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(connection, {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.create_table(
        "daily_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("unread", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
        rule("untold_is_made", "told_at IS NOT NULL OR made_at IS NOT NULL"),
    )
    untold = sa.text("told_at IS NULL")
    op.create_index(
        "daily_days_untold",
        "daily_days",
        ["day"],
        sqlite_where=untold,
        postgresql_where=untold,
    )
    op.create_table(
        "daily_reports",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("own", sa.JSON(), nullable=False),
        sa.Column("sums", sa.JSON()),
        sa.PrimaryKeyConstraint("day", "division_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "daily_remarks",
        sa.Column("id", Id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("from_code", sa.String(12), nullable=False),
        sa.Column("mark", sa.String(4), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        rule("mark_known", "mark IN ('good', 'bad')"),
        rule("from_above", "from_code <> division_code"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "daily_remarks_once",
        "daily_remarks",
        ["day", "division_code", "from_code"],
        unique=True,
    )
