"""The messages of a warning: its release, what changed of it since, and its end.

Those that were released before have one message, their release.
"""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0062"
down_revision = "0061"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card "
    "summary distress distress_sent distress_update field_report red_day red_day_silent "
    "red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task "
    "hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict "
    "roll_call roll_call_result roll_call_silent picture over stood_down chase_edit "
    "help_news account_news roster_ask roster_denied roster_silent stand_in_too ledger_sheet "
    "cut_off_list errand proposed proposed_list sky_picture sky_stopped changed narrowed "
    "confirm_change change_decided"
).split()


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    withdrawn = "'taken_back', 'doubted', 'raised'"
    add_rules(
        connection,
        {
            "deliveries": {"kind_known": f"kind IN ({listed})"},
            "withdrawn_answers": {"kind_known": f"kind IN ({withdrawn})"},
        },
    )
    for name in ("version", "asked_version"):
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("1"))
        op.add_column("alerts", column)
    for name in ("asked_at", "changed_at"):
        op.add_column("alerts", sa.Column(name, sa.BigInteger()))
    op.create_table(
        "alert_messages",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(31), nullable=False),
        sa.Column("msg_type", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("confirmed_by", Id),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON()),
        sa.Column("lead_minutes", sa.Integer()),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"]),
        sa.UniqueConstraint("identifier"),
        sa.UniqueConstraint("alert_id", "number"),
        rule("msg_type_known", "msg_type IN ('Alert', 'Update', 'Cancel')"),
        rule(
            "kind_known",
            "kind IN ('alert', 'cancel', 'lift', 'upgrade', 'downgrade', 'add_area', 'narrow', "
            "'correct', 'extend')",
        ),
        rule("level_known", "level IN ('red', 'orange', 'yellow', 'blue')"),
        rule("first_is_alert", "(number = 1) = (msg_type = 'Alert')"),
        rule("two_persons", "confirmed_by <> by_id"),
        sqlite_autoincrement=True,
    )
    columns = "level, headline, description, areas, places, lead_minutes, expires_at, confirmed_by"
    op.execute(
        "INSERT INTO alert_messages (alert_id, number, identifier, msg_type, kind, kinds, sent_at, "
        f"by_id, {columns}) SELECT id, 1, identifier, 'Alert', 'alert', '[\"alert\"]', "
        f"released_at, sender_id, {columns} FROM alerts "
        "WHERE state NOT IN ('pending', 'refused') AND released_at IS NOT NULL ORDER BY id"
    )
    op.create_table(
        "pending_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", Id),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("command_line", sa.String(160)),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"]),
        rule("state_known", "state IN ('pending', 'made', 'refused', 'superseded', 'lapsed')"),
        rule("two_persons", "state <> 'made' OR decided_by <> by_id"),
        rule("decided_has_time", "state = 'pending' OR decided_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'pending'")
    op.create_index(
        "pending_changes_open",
        "pending_changes",
        ["alert_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "unfinished_updates",
        sa.Column("alert_id", Id, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("calls_after", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("calls_upto", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in ("called", "asked", "told", "stood_down")
        ),
        sa.PrimaryKeyConstraint("alert_id", "number"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        rule("step_known", "step IN ('calls', 'new', 'rest')"),
    )
