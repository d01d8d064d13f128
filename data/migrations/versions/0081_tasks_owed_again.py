"""Tasks that a warning's change had withdrawn are owed again when it asks for them once more."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0081"
down_revision = "0080"

EVENTS = (
    "created changed taken handed_over progress submitted returned struck_off extension_asked "
    "extended extension_refused supervised unsupervised withdrawn reopened reminded overdue "
    "unchecked"
).split()


def upgrade() -> None:
    listed = ", ".join(f"'{kind}'" for kind in EVENTS)
    add_rules(op.get_bind(), {"task_events": {"kind_known": f"kind IN ({listed})"}})
    op.drop_index("tasks_once", "tasks")
    op.add_column(
        "tasks", sa.Column("made_for", sa.String(120), nullable=False, server_default=sa.text("''"))
    )
    op.execute(
        "UPDATE tasks SET made_for = responsible_division || '|' || responsible_role || '|' || "
        "responsible_place WHERE template <> '' AND alert_id IS NOT NULL"
    )
    made_for = sa.text("made_for <> ''")
    op.create_index(
        "tasks_once",
        "tasks",
        ["alert_id", "template", "made_for"],
        unique=True,
        sqlite_where=made_for,
        postgresql_where=made_for,
    )
    op.add_column(
        "task_makings",
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1")),
    )
    # What was made stays as it is until the warning is changed once more.
    op.execute(
        "UPDATE task_makings SET version = (SELECT alerts.version FROM alerts "
        "WHERE alerts.id = task_makings.alert_id)"
    )
