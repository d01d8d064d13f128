"""Warnings can be lifted; who got a warning or was drawn in hears of its end.

Reports are facts of their own, cries for help can be taken on and settled, and it is known in how
many villages nobody could be called.
"""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists

revision = "0026"
down_revision = "0025"

RULES = {
    "alerts": {
        "state_known": (
            "state IN ('pending', 'released', 'closed', 'cancelled', 'expired', 'refused', "
            "'lifted')"
        ),
        "lifted_has_time": "state <> 'lifted' OR lifted_at IS NOT NULL",
    },
    "deliveries": {
        "kind_known": (
            "kind IN ('call', 'remind', 'post', 'chase', 'cancel', 'answered', "
            "'report_due', "
            "'silent_list', 'silent_list_edit', 'help_wanted', "
            "'confirm', 'released', 'still_send', 'card', "
            "'post_card', 'summary', 'distress', 'distress_sent', 'distress_update', "
            "'field_report', 'red_day', 'red_day_silent', 'red_day_fire', 'oversight', 'reply', "
            "'check_in_missed', 'patrol_silent', 'patrol_back', 'hotspot_task', 'hotspot_spot', "
            "'hotspot_taken', 'hotspot_due', 'hotspot_list', 'hotspot_alarm', 'hotspot_verdict', "
            "'roll_call', 'roll_call_result', 'roll_call_silent', 'picture', 'over', 'stood_down', "
            "'chase_edit', 'help_news')"
        ),
    },
}


ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

OF_CALL = "(kind = 'remind' OR (kind = 'call' AND params IS NOT NULL))"


def upgrade() -> None:
    connection = op.get_bind()
    number = "BIGINT" if connection.dialect.name == "postgresql" else "INTEGER"
    # Written out: by ALTER TABLE, SQLite takes a column that refers only in this way.
    op.execute(f"ALTER TABLE alerts ADD COLUMN lifted_by {number} REFERENCES people (id)")
    op.add_column("alerts", sa.Column("lifted_at", sa.BigInteger()))
    _index("alerts_lifted", "alerts", ["lifted_at"], "lifted_at IS NOT NULL")
    # What was sent and may have arrived is found by its call.
    _index("deliveries_uncertain", "deliveries", ["call_id"], "uncertain_at IS NOT NULL")
    # The messages of a stand-in's call, and all reminders, are found by their call.
    _index("deliveries_of_call", "deliveries", ["call_id"], OF_CALL)
    # What an officer has just recorded for others can be taken back for a minute.
    _index("calls_proxied", "calls", ["proxy_by", "answered_at"], "proxy_by IS NOT NULL")
    add_rules(connection, RULES)
    _make_tables()
    _fill_tables()
    op.drop_index("calls_help", "calls")


def _make_tables() -> None:
    op.create_table(
        "reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("report", sa.String(length=16), nullable=False),
        sa.Column("households", sa.Integer()),
        sa.Column("persons", sa.Integer()),
        sa.Column("text", sa.Text()),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            _words("report", "done", "moved", "cannot", "help"), name="report_known"
        ),
        sa.CheckConstraint("households >= 0 AND persons >= 0", name="counts_not_negative"),
        *_references("alert_id", "call_id", "person_id"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("reports_alert", "reports", ["alert_id"], unique=False)
    op.create_index("reports_call", "reports", ["call_id"], unique=False)
    op.create_table(
        "help_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("report", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", ID),
        sa.Column("taken_at", sa.BigInteger()),
        sa.Column("resolved_by", ID),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.CheckConstraint(_words("report", "cannot", "help"), name="report_known"),
        sa.CheckConstraint("taken_by IS NULL OR taken_at IS NOT NULL", name="taken_has_time"),
        sa.CheckConstraint(
            "resolved_by IS NULL OR resolved_at IS NOT NULL", name="resolved_has_time"
        ),
        *_references("alert_id", "call_id", "person_id", "taken_by", "resolved_by"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "help_requests_alert", "help_requests", ["alert_id", "division_code"], unique=False
    )
    op.create_index("help_requests_call", "help_requests", ["call_id"], unique=False)
    _index("help_requests_open", "help_requests", ["call_id"], "resolved_at IS NULL", unique=True)
    op.create_table(
        "uncalled_villages",
        sa.Column("alert_id", ID, autoincrement=False, nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        sa.Column("villages", sa.Integer(), nullable=False),
        *_references("alert_id"),
        sa.PrimaryKeyConstraint("alert_id", "division_code"),
        sqlite_with_rowid=False,
    )


def _fill_tables() -> None:
    """The last report of each call is known. Figures beside another word are of an earlier one."""
    moved = "households IS NOT NULL OR persons IS NOT NULL"
    into = (
        "INSERT INTO reports (alert_id, call_id, person_id, division_code, report, households, "
        "persons, text, reported_at) SELECT alert_id, id, person_id, division_code, "
    )
    op.execute(
        f"{into} 'moved', households, persons, NULL, reported_at FROM calls "
        f"WHERE report IS NOT NULL AND report <> 'moved' AND ({moved}) ORDER BY id"
    )
    op.execute(
        f"{into} report, CASE WHEN report = 'moved' THEN households END, "
        "CASE WHEN report = 'moved' THEN persons END, report_text, reported_at FROM calls "
        "WHERE report IS NOT NULL ORDER BY id"
    )
    op.execute(
        "INSERT INTO help_requests (alert_id, call_id, person_id, division_code, report, text, "
        "asked_at) SELECT alert_id, id, person_id, division_code, report, report_text, reported_at "
        "FROM calls WHERE report IN ('cannot', 'help') ORDER BY id"
    )


def _references(*columns: str) -> list[sa.ForeignKeyConstraint]:
    tables = {"alert_id": "alerts", "call_id": "calls"}
    return [
        sa.ForeignKeyConstraint([column], [f"{tables.get(column, 'people')}.id"])
        for column in columns
    ]


def _words(column: str, *words: str) -> str:
    condition = f"{column} IN ({', '.join(repr(word) for word in words)})"
    return without_lists(condition) if op.get_bind().dialect.name == "sqlite" else condition


def _index(
    name: str, table: str, columns: list[str], condition: str, *, unique: bool = False
) -> None:
    only = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)
