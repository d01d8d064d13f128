"""On SQLite a long rule of words compares with those of the same length only: messages are queued
in two thirds of the time."""

from alembic import op

from data.migrations.rules import shorten_chains

revision = "0088"
down_revision = "0087"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        shorten_chains(connection)
