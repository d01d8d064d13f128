"""Test calls prove numbers and accounts; an answered call is taken back from its gateway."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists
from data.tables.columns import Id

revision = "0052"
down_revision = "0051"

CHANNELS = "telegram voice sms wecom feishu dingtalk email gateway"
HOW = "answer key card words code"


def one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


def upgrade() -> None:
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    op.add_column("channel_addresses", sa.Column("verified_how", sa.String(8)))
    op.add_column("channel_deliveries", sa.Column("test_line_id", sa.BigInteger()))
    op.add_column("channel_deliveries", sa.Column("withdrawn_at", sa.BigInteger()))
    op.add_column("equipment", sa.Column("proven_at", sa.BigInteger()))
    add_rules(
        connection,
        {
            "channel_addresses": {"verified_how_known": one_of("verified_how", HOW)},
            "channel_deliveries": {
                "kind_known": one_of("kind", "call remind test"),
                "test_has_line": "kind <> 'test' OR test_line_id IS NOT NULL",
            },
        },
    )

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    def index(
        name: str, table: str, columns: list[str], where: str = "", *, unique: bool = False
    ) -> None:
        only = sa.text(where) if where else None
        op.create_index(
            name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only
        )

    op.drop_index("channel_deliveries_once", "channel_deliveries")
    once = ["call_id", "kind", "channel", "address"]
    said = "state <> 'dropped' AND kind <> 'test'"
    index("channel_deliveries_once", "channel_deliveries", once, said, unique=True)
    of_tests = "test_line_id IS NOT NULL"
    index("channel_deliveries_test", "channel_deliveries", ["test_line_id", "id"], of_tests)
    op.create_table(
        "test_calls",
        sa.Column("id", Id, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("started_by", Id, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("channels", sa.String(100), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["started_by"], ["people.id"]),
        sqlite_autoincrement=True,
    )
    index("test_calls_open", "test_calls", ["division_code"], "closed_at IS NULL", unique=True)
    index("test_calls_division", "test_calls", ["division_code", "id"])
    op.create_table(
        "test_lines",
        sa.Column("id", Id, nullable=False),
        sa.Column("test_id", Id, nullable=False),
        sa.Column("person_id", Id),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("code", sa.String(6), nullable=False, server_default=sa.text("''")),
        sa.Column("wrong", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("codes", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("proven_at", sa.BigInteger()),
        sa.Column("how", sa.String(8)),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["test_id"], ["test_calls.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        rule("channel_known", one_of("channel", CHANNELS)),
        rule("how_known", one_of("how", HOW)),
        rule("wrong_not_negative", "wrong >= 0"),
        rule("proven_how", "(proven_at IS NULL) = (how IS NULL)"),
        sqlite_autoincrement=True,
    )
    index("test_lines_test", "test_lines", ["test_id", "id"])
    index("test_lines_person", "test_lines", ["person_id", "id"], "person_id IS NOT NULL")
