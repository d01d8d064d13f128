"""Villages that are cut off, and who is sent there."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0050"
down_revision = "0049"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card summary "
    "distress distress_sent distress_update field_report red_day red_day_silent red_day_fire "
    "oversight reply check_in_missed patrol_silent patrol_back hotspot_task hotspot_spot "
    "hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict roll_call "
    "roll_call_result roll_call_silent picture over stood_down chase_edit help_news account_news "
    "roster_ask roster_denied roster_silent stand_in_too ledger_sheet cut_off_list errand"
).split()


def upgrade() -> None:
    connection = op.get_bind()
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(connection, {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def index(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
        only = sa.text(where)
        op.create_index(
            name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only
        )

    op.create_table(
        "cut_off_villages",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("marked_by", Id),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_by", Id),
        sa.Column("ended_how", sa.String(12)),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["marked_by"], ["people.id"]),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"]),
        rule("ended_how_known", "ended_how IN ('answered', 'reached', 'unmarked', 'over')"),
        rule("ended_how_has_time", "ended_how IS NULL OR ended_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("cut_off_alert", "cut_off_villages", ["alert_id", "division_code"])
    only_open = ["alert_id", "division_code"]
    index("cut_off_open", "cut_off_villages", only_open, "ended_at IS NULL", unique=True)
    op.create_table(
        "errands",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("cut_off_id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("assigned_by", Id, nullable=False),
        sa.Column("assigned_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("reported_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("asked_again", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["cut_off_id"], ["cut_off_villages.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["assigned_by"], ["people.id"]),
        rule(
            "state_known",
            "state IN ('asked', 'going', 'declined', 'arrived', 'failed', 'ended')",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("errands_alert", "errands", ["alert_id"])
    op.create_index("errands_village", "errands", ["cut_off_id", "id"])
    running = "state = 'asked' OR state = 'going'"
    index("errands_open", "errands", ["cut_off_id"], running, unique=True)
    index("errands_due", "errands", ["due_at"], "due_at IS NOT NULL", unique=False)
