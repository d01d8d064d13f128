"""On PostgreSQL the end of the trail is found by its index, however long the trail is.

``EXISTS (… WHERE seq > high)`` read all of it at each append: the planner, not knowing ``high``,
expects a third of the entries to be beyond it, and looks for the first of them from the beginning.
"""

from alembic import op

revision = "0031"
down_revision = "0030"

_GAPLESS = "an entry of the trail follows the one before"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(AUDIT_GAPLESS)


AUDIT_GAPLESS = (
    "CREATE OR REPLACE FUNCTION audit_gapless() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "DECLARE low bigint; high bigint; many bigint; BEGIN "
    "SELECT min(seq), max(seq), count(*) INTO low, high, many FROM added; "
    "IF many > 0 AND (low <= 0 OR high - low + 1 <> many "
    "OR low > 1 AND NOT EXISTS (SELECT FROM audit WHERE seq = low - 1) "
    "OR (SELECT max(seq) FROM audit) > high) "
    f"THEN RAISE EXCEPTION '{_GAPLESS}' "
    "USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_gapless', TABLE = 'audit'; "
    "END IF; RETURN NULL; END $$"
)
