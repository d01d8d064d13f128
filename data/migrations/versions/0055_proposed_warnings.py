"""Warnings that machines propose, for a commander to release or not."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0055"
down_revision = "0054"

KINDS = """
call remind post chase cancel answered report_due unreported_list silent_list
silent_list_edit silent_sheet help_wanted confirm released still_send card post_card
summary distress distress_sent distress_update field_report red_day red_day_silent
red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task
hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict
roll_call roll_call_result roll_call_silent picture over stood_down chase_edit help_news
account_news roster_ask roster_denied roster_silent stand_in_too ledger_sheet
cut_off_list errand proposed proposed_list
"""


def one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    add_rules(connection, {"deliveries": {"kind_known": one_of("kind", KINDS)}})

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def index(name: str, columns: list[str], where: str = "", *, unique: bool = False) -> None:
        only = sa.text(where) if where else None
        op.create_index(
            name,
            "proposed_warnings",
            columns,
            unique=unique,
            sqlite_where=only,
            postgresql_where=only,
        )

    op.create_table(
        "proposed_warnings",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("identifier", sa.String(200), nullable=False),
        sa.Column("sender", sa.String(200), nullable=False, server_default=sa.text("''")),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("hazard", sa.String(24), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("draft_only", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("changes", Id),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("why_asked", sa.String(16)),
        sa.Column("asked_depth", sa.Integer()),
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("decided_by", Id),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("alert_id", Id),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["changes"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        rule("kind_known", one_of("kind", "new update lift")),
        rule("state_known", one_of("state", "open released dismissed expired superseded ignored")),
        rule("open_is_looked_at", "state <> 'open' OR next_at IS NOT NULL"),
        rule("decided_has_time", "state = 'open' OR state = 'ignored' OR decided_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    index("proposed_warnings_once", ["source", "identifier"], unique=True)
    index("proposed_warnings_next", ["next_at"], "next_at IS NOT NULL")
    index("proposed_warnings_open", ["valid_until"], "state = 'open'")
    index("proposed_warnings_alert", ["alert_id"], "alert_id IS NOT NULL")
