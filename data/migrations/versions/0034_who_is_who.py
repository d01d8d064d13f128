"""Codes that expire, accounts that ask to be somebody or are shut out, sessions of the board."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0034"
down_revision = "0033"

KINDS = (
    "call remind post chase cancel answered report_due silent_list silent_list_edit help_wanted "
    "silent_sheet confirm released still_send card post_card summary distress distress_sent "
    "distress_update field_report red_day red_day_silent red_day_fire oversight reply "
    "check_in_missed patrol_silent patrol_back hotspot_task hotspot_spot hotspot_taken "
    "hotspot_due hotspot_list hotspot_alarm hotspot_verdict roll_call roll_call_result "
    "roll_call_silent picture over stood_down chase_edit help_news account_news"
).split()


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    listed = ", ".join(f"'{kind}'" for kind in KINDS)
    add_rules(op.get_bind(), {"deliveries": {"kind_known": f"kind IN ({listed})"}})
    op.add_column("people", sa.Column("invite_made_at", sa.BigInteger()))
    op.add_column(
        "people",
        sa.Column("account_is_new", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("people", sa.Column("approved_by", sa.BigInteger()))
    op.add_column("alerts", sa.Column("command_line", sa.String(160)))
    # Sheets that are out there hold for their time from now on.
    now = "CAST(strftime('%s', 'now') AS INTEGER)"
    if op.get_bind().dialect.name == "postgresql":
        now = "CAST(extract(epoch FROM now()) AS BIGINT)"
    op.execute(f"UPDATE people SET invite_made_at = {now} * 1000")
    op.create_table(
        "link_requests",
        sa.Column("person_id", key, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bot_id", sa.BigInteger()),
        sa.Column("asker", sa.String(64), nullable=False),
        sa.Column("code_at", sa.BigInteger()),
        sa.Column("phone_at", sa.BigInteger()),
        sa.Column("asked_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("person_id", "telegram_id"),
    )
    op.create_table(
        "blocked_accounts",
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", key, nullable=False),
        sa.Column("blocked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("telegram_id"),
    )
    op.create_table(
        "board_sessions",
        sa.Column("link_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", key, nullable=False),
        sa.Column("address", sa.String(16), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("link_id"),
    )
    op.create_index("board_sessions_person", "board_sessions", ["person_id"], unique=False)
    op.create_table(
        "access_log",
        sa.Column("id", key, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("viewer_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("access_log_subject", "access_log", ["subject_id", "viewer_id", "at"])
    op.create_index("access_log_at", "access_log", ["at"])
    what = {"what_known": "what IN ('phone', 'position', 'photo')"}
    way = {"way_known": "way IN ('bot', 'board')"}
    add_rules(op.get_bind(), {"access_log": what | way})
