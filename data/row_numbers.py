"""The numbers that rows get: where they go on, and how they are moved past numbers of another life.

A number that was once given out stands in buttons of old chats for years. So none is given twice,
not even when its row was archived, or when a database is put back that does not know what was
given out after it was copied.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select, text

from data.tables import metadata

JUMP = 1_000_000
"""Numbers left out after a restore: more than a province gives out between two backups."""


def numbered() -> list[Table]:
    """The tables whose rows are numbered by the database."""
    return [table for table in metadata.sorted_tables if table.autoincrement_column is not None]


def jump(connection: Connection) -> None:
    """Leave out ``JUMP`` numbers in every numbered table."""
    for table in numbered():
        highest = connection.execute(select(func.max(table.c.id))).scalar() or 0
        if connection.dialect.name == "sqlite":
            known = connection.execute(_KNOWN, {"name": table.name}).scalar()
            given = {"name": table.name, "number": max(highest, known or 0) + JUMP}
            connection.execute(_ENTER if known is None else _CHANGE, given)
        else:
            counter = select(func.pg_get_serial_sequence(table.name, "id"))
            sequence = connection.execute(counter).scalar_one()
            reached = connection.execute(text(f"SELECT last_value FROM {sequence}")).scalar_one()
            number = max(highest, int(reached)) + JUMP
            connection.execute(select(func.setval(sequence, number)))


_KNOWN = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_ENTER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)")
_CHANGE = text("UPDATE sqlite_sequence SET seq = :number WHERE name = :name")
