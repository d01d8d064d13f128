"""Who was moved: ticks by household and their sums; shelters overfull; calls home."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0078"
down_revision = "0077"

KINDS = (
    "call remind post chase cancel answered report_due unreported_list silent_list "
    "silent_list_edit silent_sheet help_wanted confirm released still_send card post_card "
    "summary distress distress_sent distress_update field_report red_day red_day_silent "
    "red_day_fire oversight reply check_in_missed patrol_silent patrol_back hotspot_task "
    "hotspot_spot hotspot_taken hotspot_due hotspot_list hotspot_alarm hotspot_verdict "
    "roll_call roll_call_result roll_call_silent picture stage_ask stage_news over stood_down "
    "chase_edit help_news account_news roster_ask roster_denied roster_silent stand_in_too "
    "ledger_sheet cut_off_list errand proposed proposed_list sky_picture sky_stopped changed "
    "narrowed confirm_change change_decided closed_time expiry_asked daily_file daily_remark "
    "daily_report task_above task_check task_evidence task_news shelter_full"
).split()
HAZARDS = (
    "rainstorm flash_flood river_flood geological waterlogging typhoon thunderstorm_gale "
    "reservoir forest_fire_danger forest_fire snowstorm gale hail cold_wave road_icing "
    "flood_response fire_response flood_return fire_return"
).split()
NUMBERS = "moved moved_persons away away_persons refused refused_persons".split()


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    hazards = ", ".join(f"'{hazard}'" for hazard in HAZARDS)
    rules = {
        "deliveries": {"kind_known": f"kind IN ({listed})"},
        "alerts": {"hazard_known": f"hazard IN ({hazards})"},
    }
    add_rules(connection, rules)
    op.create_table(
        "household_moves",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", key, nullable=False),
        sa.Column("household_id", key, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("by_id", key, nullable=False),
        sa.Column("via", sa.String(8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["household_id"], ["evacuation_households.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"]),
        rule("state_known", "state IN ('moved', 'away', 'refused', 'home')"),
        rule("via_known", "via IN ('own', 'officer')"),
        rule("persons_not_negative", "persons >= 0"),
        sqlite_autoincrement=True,
    )
    op.create_index("household_moves_alert", "household_moves", ["alert_id", "id"])
    current = sa.text("current")
    for name, column, unique in (
        ("household_moves_current", "household_id", True),
        ("household_moves_village", "division_code", False),
    ):
        op.create_index(
            name,
            "household_moves",
            ["alert_id", column],
            unique=unique,
            sqlite_where=current,
            postgresql_where=current,
        )
    op.create_table(
        "household_counts",
        sa.Column("alert_id", key, autoincrement=False, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.Column("said_households", sa.Integer()),
        sa.Column("said_persons", sa.Integer()),
        sa.PrimaryKeyConstraint("alert_id", "division_code"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "overfull_shelters",
        sa.Column("alert_id", key, autoincrement=False, nullable=False),
        sa.Column("shelter_id", key, autoincrement=False, nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "shelter_id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelters.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "returns",
        sa.Column("alert_id", key, autoincrement=False, nullable=False),
        sa.Column("of_alert_id", key, nullable=False),
        sa.PrimaryKeyConstraint("alert_id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        sa.ForeignKeyConstraint(["of_alert_id"], ["alerts.id"]),
    )
    op.create_index("returns_of", "returns", ["of_alert_id"])
