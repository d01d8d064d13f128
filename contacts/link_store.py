"""The columns of a person that a link writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from contacts.people import Contact
from data.tables import people as table


def set_link(connection: Connection, person_id: int, telegram_id: int, now: datetime) -> None:
    """Tie a person to a Telegram account that belongs to nobody else; the caller has looked."""
    connection.execute(
        update(table)
        .where(table.c.id == person_id)
        .values(telegram_id=telegram_id, linked_at=now, contact=Contact.OK.value)
    )


def clear_link(connection: Connection, person_id: int, invite_code: str) -> None:
    """Untie a person, who gets a new invite code."""
    connection.execute(
        update(table)
        .where(table.c.id == person_id)
        .values(telegram_id=None, linked_at=None, contact=Contact.OK.value, invite_code=invite_code)
    )


def set_active(connection: Connection, person_id: int, *, active: bool) -> None:
    """Whether the person is in the roster."""
    connection.execute(update(table).where(table.c.id == person_id).values(active=active))
