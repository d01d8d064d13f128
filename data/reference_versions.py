"""How often each of the reference data was imported, so that processes that run load it anew.

An import is another process: it counts up in its transaction and signals, which is a hint to look
at once; every process also looks by itself now and then.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from data.database import signal
from data.tables.running import reference_versions

DIVISIONS, BOUNDARIES = "divisions", "boundaries"

IMPORTED = "reference"
"""The signal that something was imported."""


def count_up(connection: Connection, name: str) -> None:
    """``DIVISIONS`` or ``BOUNDARIES`` were imported, in this transaction."""
    changed = update(reference_versions).where(reference_versions.c.name == name)
    connection.execute(changed.values(version=reference_versions.c.version + 1))
    signal(connection, IMPORTED)


def versions(connection: Connection) -> dict[str, int]:
    """How often each was imported."""
    rows = connection.execute(select(reference_versions.c.name, reference_versions.c.version))
    return {row.name: row.version for row in rows}
