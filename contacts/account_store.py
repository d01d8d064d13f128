"""The accounts and e-mail addresses of persons that a list names, as rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from contacts import people_store
from contacts.channels import Channel
from data import audit
from data.tables.channels import channel_addresses as table
from data.tables.contacts import people


def known_accounts(
    connection: Connection, channels: Collection[Channel]
) -> dict[tuple[str, Channel], tuple[str, ...]]:
    """The accounts of everybody in these channels, by the person's number, the first first.

    Not the numbers by which somebody was looked for and not found.
    """
    words = [channel.value for channel in channels]
    query = (
        select(people.c.phone, table.c.channel, table.c.address)
        .join(table, table.c.person_id == people.c.id)
        .where(table.c.channel.in_(words), ~table.c.address.startswith("+"))
        .order_by(table.c.place, table.c.id)
    )
    found: dict[tuple[str, Channel], tuple[str, ...]] = {}
    for phone, word, address in connection.execute(query):
        whose = (phone, Channel(word))
        found[whose] = (*found.get(whose, ()), address)
    return found


def set_accounts(
    connection: Connection,
    listed: Mapping[tuple[str, Channel], tuple[str, ...]],
    now: datetime,
    source: dict[str, Any],
) -> None:
    """These are the accounts of these persons in these channels, and no others.

    One that stays keeps what is known of it. The trail has stand-ins of them.
    """
    entries = []
    for (phone, channel), addresses in listed.items():
        person = people_store.person_by_phone(connection, phone)
        if person is None:
            continue
        mine = (table.c.person_id == person.id, table.c.channel == channel.value)
        query = select(table.c.address).where(*mine)
        stored = set(connection.execute(query).scalars())
        connection.execute(delete(table).where(*mine, table.c.address.not_in(addresses)))
        for place, address in enumerate(addresses):
            key = {"person_id": person.id, "channel": channel.value, "address": address}
            if address in stored:
                same = update(table).where(*mine, table.c.address == address)
                connection.execute(same.values(place=place, found_by=None))
            else:
                connection.execute(insert(table).values(**key, place=place))
        detail = {
            **source,
            "channel": channel.value,
            "addresses": [audit.hidden(connection, address) for address in addresses],
        }
        entries.append(audit.Entry("person.accounts", f"person:{person.id}", detail=detail))
    audit.append(connection, now, entries)
