"""History: which alerts were archived, signed marks of how far the trail was; numbers used once.

SQLite gives the number of a deleted row again when it was the highest: what archiving takes away
would come back as another's. AUTOINCREMENT remembers the highest ever given. It is written into the
schema as SQLite's manual tells for changes that leave the rows as they are, so no table is copied.

How the calls of an alert stand is still told when they are archived: the triggers that count calls
do not count off those of an archived alert.
"""

import re
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_NUMBER = re.compile(r"\bid INTEGER NOT NULL")
_KEY = re.compile(r",\s*PRIMARY KEY \(id\)")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("archived_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "audit_marks",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    keys = op.create_table(
        "audit_keys",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # Here and once, so that no two processes ever make two.
    op.bulk_insert(keys, [{"id": 1, "secret": secrets.token_hex(32)}])
    if op.get_bind().dialect.name == "sqlite":
        _number_once()
        _count_on_sqlite()
    else:
        _count_on_postgresql()


ONE_ROW = ("audit_keys", "board_keys", "pulses", "bots")
"""Tables whose ``id`` is not given by the database."""


def _number_once() -> None:
    connection = op.get_bind()
    # SQLite makes its table of numbers with the first table that wants it.
    connection.exec_driver_sql("CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT)")
    connection.exec_driver_sql("DROP TABLE numbered")
    tables = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).all()
    changed = []
    for name, made_by in tables:
        if name in ONE_ROW or not (_NUMBER.search(made_by) and _KEY.search(made_by)):
            continue
        again = _NUMBER.sub("id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", made_by, count=1)
        changed.append((_KEY.sub("", again, count=1), name))
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for made_by, name in changed:
        connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (made_by, name)
        )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
    for _, name in changed:
        connection.exec_driver_sql(
            f"INSERT INTO sqlite_sequence (name, seq) SELECT '{name}', coalesce(max(id), 0) "
            f"FROM {name}"
        )


def _count_on_sqlite() -> None:
    connection = op.get_bind()
    made_by = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE name = 'calls_counted_gone'"
    ).scalar_one()
    again = made_by.replace(
        "AFTER DELETE ON calls BEGIN",
        "AFTER DELETE ON calls WHEN NOT EXISTS (SELECT 1 FROM alerts "
        "WHERE alerts.id = OLD.alert_id AND alerts.archived_at IS NOT NULL) BEGIN",
    )
    assert again != made_by
    op.execute("DROP TRIGGER calls_counted_gone")
    connection.exec_driver_sql(again)


def _count_on_postgresql() -> None:
    connection = op.get_bind()
    made_by = connection.exec_driver_sql(
        "SELECT pg_get_functiondef('count_calls'::regproc)"
    ).scalar_one()
    again = made_by.replace(
        "FROM lost GROUP BY",
        "FROM lost WHERE NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.id = lost.alert_id "
        "AND alerts.archived_at IS NOT NULL) GROUP BY",
    )
    assert again != made_by
    connection.exec_driver_sql(again.replace("%", "%%"))
