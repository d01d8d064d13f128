"""What was said, or is to be said, by the robots of groups in WeCom, Feishu and DingTalk."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import without_lists
from data.tables.columns import Id

revision = "0051"
down_revision = "0050"


def one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    op.create_table(
        "robot_posts",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("robot", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        rule("kind_known", one_of("kind", "post chase over")),
        rule("state_known", one_of("state", "queued sent failed dropped")),
        rule("tries_not_negative", "tries >= 0"),
        rule(
            "ended_has_time", "state NOT IN ('sent', 'failed', 'dropped') OR ended_at IS NOT NULL"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("robot_posts_alert", "robot_posts", ["alert_id"])
    for state in ("queued", "failed"):
        only = sa.text(f"state = '{state}'")
        op.create_index(
            f"robot_posts_{state}",
            "robot_posts",
            ["id" if state == "queued" else "ended_at"],
            sqlite_where=only,
            postgresql_where=only,
        )
