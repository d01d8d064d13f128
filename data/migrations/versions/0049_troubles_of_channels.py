"""What a provider refuses is kept until it takes calls again; two causes more."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists

revision = "0049"
down_revision = "0048"

CAUSES = (
    "powered_off no_answer busy rejected no_such_number suspended out_of_reach cut_short "
    "carrier_blocked not_linked blocked"
)
CHANNELS = "telegram voice sms wecom feishu dingtalk email gateway"
TROUBLES = "no_money used_up not_approved not_allowed"


def one_of(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"{column} IN ({listed})"


def upgrade() -> None:
    connection = op.get_bind()
    known = {"cause_known": one_of("cause", CAUSES)}
    add_rules(connection, {"channel_addresses": known, "channel_deliveries": known})
    sqlite = connection.dialect.name == "sqlite"

    def rule(name: str, condition: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(without_lists(condition) if sqlite else condition, name=name)

    op.create_table(
        "channel_troubles",
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("trouble", sa.String(16), nullable=False),
        sa.Column("words", sa.String(80), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
        rule("channel_known", one_of("channel", CHANNELS)),
        rule("trouble_known", one_of("trouble", TROUBLES)),
        sqlite_with_rowid=False,
    )
