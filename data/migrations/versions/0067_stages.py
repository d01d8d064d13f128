"""Warnings planned in stages."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0067"
down_revision = "0066"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card "
    "post_card summary distress distress_sent distress_update field_report red_day "
    "red_day_silent red_day_fire oversight reply check_in_missed patrol_silent "
    "patrol_back hotspot_task hotspot_spot hotspot_taken hotspot_due hotspot_list "
    "hotspot_alarm hotspot_verdict roll_call roll_call_result roll_call_silent "
    "picture stage_ask stage_news over stood_down chase_edit help_news account_news "
    "roster_ask roster_denied roster_silent stand_in_too ledger_sheet cut_off_list "
    "errand proposed proposed_list sky_picture sky_stopped changed narrowed "
    "confirm_change change_decided closed_time "
).split()


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def known(column: str, words: list[str]) -> dict[str, str]:
        listed = ", ".join(f"'{word}'" for word in words)
        return {f"{column}_known": f"{column} IN ({listed})"}

    add_rules(connection, {"deliveries": known("kind", KINDS)})
    op.create_table(
        "stage_plans",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("onset_at", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("planned_by", Id, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_by", Id),
        sa.Column("next_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["planned_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"]),
        rule("state_known", "state IN ('running', 'done', 'cancelled')"),
        rule("running_is_looked_at", "state <> 'running' OR next_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    for name, column in (("next", "next_at"), ("alert", "alert_id")):
        only = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"stage_plans_{name}",
            "stage_plans",
            [column],
            sqlite_where=only,
            postgresql_where=only,
        )
