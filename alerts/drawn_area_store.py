"""Drawings made on the command wall, kept for the warning that their commander goes on to write."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from data.audit import Entry, append
from data.tables.land import drawn_areas as table

KEPT_FOR = timedelta(days=7)
"""How long a drawing can be taken up (ours); a warning keeps its own copy."""


def keep(connection: Connection, person_id: int, shape: str, villages: int, now: datetime) -> int:
    """Keep a drawing; returns its id. Entered in the trail.

    :param shape: GeoJSON, WGS-84.
    :param villages: how many it holds.
    """
    connection.execute(delete(table).where(table.c.created_at < now - KEPT_FOR))
    values = {"person_id": person_id, "shape": shape, "created_at": now}
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    detail = {"villages": villages}
    append(connection, now, [Entry("area.drawn", f"person:{person_id}", person_id, detail)])
    return int(key[0])


def drawing(connection: Connection, drawn_id: int, person_id: int) -> str | None:
    """The shape of a drawing that this person made; ``None`` where there is none any more."""
    query = select(table.c.shape).where(table.c.id == drawn_id, table.c.person_id == person_id)
    return connection.execute(query).scalar()
