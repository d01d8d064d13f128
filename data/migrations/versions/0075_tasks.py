"""The five lists: tasks, what happened to them, and how far those of warnings are made."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0075"
down_revision = "0074"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card "
    "summary distress distress_sent distress_update field_report red_day red_day_silent "
    "red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task "
    "hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict "
    "roll_call roll_call_result roll_call_silent picture stage_ask stage_news over stood_down "
    "chase_edit help_news account_news roster_ask roster_denied roster_silent stand_in_too "
    "ledger_sheet cut_off_list errand proposed proposed_list sky_picture sky_stopped changed "
    "narrowed confirm_change change_decided closed_time expiry_asked "
    "task_news task_check task_above task_evidence"
).split()
EVENTS = (
    "created changed taken handed_over progress submitted returned struck_off extension_asked "
    "extended extension_refused supervised unsupervised withdrawn reminded overdue unchecked"
).split()
OPEN = "state IN ('open', 'taken', 'submitted')"
SPOT = "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90"


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def known(column: str, words: list[str]) -> str:
        listed = ", ".join(f"'{word}'" for word in words)
        return f"{column} IN ({listed})"

    add_rules(connection, {"deliveries": {"kind_known": known("kind", KINDS)}})
    lists = "task duty problem measure rectification".split()
    states = "open taken submitted struck_off withdrawn".split()
    steps = "take remind due above check check_above".split()
    causes = "report help field_report alert mechanism other".split()
    op.create_table(
        "tasks",
        sa.Column("id", Id, nullable=False),
        sa.Column("in_list", sa.String(14), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("responsible_division", sa.String(12), nullable=False),
        sa.Column("responsible_role", sa.String(24), nullable=False),
        sa.Column("responsible_place", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("responsible_id", Id),
        sa.Column("evidence", sa.String(40), nullable=False, server_default=sa.text("''")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_by", Id),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", Id),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("submitted_by", Id),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("ended_by", Id),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("asked_until", sa.BigInteger()),
        sa.Column("asked_by", Id),
        sa.Column("supervised_by", Id),
        sa.Column("supervised_at", sa.BigInteger()),
        sa.Column("alert_id", Id),
        sa.Column("ends_with_alert", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("cause_kind", sa.String(16)),
        sa.Column("cause_id", sa.BigInteger()),
        sa.Column("parent_id", Id),
        sa.Column("template", sa.String(64), nullable=False, server_default=sa.text("''")),
        sa.Column("template_version", sa.Integer()),
        sa.Column("next_step", sa.String(12)),
        sa.Column("next_due_at", sa.BigInteger()),
        sa.Column("climbed", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id"),
        *(
            sa.ForeignKeyConstraint([column], ["people.id"])
            for column in (
                "responsible_id",
                "created_by",
                "taken_by",
                "submitted_by",
                "ended_by",
                "asked_by",
                "supervised_by",
            )
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["parent_id"], ["tasks.id"]),
        rule("in_list_known", known("in_list", lists)),
        rule("state_known", known("state", states)),
        rule("next_step_known", known("next_step", steps)),
        rule("cause_kind_known", known("cause_kind", causes)),
        rule("taken_has_time", "taken_by IS NULL OR taken_at IS NOT NULL"),
        rule("submitted_has_time", "state <> 'submitted' OR submitted_at IS NOT NULL"),
        rule("ended_has_time", "state NOT IN ('struck_off', 'withdrawn') OR ended_at IS NOT NULL"),
        rule("two_persons", "state <> 'struck_off' OR ended_by <> submitted_by"),
        rule("due_after_start", "due_at >= since_at"),
        rule("task_spot_on_earth", SPOT),
        sqlite_autoincrement=True,
    )
    once = ["alert_id", "template", "responsible_division", "responsible_role", "responsible_place"]
    for name, columns, condition in (
        ("next", ["next_due_at"], "next_due_at IS NOT NULL"),
        ("responsible", ["responsible_division", "responsible_role"], OPEN),
        ("taken", ["taken_by"], OPEN),
        ("named", ["responsible_id"], OPEN),
        ("alert", ["alert_id"], "alert_id IS NOT NULL"),
        ("ending", ["alert_id"], f"ends_with_alert AND {OPEN}"),
        ("parent", ["parent_id"], "parent_id IS NOT NULL"),
        ("cause", ["cause_kind", "cause_id"], "cause_id IS NOT NULL"),
        ("ended", ["ended_at"], "ended_at IS NOT NULL"),
        ("once", once, "template <> '' AND alert_id IS NOT NULL"),
    ):
        only = sa.text(condition)
        op.create_index(
            f"tasks_{name}",
            "tasks",
            columns,
            unique=name == "once",
            sqlite_where=only,
            postgresql_where=only,
        )
    op.create_table(
        "task_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("kind", sa.String(18), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by_id", Id),
        sa.Column("words", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("until", sa.BigInteger()),
        sa.Column("file_kind", sa.String(10)),
        sa.Column("file_id", sa.Text()),
        sa.Column("bot_id", sa.BigInteger()),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("detail", sa.JSON()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        rule("kind_known", known("kind", EVENTS)),
        rule("file_kind_known", known("file_kind", "photo video document voice".split())),
        rule("event_spot_on_earth", SPOT),
        sqlite_autoincrement=True,
    )
    op.create_index("task_events_task", "task_events", ["task_id", "id"])
    op.create_table(
        "task_makings",
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("upto", sa.String(12), nullable=False, server_default=sa.text("''")),
        sa.Column("made", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("alert_id", "level"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        rule("made_not_negative", "made >= 0"),
    )
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index(
        "task_makings_next",
        "task_makings",
        ["next_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    # Warnings that run already get no tasks afterwards: nobody expects them.
    op.execute(
        "INSERT INTO task_makings (alert_id, level) "
        "SELECT id, level FROM alerts WHERE state IN ('released', 'closed')"
    )
