"""On PostgreSQL a release enters its messages in one index less, and its calls are checked at once.

What new calls refer to was looked for once for each column; most hold nothing, or all the same.
The same rows are refused as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

REFERRED = {
    "alert_id": "alerts",
    "person_id": "people",
    "stand_in_for": "calls",
    "proxy_by": "people",
    "discharged_by": "people",
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("deliveries_alert", "deliveries")
    op.create_index(
        "deliveries_alert",
        "deliveries",
        ["alert_id", "kind"],
        unique=False,
        postgresql_where=sa.text("state <> 'queued' OR uncertain_at IS NOT NULL"),
    )
    op.execute(_refer_new_calls())


def _refer_new_calls() -> str:
    """One look at the rows says what they refer to: to nothing, to one thing, or to many."""
    # EXECUTE plans anew each time: for a few calls by the index, for thousands all of them joined.
    # And all are counted, for to find the first one only another way would seem cheaper.
    looks = " ".join(
        f"IF {column}_low = {column}_high THEN "
        f"missing := NOT EXISTS (SELECT FROM {table} known WHERE known.id = {column}_low); "
        f"ELSIF {column}_low IS NULL THEN missing := false; "
        f"ELSE EXECUTE 'SELECT count(*) > 0 FROM gained WHERE gained.{column} IS NOT NULL AND "
        f"NOT EXISTS (SELECT FROM {table} known WHERE known.id = gained.{column})' INTO missing; "
        f"END IF; IF missing THEN RAISE EXCEPTION 'a call refers by {column} to what is not there' "
        "USING ERRCODE = 'foreign_key_violation', TABLE = 'calls', "
        f"COLUMN = '{column}', CONSTRAINT = 'calls_{column}_fkey'; END IF;"
        for column, table in REFERRED.items()
    )
    declared = " ".join(f"{column}_low bigint; {column}_high bigint;" for column in REFERRED)
    asked = ", ".join(f"min({column}), max({column})" for column in REFERRED)
    known = ", ".join(f"{column}_low, {column}_high" for column in REFERRED)
    return (
        "CREATE OR REPLACE FUNCTION refer_new_calls() RETURNS trigger LANGUAGE plpgsql AS $refer$ "
        f"DECLARE missing boolean; {declared} BEGIN SELECT {asked} INTO {known} FROM gained; "
        f"{looks} RETURN NULL; END $refer$"
    )
