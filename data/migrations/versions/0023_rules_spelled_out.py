"""On SQLite the rules of rows are spelled out: a list in a rule made a table for every row."""

from alembic import op

from data.migrations.rules import spell_out_lists

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        spell_out_lists(connection)
