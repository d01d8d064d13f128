"""Links to the command board as rows: each opens once, whichever process it is opened at."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from data.tables.running import board_keys, board_links

KEPT = timedelta(days=1)
"""How long a row is kept: longer than any link lives."""


def secret(connection: Connection) -> str:
    """What this database's links are signed with, unless the configuration says otherwise."""
    return str(connection.execute(select(board_keys.c.secret)).scalar_one())


def add_link(connection: Connection, person_id: int, now: datetime) -> int:
    """Note a new link; returns its number. Rows of links long dead are dropped."""
    connection.execute(delete(board_links).where(board_links.c.made_at < now - KEPT))
    key = connection.execute(
        insert(board_links).values(person_id=person_id, made_at=now)
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def open_once(connection: Connection, link_id: int, now: datetime) -> bool:
    """Open the link; ``False`` when it was opened before."""
    opened = connection.execute(
        update(board_links)
        .where(board_links.c.id == link_id, board_links.c.opened_at.is_(None))
        .values(opened_at=now)
    )
    return opened.rowcount == 1
