"""Addresses of calendars as rows: one of a person at a time works."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from data.tables.duty import calendar_links as table

_WORKS = table.c.ended_at.is_(None)


def renew(connection: Connection, person_id: int, now: datetime) -> int:
    """A new address; the one before, whoever has it, works no more. Returns its number."""
    end(connection, person_id, now)
    key = connection.execute(
        insert(table).values(person_id=person_id, made_at=now)
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def current(connection: Connection, person_id: int) -> int | None:
    """The number of the person's address that works; ``None``: there is none."""
    query = select(table.c.id).where(table.c.person_id == person_id, _WORKS)
    return connection.execute(query).scalar()


def end(connection: Connection, person_id: int, now: datetime) -> bool:
    """The person's address works no more; ``False``: there was none."""
    ended = update(table).where(table.c.person_id == person_id, _WORKS).values(ended_at=now)
    return connection.execute(ended).rowcount > 0


def made_at(connection: Connection, link_id: int, person_id: int) -> datetime | None:
    """Since when the address works; ``None``: it does not."""
    query = select(table.c.made_at).where(
        table.c.id == link_id, table.c.person_id == person_id, _WORKS
    )
    return connection.execute(query).scalar()
