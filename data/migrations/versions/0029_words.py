"""How long a question hears typed words; calls answered by a reaction, a photo or a voice."""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("hears_until", sa.BigInteger()))
    known = "answered_via IN ('button', 'group', 'words', 'proxy', 'reaction', 'media')"
    add_rules(op.get_bind(), {"calls": {"answered_via_known": known}})
