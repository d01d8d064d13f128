"""What is told to other systems; tokens of the API, and what was done by them."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0058"
down_revision = "0057"


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    ways = "way IN ('bot', 'board', 'group', 'command', 'page', 'api')"
    add_rules(connection, {"access_log": {"way_known": ways}})

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def index(name: str, table: str, columns: list[str], where: str) -> None:
        only = sa.text(where)
        op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)

    op.create_table(
        "outgoing_events",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("message_number", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.JSON()),
        sa.Column("spread_at", sa.BigInteger()),
        sa.Column("filed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"]),
        rule(
            "kind_known",
            "kind IN ('released', 'updated', 'lifted', 'cancelled', 'expired', 'counts', 'closed', "
            "'reopened')",
        ),
        rule("message_number_positive", "message_number >= 1"),
        sqlite_autoincrement=True,
    )
    op.create_index("outgoing_events_alert", "outgoing_events", ["alert_id", "id"])
    op.create_index("outgoing_events_at", "outgoing_events", ["at"])
    index("outgoing_events_unspread", "outgoing_events", ["id"], "spread_at IS NULL")
    unfiled = "filed_at IS NULL AND message_number IS NOT NULL"
    index("outgoing_events_unfiled", "outgoing_events", ["id"], unfiled)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("webhook", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger()),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.String(40)),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["event_id"], ["outgoing_events.id"]),
        sa.UniqueConstraint("event_id", "webhook"),
        rule("state_known", "state IN ('waiting', 'sent', 'dead', 'replaced')"),
        rule("attempts_not_negative", "attempts >= 0"),
        rule("done_has_time", "state = 'waiting' OR done_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    waiting = "state = 'waiting'"
    index("webhook_deliveries_due", "webhook_deliveries", ["webhook", "due_at"], waiting)
    index("webhook_deliveries_dead", "webhook_deliveries", ["done_at"], "state = 'dead'")
    op.create_table(
        "api_tokens",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("public", sa.String(12), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(160), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("used_from", sa.String(16)),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_how", sa.String(12)),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.UniqueConstraint("public"),
        rule("ended_how_known", "ended_how IN ('revoked', 'left', 'post_lost')"),
        rule("ended_how_has_time", "ended_how IS NULL OR ended_at IS NOT NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("api_tokens_person", "api_tokens", ["person_id"])
    op.create_table(
        "api_requests",
        sa.Column("token_id", Id, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key"),
        sa.ForeignKeyConstraint(["token_id"], ["api_tokens.id"]),
    )
    op.create_index("api_requests_at", "api_requests", ["at"])
