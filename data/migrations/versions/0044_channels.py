"""Channels beside Telegram: who is rung and written to there, and what came of it."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0044"
down_revision = "0043"

CHANNELS = "telegram voice sms wecom feishu dingtalk email gateway"
CAUSES = (
    "powered_off no_answer busy rejected no_such_number cut_short carrier_blocked not_linked "
    "blocked"
)
VIAS = "button group words proxy reaction media voice sms page"


def one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


def upgrade() -> None:
    connection = op.get_bind()
    add_rules(
        connection,
        {
            "calls": {"answered_via_known": one_of("answered_via", VIAS)},
            "access_log": {"way_known": one_of("way", "bot board group command page")},
        },
    )
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def index(
        name: str, table: str, columns: list[str], where: str = "", *, unique: bool = False
    ) -> None:
        only = sa.text(where) if where else None
        op.create_index(
            name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only
        )

    op.create_table(
        "channel_addresses",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("verified_at", sa.BigInteger()),
        sa.Column("last_success_at", sa.BigInteger()),
        sa.Column("last_failure_at", sa.BigInteger()),
        sa.Column("cause", sa.String(16)),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.UniqueConstraint("person_id", "channel", "address"),
        rule("channel_known", one_of("channel", CHANNELS)),
        rule("cause_known", one_of("cause", CAUSES)),
        rule("failures_not_negative", "failures >= 0"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "channel_deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("provider_id", sa.String(120)),
        sa.Column("accepted_at", sa.BigInteger()),
        sa.Column("delivered_at", sa.BigInteger()),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("heard_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("cause", sa.String(16)),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        rule("channel_known", one_of("channel", CHANNELS)),
        rule("kind_known", one_of("kind", "call remind")),
        rule(
            "state_known",
            one_of("state", "queued claimed accepted delivered answered failed dropped"),
        ),
        rule("cause_known", one_of("cause", CAUSES)),
        rule("attempts_not_negative", "attempts >= 0"),
        rule("claimed_has_time", "state <> 'claimed' OR claimed_at IS NOT NULL"),
        rule(
            "ended_has_time",
            "state NOT IN ('answered', 'failed', 'dropped') OR ended_at IS NOT NULL",
        ),
        sqlite_autoincrement=True,
    )
    table = "channel_deliveries"
    once = ["call_id", "kind", "channel", "address"]
    index("channel_deliveries_once", table, once, "state <> 'dropped'", unique=True)
    queue = ["channel", "alert_id", "not_before", "id"]
    index("channel_deliveries_queue", table, queue, "state = 'queued'")
    index("channel_deliveries_claimed", table, ["claimed_at"], "state = 'claimed'")
    index("channel_deliveries_failed", table, ["ended_at"], "state = 'failed'")
    index("channel_deliveries_accepted", table, ["accepted_at"], "state = 'accepted'")
    index("channel_deliveries_alert", table, ["alert_id"])
    index("channel_deliveries_call", table, ["call_id", "id"])
    index("people_other_phones", "people", ["id"], "other_phones <> ''")
    index("channel_deliveries_person", table, ["person_id", "channel", "id"])
    known = "provider_id IS NOT NULL"
    index("channel_deliveries_provider", table, ["channel", "provider_id"], known)
    op.create_table(
        "channel_tries",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    index("channel_tries_address", "channel_tries", ["channel", "address", "at"])
    index("channel_tries_at", "channel_tries", ["at"])
    op.create_table(
        "channel_events",
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("event_id", sa.String(120), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "event_id"),
        sqlite_with_rowid=False,
    )
    index("channel_events_received", "channel_events", ["received_at"])
    op.create_table(
        "channel_nonces",
        sa.Column("nonce", sa.String(80), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
        sqlite_with_rowid=False,
    )
    index("channel_nonces_expires", "channel_nonces", ["expires_at"])
