"""The command board: the key its links are signed with, and which of them were opened."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    keys = op.create_table(
        "board_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # Here and once, so that no two processes ever make two.
    op.bulk_insert(keys, [{"id": 1, "secret": secrets.token_hex(32)}])
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "board_links",
        sa.Column("id", number, nullable=False),
        sa.Column("person_id", number, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("board_links_made", "board_links", ["made_at"], unique=False)
