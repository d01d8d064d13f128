"""Duty in chat: gaps, asks, hand-overs, calendars; the sums of patrol days."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def person(name: str, nullable: bool = False) -> list[sa.schema.SchemaItem]:
        return [
            sa.Column(name, Id, nullable=nullable),
            sa.ForeignKeyConstraint([name], ["people.id"]),
        ]

    def time(name: str, nullable: bool = False) -> sa.Column[int]:
        return sa.Column(name, sa.BigInteger(), nullable=nullable)

    def index(name: str, table: str, columns: list[str], only: str = "", unique: bool = False):  # type: ignore[no-untyped-def]
        where = sa.text(only) if only else None
        op.create_index(
            name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where
        )

    op.create_table(
        "duty_watches",
        sa.Column("division_code", sa.String(12), nullable=False),
        time("look_at"),
        sa.PrimaryKeyConstraint("division_code"),
    )
    index("duty_watches_due", "duty_watches", ["look_at"])
    op.create_table(
        "duty_gaps",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        time("starts_at"),
        time("ends_at"),
        time("found_at"),
        sa.Column("told", sa.Integer(), nullable=False, server_default=sa.text("0")),
        time("closed_at", nullable=True),
        sa.Column("closed_how", sa.String(8)),
        sa.PrimaryKeyConstraint("id"),
        rule("ends_after_start", "ends_at > starts_at"),
        rule("closed_how_known", "closed_how IN ('filled', 'past')"),
        rule("closed_says_how", "(closed_at IS NULL) = (closed_how IS NULL)"),
        sqlite_autoincrement=True,
    )
    index("duty_gaps_open", "duty_gaps", ["division_code"], "closed_at IS NULL")
    op.create_table(
        "duty_asks",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("shift_id", sa.BigInteger()),
        sa.Column("back_id", sa.BigInteger()),
        time("starts_at"),
        time("ends_at"),
        *person("asked_by"),
        *person("asked_of"),
        time("asked_at"),
        sa.Column("state", sa.String(10), nullable=False),
        time("decided_at", nullable=True),
        time("due_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        rule("kind_known", "kind IN ('swap', 'stand_in', 'fill')"),
        rule("state_known", "state IN ('open', 'agreed', 'declined', 'withdrawn', 'lapsed')"),
        rule("ends_after_start", "ends_at > starts_at"),
        rule("open_is_due", "state <> 'open' OR due_at IS NOT NULL"),
        rule("decided_has_time", "state = 'open' OR decided_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    index("duty_asks_due", "duty_asks", ["due_at"], "due_at IS NOT NULL")
    index("duty_asks_of", "duty_asks", ["asked_of", "state"])
    index("duty_asks_by", "duty_asks", ["asked_by", "state"])
    op.create_table(
        "shift_moves",
        *person("person_id"),
        sa.Column("division_code", sa.String(12), nullable=False),
        time("starts_at"),
        time("moved_at"),
        sa.PrimaryKeyConstraint("person_id", "division_code", "starts_at"),
    )
    op.create_table(
        "duty_handovers",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        time("at"),
        *person("given_by", nullable=True),
        time("given_at", nullable=True),
        sa.Column("words", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("open_things", sa.JSON()),
        *person("received_by", nullable=True),
        time("received_at", nullable=True),
        sa.Column("step", sa.String(8), nullable=False),
        time("due_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("division_code", "at"),
        rule("step_known", "step IN ('planned', 'asked', 'given', 'received', 'missed', 'off')"),
        rule("given_has_time", "given_by IS NULL OR given_at IS NOT NULL"),
        rule("received_has_time", "(received_by IS NULL) = (received_at IS NULL)"),
        sqlite_autoincrement=True,
    )
    index("duty_handovers_due", "duty_handovers", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "calendar_links",
        sa.Column("id", Id, nullable=False),
        *person("person_id"),
        time("made_at"),
        time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    index("calendar_links_one", "calendar_links", ["person_id"], "ended_at IS NULL", unique=True)
    op.create_table(
        "patrol_days",
        *person("person_id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in ("positions", "doubtful")
        ),
        time("first_at", nullable=True),
        time("last_at", nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("distance_m", sa.Float(), nullable=False, server_default=sa.text("0")),
        sa.Column("drawing", sa.String(16), nullable=False, server_default=sa.text("''")),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in ("cells", "visited")
        ),
        sa.Column("walked", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("reports", sa.Integer(), nullable=False, server_default=sa.text("0")),
        time("made_at", nullable=True),
        time("due_at", nullable=True),
        sa.PrimaryKeyConstraint("person_id", "day"),
        rule(
            "counts_not_negative",
            "positions >= 0 AND doubtful >= 0 AND seconds >= 0 AND distance_m >= 0"
            " AND reports >= 0",
        ),
        rule("visited_are_cells", "visited >= 0 AND visited <= cells"),
    )
    index("patrol_days_day", "patrol_days", ["day", "division_code"])
    index("patrol_days_due", "patrol_days", ["due_at"], "due_at IS NOT NULL")
    op.create_table(
        "patrol_marks",
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    # Plans that are there already are looked at from now on.
    connection.execute(
        sa.text(
            "INSERT INTO duty_watches (division_code, look_at)"
            " SELECT DISTINCT division_code, 0 FROM shifts"
        )
    )
