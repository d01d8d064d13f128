"""Checks of the roster: everybody is asked whether it is still them, still these places."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0040"
down_revision = "0039"

KINDS = (
    "call remind post chase cancel answered report_due silent_list silent_list_edit help_wanted "
    "silent_sheet confirm released still_send card post_card summary distress distress_sent "
    "distress_update field_report red_day red_day_silent red_day_fire oversight reply "
    "check_in_missed patrol_silent patrol_back hotspot_task hotspot_spot hotspot_taken "
    "hotspot_due hotspot_list hotspot_alarm hotspot_verdict roll_call roll_call_result "
    "roll_call_silent picture over stood_down chase_edit help_news account_news stand_in_too "
    "roster_ask roster_denied roster_silent"
).split()
ANSWERS = "answer IN ('yes', 'elsewhere', 'not_me')"


def upgrade() -> None:
    connection = op.get_bind()
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(connection, {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.create_table(
        "roster_checks",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("started_by", Id, nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["started_by"], ["people.id"]),
        sqlite_autoincrement=True,
    )
    due, running = sa.text("due_at IS NOT NULL"), sa.text("closed_at IS NULL")
    op.create_index(
        "roster_checks_due", "roster_checks", ["due_at"], sqlite_where=due, postgresql_where=due
    )
    op.create_index(
        "roster_checks_one_open",
        "roster_checks",
        ["division_code"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    known = without_lists(ANSWERS) if connection.dialect.name == "sqlite" else ANSWERS
    op.create_table(
        "roster_answers",
        sa.Column("check_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("answer", sa.String(12), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("check_id", "person_id"),
        sa.ForeignKeyConstraint(["check_id"], ["roster_checks.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.CheckConstraint(known, name="answer_known"),
        sa.CheckConstraint("answer IS NULL OR answered_at IS NOT NULL", name="answered_has_time"),
    )
